/**
 * The control over HTTP, below `/__sandbox`, for clients in any language.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { LocalRequest, LocalResponse } from "../../internal/dialect/localClient.js"
import {
  encodeBase64,
  literals,
  optionalInput,
  record,
  requestDecoder,
  union
} from "../../internal/dialect/schema.js"
import { parseJson } from "../../internal/values/json.js"
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
    kind("ErrorResponse", {
      status: Schema.Number,
      code: optionalInput(Schema.String),
      retryable: optionalInput(Schema.Boolean),
      retryAfter: optionalInput(Schema.Number)
    }),
    kind("BadGateway", {}),
    kind("ConnectionLost", {}),
    kind("ResponseLost", {}),
    kind("ResponseTruncated", {}),
    kind("Slow", { millis: Schema.Number })
  )
})

const readInbound = requestDecoder(InboundBody)
const readForget = requestDecoder(Schema.Struct({ mailbox: Schema.String }))
const readFault = requestDecoder(FaultBody)

/** Handles a request to the control. Returns `undefined` for any other request. */
export const controlOverHttp =
  (control: SandboxControl) =>
  (request: LocalRequest): Effect.Effect<LocalResponse> | undefined => {
    if (!request.url.pathname.startsWith("/__sandbox/")) return undefined
    switch (`${request.method} ${request.url.pathname.slice("/__sandbox".length)}`) {
      case "GET /health":
        return Effect.succeed(done)
      case "GET /outbox":
        return control.outbox.pipe(
          Effect.map((emails) => jsonResponse(200, { emails: emails.map(showEmail) }))
        )
      case "GET /requests":
        return control.requests.pipe(Effect.map((requests) => jsonResponse(200, { requests })))
      case "POST /inbound":
        return withBody(request, readInbound, (mail) =>
          control
            .deliver(mail)
            .pipe(
              Effect.map((arrived) =>
                arrived ? done : notFound(`No active mailbox has the address ${mail.to}`)
              )
            )
        )
      case "POST /forget-changes":
        return withBody(request, readForget, ({ mailbox }) =>
          control
            .forgetChanges(mailbox)
            .pipe(Effect.map((known) => (known ? done : notFound(`There is no mailbox ${mailbox}`))))
        )
      case "POST /faults":
        return withBody(request, readFault, (fault) => control.inject(fault).pipe(Effect.as(done)))
      case "DELETE /faults":
        return control.clearFaults.pipe(Effect.as(done))
      default:
        return Effect.succeed(notFound(`The control has no ${request.method} ${request.url.pathname}`))
    }
  }

const withBody = <A>(
  request: LocalRequest,
  read: ReturnType<typeof requestDecoder<A, unknown>>,
  use: (body: A) => Effect.Effect<LocalResponse>
): Effect.Effect<LocalResponse> => {
  const coded = read(parse(request.body))
  return coded.ok
    ? use(coded.value)
    : Effect.succeed(
        jsonResponse(422, {
          ok: false,
          error: coded.issues.map(({ message, path }) => `${path} ${message}`.trim()).join("\n")
        })
      )
}

const parse = (body: Uint8Array): unknown => parseJson(new TextDecoder().decode(body))

const jsonResponse = (status: number, body: unknown): LocalResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body)
})

const done = jsonResponse(200, { ok: true })

const notFound = (error: string): LocalResponse => jsonResponse(404, { ok: false, error })

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
