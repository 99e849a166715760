/**
 * The control over HTTP, below `/__sandbox`, for clients in any language.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type {
  IncomingRequest,
  LocalRequest,
  LocalResponse
} from "../../internal/dialect/shared/localClient.js"
import { literals, optionalInput, record, requestDecoder, union } from "../../internal/dialect/schema.js"
import { parseJson } from "../../internal/values/json.js"
import {
  ApiFailure,
  type FailureCode,
  type FailureDetails,
  type FieldError,
  failureResponse
} from "../exchange.js"
import { bodyResponse, readRequest } from "../http/requestBody.js"
import { fieldError } from "../http/routes.js"
import type { Ring } from "../state/bounded.js"
import type { Fault, FaultKind } from "../state/faults.js"
import { makeIds } from "../state/ids.js"
import { OperationName } from "../state/operationNames.js"
import { minWindowMillis } from "../state/rateWindow.js"
import type { SentEmail, World } from "../state/world.js"
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
  operation: optionalInput(OperationName),
  times: optionalInput(Schema.Number),
  probability: optionalInput(Schema.Number),
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

const RateLimitBody = Schema.Struct({
  limits: optionalInput(
    Schema.Struct({
      management: optionalInput(Schema.Number),
      mailbox: optionalInput(Schema.Number),
      sending: optionalInput(Schema.Number)
    })
  ),
  window_ms: optionalInput(Schema.Number)
})

const readInbound = requestDecoder(InboundBody)
const readRateLimit = requestDecoder(RateLimitBody)
const readForget = requestDecoder(Schema.Struct({ mailbox: Schema.String }))
const readFault = requestDecoder(FaultBody)

/** Returns whether a URL belongs to the control. */
export const isControl = ({ pathname }: URL): boolean => pathname.startsWith("/__sandbox/")

/** The result of a control request: the fields of its response, or a failure. */
type Result = Effect.Effect<Readonly<Record<string, unknown>>, ApiFailure>

/** Handles a request to the control. Returns `undefined` for any other request. */
export const controlOverHttp = (world: World, control: SandboxControl) => {
  // Ids of their own, so that a request to the control does not change the ids of the API.
  const makeId = makeIds(0xc0de)
  return (request: IncomingRequest): Effect.Effect<LocalResponse> | undefined =>
    isControl(request.url)
      ? Effect.gen(function* () {
          const requestId = makeId("ctl")
          const response = yield* respond(world, control, request, requestId)
          return { ...response, headers: { "x-request-id": requestId, ...response.headers } }
        })
      : undefined
}

const respond = (
  world: World,
  control: SandboxControl,
  incoming: IncomingRequest,
  requestId: string
): Effect.Effect<LocalResponse> =>
  readRequest(world, incoming).pipe(
    Effect.matchEffect({
      onFailure: (problem) => Effect.succeed(bodyResponse(world, problem, requestId)),
      onSuccess: (request) =>
        Effect.suspend(() => handle(world, control, request)).pipe(
          Effect.match({
            onFailure: (failure) => failureResponse(failure, requestId),
            onSuccess: (fields) => jsonResponse({ ok: true, ...fields })
          })
        )
    })
  )

const handle = (world: World, control: SandboxControl, request: LocalRequest): Result => {
  const { method, url } = request
  switch (`${method} ${url.pathname.slice("/__sandbox".length)}`) {
    case "GET /health":
      return done
    case "GET /outbox":
      return Effect.map(readPage(url), ({ cursor, limit }) => emailPage(world.outbox, cursor, limit))
    case "GET /requests":
      return Effect.map(readPage(url), ({ cursor, limit }) => {
        const { hasMore, items, next } = world.requests.slice(cursor, limit)
        return { requests: items, has_more: hasMore, next_cursor: String(next) }
      })
    case "POST /inbound":
      return Effect.gen(function* () {
        const mail = yield* readJson(request, readInbound)
        if (yield* control.deliver(mail)) return {}
        return yield* failWith("not_found", `No active mailbox has the address ${mail.to}`)
      })
    case "POST /forget-changes":
      return Effect.gen(function* () {
        const { mailbox } = yield* readJson(request, readForget)
        if (yield* control.forgetChanges(mailbox)) return {}
        return yield* failWith("not_found", `There is no mailbox ${mailbox}`)
      })
    case "POST /faults":
      return Effect.gen(function* () {
        const fault = yield* readJson(request, readFault)
        yield* checkFault(fault)
        if (world.faults.length >= maxFaults) {
          return yield* failWith("limit_exceeded", `At most ${maxFaults} faults can be pending`)
        }
        yield* control.inject(fault)
        return {}
      })
    case "PATCH /rate-limit":
      return Effect.gen(function* () {
        const { limits, window_ms } = yield* readJson(request, readRateLimit)
        if (window_ms !== undefined && !(window_ms >= minWindowMillis)) {
          return yield* wrong("window_ms", `must be at least ${minWindowMillis}`)
        }
        for (const [surface, limit] of Object.entries(limits ?? {})) {
          if (limit !== undefined && !(limit >= 1)) {
            return yield* wrong(`limits.${surface}`, "must be at least 1")
          }
        }
        yield* control.setRateLimit({ limits, window: window_ms })
        return {}
      })
    case "DELETE /faults":
      return Effect.as(control.clearFaults, {})
    default:
      return failWith("not_found", `The control has no ${method} ${url.pathname}`)
  }
}

