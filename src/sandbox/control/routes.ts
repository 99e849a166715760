/**
 * The control over HTTP, below `/__sandbox`, for clients in any language.
 */

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  encodeBase64,
  literals,
  optionalInput,
  record,
  requestDecoder,
  union
} from "../../internal/dialect/schema.js"
import { parseJson } from "../../internal/values/json.js"
import type { Answer, SandboxRequest } from "../exchange.js"
import type { FaultKind } from "../state/faults.js"
import type { SentEmail } from "../state/world.js"
import type { SandboxControl } from "./control.js"

const InboundBody = Schema.Struct({
  to: Schema.String,
  from: optionalInput(Schema.String),
  subject: optionalInput(Schema.String),
  text: optionalInput(Schema.String),
  html: optionalInput(Schema.String),
  headers: optionalInput(record(Schema.String)),
  spam: optionalInput(Schema.Boolean)
})

const kind = <const Tag extends FaultKind["_tag"], Fields extends Schema.Struct.Fields>(
  tag: Tag,
  fields: Fields
) => Schema.Struct({ _tag: literals(tag), ...fields })

const FaultBody = Schema.Struct({
  operation: optionalInput(Schema.String),
  times: optionalInput(Schema.Number),
  kind: union(
    kind("RateLimited", { retryAfter: optionalInput(Schema.Number) }),
    kind("Refused", {
      status: Schema.Number,
      code: optionalInput(Schema.String),
      retryable: optionalInput(Schema.Boolean),
      retryAfter: optionalInput(Schema.Number)
    }),
    kind("BadGateway", {}),
    kind("ConnectionLost", {}),
    kind("AnswerLost", {}),
    kind("AnswerCut", {}),
    kind("Slow", { millis: Schema.Number })
  )
})

const readInbound = requestDecoder(InboundBody)
const readForgetting = requestDecoder(Schema.Struct({ mailbox: Schema.String }))
const readFault = requestDecoder(FaultBody)

/** Answers a request to the control; `undefined` for any other. */
export const controlOverHttp =
  (control: SandboxControl) =>
  (request: SandboxRequest): Effect.Effect<Answer> | undefined => {
    if (!request.url.pathname.startsWith("/__sandbox/")) return undefined
    switch (`${request.method} ${request.url.pathname.slice("/__sandbox".length)}`) {
      case "GET /health":
        return Effect.succeed(jsonAnswer(200, { ok: true }))
      case "GET /outbox":
        return Effect.map(control.outbox, (emails) => jsonAnswer(200, { emails: emails.map(showEmail) }))
      case "GET /requests":
        return Effect.map(control.requests, (requests) => jsonAnswer(200, { requests }))
      case "POST /inbound":
        return withBody(request, readInbound, (mail) =>
          Effect.map(control.deliver(mail), (arrived) =>
            arrived ? done : jsonAnswer(404, { ok: false, error: `no mailbox has the address ${mail.to}` })
          )
        )
      case "POST /forget-changes":
        return withBody(request, readForgetting, ({ mailbox }) =>
          Effect.map(control.forgetChanges(mailbox), (known) =>
            known ? done : jsonAnswer(404, { ok: false, error: `there is no mailbox ${mailbox}` })
          )
        )
      case "POST /faults":
        return withBody(request, readFault, (fault) => Effect.as(control.inject(fault), done))
      case "DELETE /faults":
        return Effect.map(control.clearFaults, () => jsonAnswer(200, { ok: true }))
      default:
        return Effect.succeed(jsonAnswer(404, { ok: false, error: "The sandbox's control has no such path" }))
    }
  }

const withBody = <A>(
  request: SandboxRequest,
  read: ReturnType<typeof requestDecoder<A, unknown>>,
  use: (body: A) => Effect.Effect<Answer>
): Effect.Effect<Answer> => {
  const coded = read(parse(request.body))
  return coded.ok
    ? use(coded.value)
    : Effect.succeed(
        jsonAnswer(422, {
          ok: false,
          error: coded.issues.map(({ message, path }) => `${path} ${message}`.trim()).join("\n")
        })
      )
}

const parse = (body: Uint8Array): unknown => parseJson(new TextDecoder().decode(body))

const jsonAnswer = (status: number, body: unknown): Answer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body)
})

const done = jsonAnswer(200, { ok: true })

const showEmail = ({ attachments, sentAt, ...email }: SentEmail) => ({
  ...email,
  sent_at: new Date(sentAt).toISOString(),
  attachments: attachments.map(({ bytes, content_type, filename }) => ({
    filename,
    content_type,
    size_bytes: bytes.byteLength,
    content: encodeBase64(bytes)
  }))
})
