/**
 * Gives each message that arrives in a mailbox a ticket, and replies to it once. It can be killed and started again at any time.
 */
import { randomInt } from "node:crypto"
import { APIError, Mailbox } from "effect-sendmux"
import * as Credentials from "effect-sendmux/Credentials"
import { eventIdsInKeyValueStore } from "effect-sendmux/Mailbox"
import * as Template from "effect-sendmux/Template"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeKeyValueStore from "@effect/platform-node/NodeKeyValueStore"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** The ticket of a message. It is stored before the reply begins, so that another attempt has the same text. */
const ticketOf = (messageId: string) =>
  Effect.gen(function* () {
    const store = yield* KeyValueStore.KeyValueStore
    const known = yield* store.get(`ticket-${messageId}`)
    if (Option.isSome(known)) return known.value
    const ticket = `T${randomInt(100_000, 1_000_000)}`
    yield* store.set(`ticket-${messageId}`, ticket)
    return ticket
  })

/** A reply to the mail of a program could be answered by that program, without an end. */
const isFromProgram = (address: string) => /^(?:no-?reply|mailer-daemon|postmaster|bounces?)\b/i.test(address)

const worker = Effect.gen(function* () {
  const { messages } = yield* Mailbox
  const store = yield* eventIdsInKeyValueStore("position")
  yield* messages.incoming({ from: "unread" }, { store }).pipe(
    Stream.filter(({ from }) => from?.email != null && !isFromProgram(from.email)),
    Stream.runForEach(({ from, id, subject }) =>
      Effect.gen(function* () {
        const { body } = yield* messages.getContent(id)
        const ticket = yield* ticketOf(id)
        // The text of a stranger may contain template tags, which would be replaced in our reply.
        const question = Template.escape(body.text ?? "").replaceAll("\n", "\n> ")
        yield* messages.reply(id, {
          text_body: `Your ticket is ${ticket}. We will answer soon.\n\n> ${question}`
        })
        yield* Console.log(`${ticket}: replied to "${subject}" of ${from?.email}`)
      }).pipe(Effect.catchIf(APIError.is("not_found"), () => Console.log(`"${subject}" was deleted`)))
    )
  )
})

const mailbox = Layer.provide(Mailbox.layerConfig(Credentials.env("mailbox")), NodeHttpClient.layerUndici)

/** The position in the mailbox, and the tickets, as files in a folder. */
const state = NodeKeyValueStore.layerFileSystem(process.env["STATE"] ?? "state")

const sandbox = process.env["SENDMUX_SANDBOX_URL"]
if (sandbox !== undefined) {
  const message = { to: "agent@sandbox.test", from: "ada@example.org", subject: "A question", text: "When?" }
  console.log(`Write to it:  curl ${sandbox}/__sandbox/inbound -H content-type:application/json \\`)
  console.log(`                -d '${JSON.stringify(message)}'`)
  console.log(`Look at it:   ${sandbox}`)
}

NodeRuntime.runMain(Effect.provide(worker, [mailbox, state]))
