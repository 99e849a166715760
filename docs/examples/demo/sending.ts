import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import { GenericTag } from "effect/Context"
import * as Effect from "effect/Effect"
import { APIError, Sandbox, Sending } from "effect-sendmux"
import { SendingFiles } from "effect-sendmux/SendingFiles"
import { say, scene, show } from "./stage.js"

/** The sender and the recipient of the messages. */
export interface Addresses {
  readonly from: string
  readonly to: string
}

export const Addresses = GenericTag<Addresses>("demo/Addresses")

const message = (subject: string) =>
  Effect.map(Addresses, ({ from, to }) => ({
    from: { email: from, name: "The demo" },
    to: { email: to },
    subject,
    html_body: `<p>${subject}, from effect-sendmux.</p>`
  }))

const sendOnce = Effect.gen(function* () {
  yield* scene("Send a message twice with the same idempotency key")
  const sending = yield* Sending
  const key = `demo-welcome-${yield* Clock.currentTimeMillis}`
  const email = yield* message("Welcome")
  const first = yield* sending.emails.send(email, { idempotencyKey: key })
  const second = yield* sending.emails.send(email, { idempotencyKey: key })
  yield* show("message", first.message_id)
  yield* show("second call", second.message_id)
  yield* say(
    first.message_id === second.message_id
      ? "   One message was sent."
      : "   Unexpected: two messages were sent."
  )
})

const sendBatch = Effect.gen(function* () {
  yield* scene("Send a batch with an invalid address")
  const sending = yield* Sending
  const valid = yield* message("Newsletter")
  const { results, summary } = yield* sending.emails.sendBatch({
    messages: [
      valid,
      { ...valid, to: { email: "nobody@nowhere" } },
      { ...valid, subject: "Newsletter, again" }
    ]
  })
  for (const result of results) {
    yield* show(
      `${result.index + 1}. ${result.message.to.email}`,
      result._tag === "Queued" ? `queued as ${result.message_id}` : `failed: ${result.error.code}`
    )
  }
  yield* show("summary", `${summary.queued} queued, ${summary.failed} failed`)
})

const sendFiles = Effect.gen(function* () {
  yield* scene("Upload attachments with and without the API key")
  const sending = yield* Sending
  const files = yield* SendingFiles
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const report = path.join(yield* fs.makeTempDirectoryScoped(), "report.csv")
  yield* fs.writeFileString(report, "month,mails\n2026-10,1204\n2026-11,1518\n")
  const direct = yield* files.attachments.uploadFile(report)
  const delegated = yield* sending.attachments.uploadDelegated({
    filename: "note.txt",
    content: new TextEncoder().encode("Uploaded without the API key.")
  })
  yield* show("with the API key", `${direct.filename}, ${direct.content_type}, ${direct.size_bytes} bytes`)
  yield* show(
    "without the API key",
    `${delegated.filename}, ${delegated.content_type}, ${delegated.size_bytes} bytes`
  )
  const { message_id } = yield* sending.emails.send({
    ...(yield* message("Two files")),
    attachments: [{ attachment_id: direct.attachment_id }, { attachment_id: delegated.attachment_id }]
  })
  yield* show("message", message_id)
}).pipe(Effect.scoped)

const handleErrors = Effect.gen(function* () {
  yield* scene("Handle an error by its code")
  const sending = yield* Sending
  const email = yield* message("Missing")
  yield* sending.emails
    .send({ ...email, attachments: [{ attachment_id: "att_000000000000000000000000" }] })
    .pipe(
      Effect.flatMap(({ message_id }) => show("sent", message_id)),
      Effect.catchIf(APIError.is("validation_error", "not_found"), (error) =>
        Effect.gen(function* () {
          yield* show("code", error.code)
          yield* show("field", error.errors.map(({ field, message }) => `${field}: ${message}`).join("; "))
          yield* show("request id", error.requestId ?? "none")
        })
      )
    )
  const invalid = yield* Effect.flip(sending.emails.send({ ...email, subject: "two\nlines" }))
  yield* show("invalid input", invalid.message)
})

/** The scenes that run against the sandbox and against the real API. */
export const liveScenes = Effect.gen(function* () {
  yield* sendOnce
  yield* sendBatch
  yield* sendFiles
  yield* handleErrors
})

const retry = Effect.gen(function* () {
  yield* scene("Retry after a rate limit and a lost response")
  const sending = yield* Sending
  const control = yield* Sandbox.Control
  const before = (yield* control.outbox).length
  yield* control.inject({ operation: "sending.emails.send", kind: { _tag: "RateLimited", retryAfter: 1 } })
  yield* control.inject({ operation: "sending.emails.send", kind: { _tag: "ResponseLost" } })
  const startedAt = yield* Clock.currentTimeMillis
  const { data, meta } = yield* sending.emails.send.withResponse(yield* message("Retried"))
  const took = (yield* Clock.currentTimeMillis) - startedAt
  yield* say(
    "   The server responded with 429 and Retry-After: 1, then accepted the message, but its response was lost."
  )
  yield* show("message", data.message_id)
  yield* show("requests", `${meta.attempts} requests in ${(took / 1000).toFixed(1)} s`)
  yield* show("messages sent", (yield* control.outbox).length - before)
})

const outbox = Effect.gen(function* () {
  yield* scene("Read the outbox of the sandbox")
  const control = yield* Sandbox.Control
  for (const email of yield* control.outbox) {
    const files = email.attachments.map(({ filename }) => filename).join(", ")
    yield* show(
      email.subject,
      `to ${email.to.map(({ email }) => email).join(", ")}${files && ` with ${files}`}`
    )
  }
})

/** The scenes that require the sandbox. */
export const sandboxScenes = Effect.gen(function* () {
  yield* retry
  yield* outbox
})
