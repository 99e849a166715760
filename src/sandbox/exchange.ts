/**
 * A request as the sandbox reads it, and what it answers.
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { HandedAnswer, HandedRequest } from "../internal/dialect/localClient.js"

/** A request, read to its end. */
export type SandboxRequest = HandedRequest

/** An answer, and how its connection breaks where it does. */
export type Answer = HandedAnswer

/** What a handler gives: an answer's data, before envelope, ETag and rate limit are put around it. */
export interface Reply<out Data> {
  /** Default: the first success status of the operation. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly location?: string | undefined
  readonly body:
    | { readonly kind: "data"; readonly data: Data; readonly meta?: Readonly<Record<string, unknown>> }
    | {
        readonly kind: "page"
        readonly items: Data
        readonly pagination: Pagination
        readonly meta?: Readonly<Record<string, unknown>>
      }
    | { readonly kind: "document"; readonly data: Data }
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly contentType: string }
    | { readonly kind: "stream"; readonly stream: Stream.Stream<Uint8Array>; readonly contentType: string }
}

/** Whether a list goes on, and where. */
export interface Pagination {
  readonly hasMore: boolean
  readonly nextCursor: string | undefined
}

/** One page of a list. */
export interface PageData<out Item> extends Pagination {
  readonly items: ReadonlyArray<Item>
}

interface ReplyOptions extends Omit<Reply<unknown>, "body"> {
  readonly meta?: Readonly<Record<string, unknown>>
}

const withMeta = (meta: Readonly<Record<string, unknown>> | undefined) => (meta === undefined ? {} : { meta })

/** Data in the API's envelope. */
export const reply = <Data>(data: Data, { meta, ...options }: ReplyOptions = {}): Reply<Data> => ({
  ...options,
  body: { kind: "data", data, ...withMeta(meta) }
})

/** One page of a list in the API's envelope. */
export const replyPage = <Item>(
  { items, hasMore, nextCursor }: PageData<Item>,
  { meta, ...options }: ReplyOptions = {}
): Reply<ReadonlyArray<Item>> => ({
  ...options,
  body: { kind: "page", items, pagination: { hasMore, nextCursor }, ...withMeta(meta) }
})

/** What a room does with a call. */
export type Handled<Data> = Reply<Data> | Effect.Effect<Reply<Data>, Refusal>

/** One thing wrong with a field. */
export interface FieldFault {
  readonly field: string
  readonly code: string
  readonly message: string
}

const refusals = {
  invalid_parameter: [400, false],
  missing_parameter: [400, false],
  authentication_required: [401, false],
  insufficient_credits: [402, false],
  insufficient_permissions: [403, false],
  billing_restricted: [403, false],
  not_found: [404, false],
  conflict: [409, false],
  limit_exceeded: [409, false],
  idempotency_conflict: [409, false],
  payload_too_large: [413, false],
  validation_error: [422, false],
  rate_limit_exceeded: [429, true],
  internal_error: [500, true],
  service_unavailable: [503, true],
  no_active_providers: [503, true]
} as const

export type RefusalCode = keyof typeof refusals

/** The first code of a status. */
export const codeFor = (status: number): string =>
  Object.entries(refusals).find(([, [known]]) => known === status)?.[0] ?? "internal_error"

interface RefusalDetails {
  readonly param?: string | undefined
  readonly errors?: ReadonlyArray<FieldFault> | undefined
  /** Whole seconds. */
  readonly retryAfter?: number | undefined
}

/** Thrown by a handler, anywhere below it; the server turns it into the API's error envelope. */
export class Refusal {
  readonly status: number
  readonly retryable: boolean
  constructor(
    readonly code: RefusalCode,
    readonly message: string,
    readonly details: RefusalDetails = {}
  ) {
    ;[this.status, this.retryable] = refusals[code]
  }
}

/** Ends a call with a failure of the API. */
export const refuse = (code: RefusalCode, message: string, details?: RefusalDetails): never => {
  throw new Refusal(code, message, details)
}

/** The value, or `not_found`. */
export const found = <A>(value: A | undefined, what: string): A =>
  value === undefined ? refuse("not_found", `There is no such ${what}`) : value

/** Refuses a value of one field with `validation_error`. */
export const refuseField = (field: string, message: string, code = "custom"): never =>
  refuse("validation_error", "The request has fields that are not valid", {
    param: field,
    errors: [{ field, code, message }]
  })

const json = { "content-type": "application/json; charset=utf-8" }

/** The API's error envelope. */
export const refusalAnswer = (refusal: Refusal, requestId: string): Answer => ({
  status: refusal.status,
  headers: {
    ...json,
    ...(refusal.details.retryAfter === undefined ? {} : { "retry-after": String(refusal.details.retryAfter) })
  },
  body: JSON.stringify({
    ok: false,
    error: {
      code: refusal.code,
      message: refusal.message,
      retryable: refusal.retryable,
      param: refusal.details.param,
      errors: refusal.details.errors
    },
    meta: { request_id: requestId }
  })
})

/** How many requests a minute there are, how many are left, and when the next minute begins. */
export const rateHeaders = (
  limit: number,
  left: number,
  endsAt: number
): Readonly<Record<string, string>> => ({
  "x-ratelimit-limit": String(limit),
  "x-ratelimit-remaining": String(left),
  "x-ratelimit-reset": String(Math.ceil(endsAt / 1000))
})

/** A reply as it goes over the wire. */
export const replyAnswer = (made: Reply<unknown>, success: number, requestId: string): Answer => {
  const headers: Record<string, string> = { ...made.headers }
  if (made.location !== undefined) headers["location"] = made.location
  const answer = (type: string, body: Answer["body"]): Answer => ({
    status: made.status ?? success,
    headers: { "content-type": type, ...headers },
    body
  })
  const { body } = made
  switch (body.kind) {
    case "data":
      return answer(
        json["content-type"],
        JSON.stringify({ ok: true, data: body.data, meta: { request_id: requestId, ...body.meta } })
      )
    case "page":
      return answer(
        json["content-type"],
        JSON.stringify({
          ok: true,
          data: body.items,
          pagination: { has_more: body.pagination.hasMore, next_cursor: body.pagination.nextCursor },
          meta: { request_id: requestId, ...body.meta }
        })
      )
    case "document":
      return answer(json["content-type"], JSON.stringify(body.data))
    case "text":
      return answer("text/plain; charset=utf-8", body.text)
    case "bytes":
      return answer(body.contentType, body.bytes)
    case "stream":
      return answer(body.contentType, body.stream)
  }
}
