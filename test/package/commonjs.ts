/**
 * A program in a folder as `npm init` makes it, whose files are CommonJS modules: the compiler turns its imports into `require`.
 * `Effect` is then another copy of the module than the one that the package imports.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { APIError, InvalidRequestError, Mailbox, Sandbox, Sending } from "effect-sendmux"
import * as Layer from "effect/Layer"

const message = {
  from: { email: "hello@example.com" },
  to: { email: "agent@sandbox.test" },
  subject: "Welcome",
  html_body: "<p>Hi</p>"
}

const program = Effect.gen(function* () {
  const sending = yield* Sending
  const mailbox = yield* Mailbox
  const { status } = yield* sending.emails.send(message)
  const received = yield* Stream.runCollect(mailbox.messages.list())
  const invalid = yield* Effect.flip(sending.emails.send({ ...message, subject: "" }))
  const missing = yield* Effect.flip(sending.attachments.get("att_000000000000000000000000"))
  return [
    status,
    [...received].length,
    invalid instanceof InvalidRequestError || invalid instanceof APIError,
    APIError.is("not_found")(missing)
  ]
}).pipe(
  Effect.provide(
    Layer.mergeAll(
      Sending.layer({ apiKey: Sandbox.mailboxKey }),
      Mailbox.layer({ apiKey: Sandbox.mailboxKey })
    )
  ),
  Effect.provide(Sandbox.layer)
)

Effect.runPromise(program).then((result) => console.log(result.join(" ")))
