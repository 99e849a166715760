/**
 * The routes of the control for messages: those that arrive, and what becomes of those that were sent.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { LocalResponse } from "../../internal/dialect/shared/localClient.js"
import {
  decodeBase64,
  literals,
  optionalInput,
  record,
  requestDecoder
} from "../../internal/dialect/schema.js"
import type { ApiFailure } from "../exchange.js"
import type { SentAttachment } from "../state/world.js"
import {
  type ControlCall,
  type ControlRoute,
  failWith,
  okResponse,
  readJson,
  succeedWith,
  wrong
} from "./dispatch.js"
import type { RawMailOptions } from "./model.js"

const InboundBody = Schema.Struct({
  to: optionalInput(Schema.String),
  from: optionalInput(Schema.String),
  subject: optionalInput(Schema.String),
  text: optionalInput(Schema.String),
  html: optionalInput(Schema.String),
  headers: optionalInput(record(Schema.String)),
  attachments: optionalInput(
    Schema.Array(
      Schema.Struct({
        filename: Schema.String,
        content_type: optionalInput(Schema.String),
        /** In base64. */
        content: Schema.String,
        disposition: optionalInput(literals("attachment", "inline")),
        content_id: optionalInput(Schema.String)
      })
    )
  ),
  spam: optionalInput(Schema.Boolean),
  /** A message in the format of RFC 5322, in place of the fields. */
  raw: optionalInput(Schema.String)
})

type InboundBody = typeof InboundBody.Type

const readInbound = requestDecoder(InboundBody)

const readOutcome = requestDecoder(
  Schema.Struct({
    outcome: literals("delivered", "bounced", "complained", "rejected", "delayed"),
    recipient: optionalInput(Schema.String),
    bounce_type: optionalInput(literals("Permanent", "Transient", "Undetermined")),
    bounce_subtype: optionalInput(Schema.String),
    complaint_type: optionalInput(Schema.String),
    reject_reason: optionalInput(Schema.String),
    delay_type: optionalInput(Schema.String)
  })
)

const filesOf = (
  files: NonNullable<InboundBody["attachments"]>
): Effect.Effect<ReadonlyArray<SentAttachment>, ApiFailure> =>
  Effect.forEach(files, ({ content, content_type, ...file }, index) => {
    const bytes = decodeBase64(content.replace(/[\r\n]/g, ""))
    return bytes === undefined
      ? wrong(`attachments[${index}].content`, "is not valid base64")
      : Effect.succeed({ ...file, content_type: content_type ?? "application/octet-stream", bytes })
  })

/** The fields that a raw message has by itself. */
const fieldsOfRaw = ["from", "subject", "text", "html", "headers", "attachments"] as const

const deliver = (call: ControlCall): Effect.Effect<LocalResponse, ApiFailure> =>
  Effect.gen(function* () {
    const { raw, ...mail } = yield* readJson(call.request, readInbound)
    if (raw !== undefined) {
      const surplus = fieldsOfRaw.find((field) => mail[field] !== undefined)
      if (surplus !== undefined) return yield* wrong(surplus, "cannot be set together with raw")
      return yield* deliverRaw(call, raw, { to: mail.to, spam: mail.spam })
    }
    const { attachments = [], to } = mail
    if (to === undefined) return yield* wrong("to", "is missing. Set it to the address of a mailbox")
    const arrived = yield* call.control.deliver({ ...mail, to, attachments: yield* filesOf(attachments) })
    return arrived === undefined
      ? yield* failWith("not_found", `No active mailbox has the address ${to}`)
      : okResponse({ id: arrived.id, mailbox_id: arrived.mailboxId })
  })

const deliverRaw = (
  { control }: ControlCall,
  raw: string | Uint8Array,
  options: RawMailOptions
): Effect.Effect<LocalResponse, ApiFailure> =>
  control.deliverRaw(raw, options).pipe(
    Effect.catchTag("InboundMailError", ({ detail }) => failWith("validation_error", detail)),
    Effect.flatMap((arrived) => {
      const [first] = arrived
      return first === undefined
        ? failWith(
            "not_found",
            "No active mailbox has an address of a recipient. Set `to` to that of a mailbox"
          )
        : succeedWith({
            id: first.id,
            mailbox_id: first.mailboxId,
            arrivals: arrived.map(({ id, mailboxId }) => ({ id, mailbox_id: mailboxId }))
          })
    })
  )

const rawType = /^message\/rfc822\s*(?:;|$)/i

export const mailRoutes: ReadonlyArray<ControlRoute> = [
  {
    method: "POST",
    pattern: "/inbound",
    handle: (call) => {
      const { body, headers, url } = call.request
      if (!rawType.test(headers["content-type"] ?? "")) return deliver(call)
      const to = url.searchParams.getAll("to")
      return deliverRaw(call, body, {
        to: to.length === 0 ? undefined : to,
        spam: url.searchParams.get("spam") === "true"
      })
    }
  },
  {
    method: "POST",
    pattern: "/outbox/{id}/outcome",
    handle: ({ control, params: [id = ""], request }) =>
      Effect.gen(function* () {
        const outcome = yield* readJson(request, readOutcome)
        if (yield* control.setOutcome(id, outcome)) return okResponse()
        return yield* failWith(
          "not_found",
          outcome.recipient === undefined
            ? `The outbox has no message ${id}`
            : `The outbox has no message ${id} to ${outcome.recipient}`
        )
      })
  }
]
