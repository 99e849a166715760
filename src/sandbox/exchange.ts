/**
 * What the handlers of the sandbox return, and how it becomes an HTTP response.
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { LocalResponse } from "../internal/dialect/shared/localClient.js"

/** What a handler returns: the data of a response, without its envelope, ETag and rate limit headers. */
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

/** Whether a list has another page, and the cursor of that page. */
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

/** Replies with data, which will be wrapped in the envelope of the API. */
export const reply = <Data>(data: Data, { meta, ...options }: ReplyOptions = {}): Reply<Data> => ({
  ...options,
  body: { kind: "data", data, ...withMeta(meta) }
})

/** Replies with one page of a list, which will be wrapped in the envelope of the API. */
export const replyPage = <Item>(
  { items, hasMore, nextCursor }: PageData<Item>,
  { meta, ...options }: ReplyOptions = {}
): Reply<ReadonlyArray<Item>> => ({
  ...options,
  body: { kind: "page", items, pagination: { hasMore, nextCursor }, ...withMeta(meta) }
})

/** The result of a handler. A handler may also throw an `ApiFailure`. */
export type Handled<Data> = Reply<Data> | Effect.Effect<Reply<Data>, ApiFailure>

// -----------------------------------------------------------------------------
// failures
// -----------------------------------------------------------------------------

/** A problem with one field of a request. */
export interface FieldError {
  readonly field: string
  readonly code: string
  readonly message: string
}

const failures = {
  invalid_parameter: [400, false],
  missing_parameter: [400, false],
  authentication_required: [401, false],
  insufficient_credits: [402, false],
  insufficient_permissions: [403, false],
  billing_restricted: [403, false],
  not_found: [404, false],
  request_timeout: [408, true],
  conflict: [409, false],
  limit_exceeded: [409, false],
  idempotency_conflict: [409, false],
  payload_too_large: [413, false],
  validation_error: [422, false],
  rate_limit_exceeded: [429, true],
  internal_error: [500, true],
  service_unavailable: [503, true],
  no_active_providers: [503, true],
  invalid_delivery_group: [422, false],
  delivery_group_not_found: [422, false],
  delivery_group_not_allowed: [403, false],
  delivery_group_scope_invalid: [422, false]
} as const

export type FailureCode = keyof typeof failures

/** The first error code that belongs to an HTTP status. */
export const codeFor = (status: number): string =>
  Object.entries(failures).find(([, [known]]) => known === status)?.[0] ?? "internal_error"

/** The status of an error code, and whether the call may be repeated, if the API documents the code. */
export const factsOfCode = (code: string): readonly [status: number, retryable: boolean] | undefined =>
  Object.entries(failures).find(([known]) => known === code)?.[1]

export interface FailureDetails {
  readonly param?: string | undefined
  readonly errors?: ReadonlyArray<FieldError> | undefined
  /** In whole seconds. */
  readonly retryAfter?: number | undefined
}

/**
 * A failure of the API. The code below a handler throws it, at any depth, and the server turns it into the error
 * envelope of the API.
 */
export class ApiFailure {
  readonly status: number
  readonly retryable: boolean
  constructor(
    readonly code: FailureCode,
    readonly message: string,
    readonly details: FailureDetails = {}
  ) {
    ;[this.status, this.retryable] = failures[code]
  }
}

/** Ends a call with a failure of the API. */
export const fail = (code: FailureCode, message: string, details?: FailureDetails): never => {
  throw new ApiFailure(code, message, details)
}

/** Returns the value, or fails with `not_found` if there is none. */
export const found = <A>(value: A | undefined, what: string): A =>
  value === undefined ? fail("not_found", `There is no ${what} with this id`) : value

/** Fails with `validation_error` because of one field. */
export const failField = (field: string, message: string, code = "custom"): never =>
  fail("validation_error", "The request has invalid fields", {
    param: field,
    errors: [{ field, code, message }]
  })

// -----------------------------------------------------------------------------
// responses
// -----------------------------------------------------------------------------

const jsonType = "application/json; charset=utf-8"

/** A failure in the error envelope of the API. */
export const failureResponse = (failure: ApiFailure, requestId: string): LocalResponse => ({
  status: failure.status,
  headers: {
    "content-type": jsonType,
    ...(failure.details.retryAfter === undefined ? {} : { "retry-after": String(failure.details.retryAfter) })
  },
  body: JSON.stringify({
    ok: false,
    error: {
      code: failure.code,
      message: failure.message,
      retryable: failure.retryable,
      param: failure.details.param,
      errors: failure.details.errors
    },
    meta: { request_id: requestId }
  })
})

/** The headers for the rate limit: requests per minute, requests left, and when the window ends, in milliseconds. */
export const rateHeaders = (
  limit: number,
  remaining: number,
  endsAt: number
): Readonly<Record<string, string>> => ({
  "x-ratelimit-limit": String(limit),
  "x-ratelimit-remaining": String(remaining),
  "x-ratelimit-reset": String(Math.ceil(endsAt / 1000))
})

/** A reply in the envelope of the API. */
export const replyResponse = (
  { body, headers, location, status }: Reply<unknown>,
  success: number,
  requestId: string
): LocalResponse => {
  const response = (contentType: string, content: LocalResponse["body"]): LocalResponse => ({
    status: status ?? success,
    headers: { "content-type": contentType, ...headers, ...(location === undefined ? {} : { location }) },
    body: content
  })
  switch (body.kind) {
    case "data":
      return response(
        jsonType,
        JSON.stringify({ ok: true, data: body.data, meta: { request_id: requestId, ...body.meta } })
      )
    case "page":
      return response(
        jsonType,
        JSON.stringify({
          ok: true,
          data: body.items,
          pagination: { has_more: body.pagination.hasMore, next_cursor: body.pagination.nextCursor },
          meta: { request_id: requestId, ...body.meta }
        })
      )
    case "document":
      return response(jsonType, JSON.stringify(body.data))
    case "text":
      return response("text/plain; charset=utf-8", body.text)
    case "bytes":
      return response(body.contentType, body.bytes)
    case "stream":
      return response(body.contentType, body.stream)
  }
}
