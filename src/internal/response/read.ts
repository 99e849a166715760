/**
 * Reading a response: data, pages, streams, and 304.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { HttpClientResponse } from "../dialect/http.js"
import { readText } from "../dialect/shared/body.js"
import type { ApiResponse } from "../model/call.js"
import type { SendmuxError } from "../model/errors.js"
import type { HeaderRecord } from "../model/headers.js"
import type { Permit } from "../model/limiter.js"
import type { Operation } from "../operation/operation.js"
import type { AttemptContext } from "./context.js"
import { decodeText, type Fetched } from "./envelope.js"
import { bodyError, failWith } from "./errors.js"
import { metaOf } from "./meta.js"

/** The state of a call, for its span and its metrics. */
export interface CallState {
  /** When the call has to end, in milliseconds since the epoch. `Infinity` without a deadline. */
  readonly deadline: number
  attempts: number
  status: number | undefined
  requestId: string | undefined
  /** Whether the server may still be running an attempt that ended without a response of the API. */
  mayBeRunning: boolean
  /** Whether the last attempt's response was read to its end, so that no socket is held. */
  bodyRead: boolean
  /** The permit of the current attempt, if a limiter applies to the call. */
  permit: Permit | undefined
  /** How long the call has waited for the rate limit before its requests were sent, in milliseconds. */
  paced: number
  /** Whether the last attempt was not sent, because the rate limit would have delayed it for too long. */
  refused: boolean
}

/** What reading a response needs. */
export interface ReceivedResponse {
  readonly context: AttemptContext
  readonly state: CallState
  readonly status: number
  readonly headers: HeaderRecord
  readonly response: HttpClientResponse.HttpClientResponse
}

export type Read<A> = (received: ReceivedResponse) => Effect.Effect<A, SendmuxError>

const isSuccess = (status: number): boolean => status >= 200 && status < 300

/** Reads data, and hands it together with its text to `keep`. */
export const readData =
  <A>(
    operation: Operation<ReadonlyArray<string>, never, A>,
    keep?: (text: string, fetched: Fetched<A>) => Effect.Effect<void>
  ): Read<Fetched<A>> =>
  ({ context, headers, response, state, status }) =>
    isSuccess(status)
      ? Effect.matchEffect(readText(response, headers, context.maxBytes), {
          onFailure: (failure) => Effect.fail(bodyError(context, failure)),
          onSuccess: (text) => {
            state.bodyRead = true
            const fetched = decodeText(operation, context, status, headers, text)
            if ("_tag" in fetched) return Effect.fail(fetched)
            state.requestId = fetched.meta.requestId
            const kept =
              keep === undefined ? Effect.succeed(fetched) : Effect.as(keep(text, fetched), fetched)
            const { drift } = context
            return drift === undefined ? kept : Effect.andThen(drift.decoded(context.operation, text), kept)
          }
        })
      : failed(context, status, headers, response)

/** Fails with what a failed response says, and tells the observer of it. */
const failed: typeof failWith = (context, status, headers, response) => {
  const failure = failWith(context, status, headers, response)
  const { drift } = context
  return drift === undefined ? failure : Effect.tapError(failure, drift.failed)
}

/** Reads as `read` does; a 304 is `Option.none`. */
export const unlessNotModified =
  <A>(read: Read<A>): Read<Option.Option<A>> =>
  (received) =>
    received.status === 304 ? Effect.succeed(Option.none()) : Effect.map(read(received), Option.some)

/** Turns an open response into a stream. */
export type DecodeStream<A> = (
  response: HttpClientResponse.HttpClientResponse,
  context: AttemptContext
) => Stream.Stream<A, SendmuxError>

/** A stream with its response. */
export interface Opened<A> extends ApiResponse<Stream.Stream<A, SendmuxError>> {}

export const readStream =
  <A>(decode: DecodeStream<A>): Read<Opened<A>> =>
  ({ context, headers, response, status }) =>
    // A download that resumes also reads a 416, whose headers contain the size of the file.
    isSuccess(status) || context.operation.success.includes(status)
      ? Effect.succeed({
          data: decode(response, context),
          meta: metaOf(context, status, headers, undefined)
        })
      : failWith(context, status, headers, response)
