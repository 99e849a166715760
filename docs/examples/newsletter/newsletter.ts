/**
 * Sends a newsletter to each reader once. If it is killed, the next start continues where it stopped.
 */
import { Sending } from "effect-sendmux"
import { Bulk, type BulkMessage, Progress } from "effect-sendmux/Bulk"
import * as Credentials from "effect-sendmux/Credentials"
import * as LedgerSqlite from "effect-sendmux/LedgerSqlite"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

/** The readers would come from your database, in any order, as an iterable or a stream. */
const total = 5000
function* newsletter(): Generator<BulkMessage> {
  for (let reader = 1; reader <= total; reader++) {
    yield {
      // The ledger knows the reader by this id.
      id: `reader-${reader}`,
      email: {
        from: { email: "news@sandbox.test", name: "Example News" },
        to: { email: `reader-${reader}@example.org` },
        subject: "The news of November",
        html_body: `<p>Hello reader ${reader}, there is news.</p>`
      }
    }
  }
}

/** Prints a line for each message that was not sent, and the reason. */
const send = Stream.runForEach(Bulk.send(newsletter(), { campaign: "november", total }), (outcome) => {
  switch (outcome._tag) {
    case "Queued":
      return Effect.void
    case "Rejected":
      return Console.error(`${outcome.id} was rejected: ${outcome.error.code}`)
    case "Unconfirmed":
      return Console.error(`${outcome.id} may have been sent: ${outcome.reason}`)
  }
})

const program = Effect.gen(function* () {
  const progress = yield* Progress
  const print = Effect.flatMap(progress.snapshot, ({ queued, rate, rejected }) =>
    Console.log(`${queued} of ${total} sent, ${rejected} rejected, ${rate.toFixed(0)} per second`)
  )
  yield* Effect.raceFirst(send, Effect.forever(Effect.delay(print, "500 millis")))
  yield* print
})

const sending = Layer.provide(Sending.layerConfig(Credentials.env("sending")), NodeHttpClient.layerUndici)

/** The file knows what was sent. Without it, everything would be sent again. */
const ledger = LedgerSqlite.layer({ filename: process.env["LEDGER"] ?? "newsletter.sqlite" })

NodeRuntime.runMain(Effect.provide(program, [sending, ledger, Progress.layer]))