const done: Result = Effect.succeed({})

const failWith = (code: FailureCode, message: string, details?: FailureDetails) =>
  Effect.fail(new ApiFailure(code, message, details))

const readJson = <A>(
  { body }: LocalRequest,
  decode: ReturnType<typeof requestDecoder<A, unknown>>
): Effect.Effect<A, ApiFailure> =>
  Effect.suspend(() => {
    const json = parseJson(new TextDecoder().decode(body))
    if (json === undefined) return failWith("invalid_parameter", "The body is not valid JSON")
    const coded = decode(json)
    return coded.ok ? Effect.succeed(coded.value) : invalid(coded.issues.map(fieldError))
  })

const invalid = (errors: ReadonlyArray<FieldError>) =>
  failWith("validation_error", "The request has invalid fields", { param: errors[0]?.field, errors })

const wrong = (field: string, message: string) => invalid([{ field, code: "invalid", message }])

/** The number of pending faults that the control accepts over HTTP. */
const maxFaults = 1000

/** Fails if a fault could not be applied. */
const checkFault = ({ kind, probability, times }: Fault): Effect.Effect<void, ApiFailure> => {
  if (times !== undefined && !(Number.isInteger(times) && times > 0)) {
    return wrong("times", "must be a positive integer")
  }
  if (probability !== undefined && !(probability > 0 && probability <= 1)) {
    return wrong("probability", "must be greater than 0 and at most 1")
  }
  if (
    kind._tag === "ErrorResponse" &&
    !(Number.isInteger(kind.status) && kind.status >= 400 && kind.status <= 599)
  ) {
    return wrong("kind.status", "must be an integer from 400 to 599")
  }
  if (kind._tag === "Slow" && !(kind.millis >= 0)) return wrong("kind.millis", "must not be negative")
  return Effect.void
}

// -----------------------------------------------------------------------------
// lists
// -----------------------------------------------------------------------------

const maxPage = 1000

/** The size of the attachments after which a page of messages ends. */
const maxPageBytes = 16_777_216

/** Reads the query of a list. A cursor is the position of the first item. */
const readPage = (url: URL): Effect.Effect<{ readonly cursor: number; readonly limit: number }, ApiFailure> =>
  Effect.gen(function* () {
    const read = (param: string, absent: number, least: number, most: number) => {
      const text = url.searchParams.get(param)
      const value = text === null ? absent : /^\d+$/.test(text) ? Number(text) : Number.NaN
      return value >= least && value <= most
        ? Effect.succeed(value)
        : failWith(
            "invalid_parameter",
            `The parameter ${param} must be an integer from ${least} to ${most}`,
            {
              param
            }
          )
    }
    return {
      cursor: yield* read("cursor", 0, 0, Number.MAX_SAFE_INTEGER),
      limit: yield* read("limit", maxPage, 1, maxPage)
    }
  })

const emailPage = (outbox: Ring<SentEmail>, cursor: number, limit: number) => {
  const emails: Array<SentEmail> = []
  let bytes = 0
  const { hasMore, items, next: end } = outbox.slice(cursor, limit)
  for (const email of items) {
    bytes += email.attachments.reduce((sum, file) => sum + file.bytes.byteLength, 0)
    if (emails.length > 0 && bytes > maxPageBytes) break
    emails.push(email)
  }
  const left = items.length - emails.length
  return { emails: emails.map(showEmail), has_more: hasMore || left > 0, next_cursor: String(end - left) }
}

/** A multiple of three bytes, so that the base64 of the parts joins to that of the whole. */
const base64Part = 24_576

/** Encodes bytes with the encoder of the runtime, which is many times faster than one in JavaScript. */
const toBase64 = (bytes: Uint8Array): string => {
  let text = ""
  for (let start = 0; start < bytes.byteLength; start += base64Part) {
    text += btoa(String.fromCharCode(...bytes.subarray(start, start + base64Part)))
  }
  return text
}

const jsonResponse = (body: unknown): LocalResponse => ({
  status: 200,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body)
})

const showEmail = ({ attachments, sentAt, ...email }: SentEmail) => ({
  ...email,
  sent_at: new Date(sentAt).toISOString(),
  attachments: attachments.map(({ bytes, content_type, filename }) => ({
    filename,
    content_type,
    size_bytes: bytes.byteLength,
    content: toBase64(bytes)
  }))
})
