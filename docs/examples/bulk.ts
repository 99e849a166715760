/**
 * Sends a campaign with a progress bar, against a sandbox in this process: `npm run bulk -- --messages 5000`.
 *
 * Interrupt it with Ctrl+C and run it with the same `--ledger` file again: it continues where it stopped. The sandbox is
 * new in each run, so that only the messages of this run are in it.
 */
import { parseArgs } from "node:util"
import { progress as makeBar } from "@clack/prompts"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Sandbox, Sending } from "effect-sendmux"
import { Bulk, type BulkMessage, Progress, type ProgressSnapshot } from "effect-sendmux/Bulk"
import * as LedgerSqlite from "effect-sendmux/LedgerSqlite"

/** A progress bar, or anything else that shows progress. */
export interface Bar {
  readonly advance: (by: number, text: string) => void
  readonly stop: (text: string) => void
}

const time = (millis: number) => new Date(millis).toISOString().slice(11, 19)

/** Describes the progress in one line. */
export const describe = ({
  estimatedEnd,
  queued,
  rate,
  rejected,
  unconfirmed,
  waitingUntil
}: ProgressSnapshot): string =>
  [
    `${queued} queued`,
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
    ...(unconfirmed > 0 ? [`${unconfirmed} unconfirmed`] : []),
    `${rate.toFixed(0)} per second`,
    ...(waitingUntil === undefined ? [] : [`waiting until ${time(waitingUntil)}`]),
    ...(estimatedEnd === undefined ? [] : [`ends at about ${time(estimatedEnd)}`])
  ].join(", ")

/** Sends a campaign, and shows its progress in a bar until it ends. */
export const sendWithBar = (messages: Iterable<BulkMessage>, total: number, bar: Bar) =>
  Effect.gen(function* () {
    const progress = yield* Progress
    let shown = 0
    const show = (snapshot: ProgressSnapshot) =>
      Effect.sync(() => {
        const done = snapshot.queued + snapshot.rejected + snapshot.unconfirmed
        bar.advance(done - shown, describe(snapshot))
        shown = done
      })
    const run = Stream.runDrain(Bulk.send(messages, { campaign: "news", total }))
    yield* Effect.raceFirst(run, Stream.runForEach(progress.changes("200 millis"), show))
    const last = yield* progress.snapshot
    yield* show(last)
    bar.stop(describe(last))
    return last
  })

function* newsletter(count: number): Generator<BulkMessage> {
  for (let index = 0; index < count; index++) {
    yield {
      id: `reader-${index}`,
      email: {
        from: { email: "news@example.com" },
        to: { email: `reader-${index}@example.org` },
        subject: "News",
        html_body: "<p>There is news.</p>"
      }
    }
  }
}

const main = () => {
  const { values } = parseArgs({
    options: {
      messages: { type: "string", default: "5000" },
      ledger: { type: "string", default: ":memory:" }
    }
  })
  const total = Number(values.messages)
  const bar = makeBar({ max: total })
  bar.start("Sending")
  const services = Layer.mergeAll(
    Layer.provide(Sending.layer({ apiKey: Sandbox.mailboxKey }), Sandbox.layer),
    LedgerSqlite.layer({ filename: values.ledger }),
    Progress.layer
  )
  NodeRuntime.runMain(Effect.provide(sendWithBar(newsletter(total), total, bar), services))
}

if (import.meta.url === `file://${process.argv[1]}`) main()
