import * as Effect from "effect/Effect"
import { fork } from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Mailbox, Sandbox } from "effect-sendmux"
import { say, scene, show } from "./stage.js"

const question = `Hello,

is the shop open on Sunday? I would come by with the lamp.

Ada

-- 
Ada Lovelace
12 St James's Square

On Monday, the shop wrote:
> Your lamp can be repaired.
`

const inbox = Effect.gen(function* () {
  yield* scene("Reply to a message as an agent")
  const mailbox = yield* Mailbox
  const control = yield* Sandbox.Control

  const arriving = yield* fork(
    mailbox.messages.waitFor({ from: "ada@example.org" }, { timeout: "10 seconds" })
  )
  yield* control.deliver({
    to: "agent@sandbox.test",
    from: { email: "ada@example.org", name: "Ada" },
    subject: "Sunday",
    text: question
  })
  const message = yield* Fiber.join(arriving)
  yield* show("received", `${message.subject}, from ${message.from?.email}`)

  const { body } = yield* mailbox.messages.getContent(message.id)
  yield* say("   its text without quotes and signature:")
  for (const line of (body.text ?? "").trim().split("\n")) yield* say(`     ${line}`)

  const started = yield* mailbox.drafts.reply(message.id, {
    text_body: "Dear Ada,\n\nyes, from ten to four. Bring the lamp.\n\nThe shop"
  })
  const draft = yield* mailbox.drafts.waitUntilReady(started.id)
  const sent = yield* mailbox.drafts.sendAndConfirm(draft)
  yield* show("sent from a draft", `${sent.subject}, ${sent.status}`)

  yield* say("   the thread:")
  yield* mailbox.threads
    .getContent(message.thread_id ?? "", { sort: "asc" })
    .pipe(
      Stream.runForEach((one) =>
        show(`  ${one.participants.from?.email ?? ""}`, (one.body.text ?? "").trim().split("\n").join(" "))
      )
    )
})

/** The scenes of Mailbox, which require the sandbox. */
export const mailboxScenes = inbox
