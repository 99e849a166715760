/**
 * Reading answers: data, pages, streams, and 304.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import { type HttpClientResponse, systemCode } from "../dialect/http.js"
import type { ApiResponse } from "../model/call.js"
import type { SendmuxError } from "../model/errors.js"
import type { Operation } from "../operation/operation.js"
import {
  type AttemptContext,
  cutBody,
  decodeFailure,
  failWith,
  metaOf,
  type Parsed,
  parseBody
} from "./response.js"

/** What a call has come to, for its span and its metrics. */
export interface CallState {
  attempts: number
  status: number | undefined
  requestId: string | undefined
  /** Whether the last attempt's answer was read to its end, so that no socket is held. */
  bodyRead: boolean
}

/** What reading an answer needs. */
export interface Answer {
  readonly context: AttemptContext
  readonly state: CallState
  readonly status: number
  readonly headers: HttpClientResponse.HttpClientResponse["headers"]
  readonly response: HttpClientResponse.HttpClientResponse
}

export type Read<A> = (answer: Answer) => Effect.Effect<A, SendmuxError>

const isSuccess = (status: number): boolean => status >= 200 && status < 300

const cut = (context: AttemptContext) => (error: unknown) => cutBody(context, systemCode(error))

/** A response with paging facts, which a list turns into a page. */
export interface Fetched<A> extends ApiResponse<A> {
  readonly hasMore: boolean
  readonly nextCursor: string | undefined
}

/** Data from the text of a successful answer. */
export const decodeText = <A>(
  operation: Operation<ReadonlyArray<string>, never, A>,
  context: AttemptContext,
  status: number,
  headers: Readonly<Record<string, string | undefined>>,
  text: string
): Fetched<A> | Exclude<ReturnType<typeof parseBody>, Parsed> => {
  const parsed =
    operation.response === "text"
      ? {
          data: text,
          hasMore: false,
          nextCursor: undefined,
          meta: metaOf(context, status, headers, undefined)
        }
      : parseBody(context, status, headers, text)
  if ("_tag" in parsed) return parsed
  const coded = operation.decode(parsed.data)
  return coded.ok ? { ...parsed, data: coded.value } : decodeFailure(context, parsed.meta, coded.issues)
}

/** Reads data, which `keep` may look at together with its text. */
export const readData =
  <A>(
    operation: Operation<ReadonlyArray<string>, never, A>,
    keep?: (text: string, fetched: Fetched<A>) => Effect.Effect<void>
  ): Read<Fetched<A>> =>
  ({ context, headers, response, state, status }) => {
    if (!isSuccess(status)) return failWith(context, status, headers, response)
    return Effect.flatMap(Effect.mapError(response.text, cut(context)), (text) => {
      state.bodyRead = true
      const fetched = decodeText(operation, context, status, headers, text)
      if ("_tag" in fetched) return Effect.fail(fetched)
      state.requestId = fetched.meta.requestId
      return keep === undefined ? Effect.succeed(fetched) : Effect.map(keep(text, fetched), () => fetched)
    })
  }

export const readConditional =
  <A>(operation: Operation<ReadonlyArray<string>, never, A>): Read<Option.Option<Fetched<A>>> =>
  (answer) =>
    answer.status === 304
      ? Effect.succeed(Option.none())
      : Effect.map(readData(operation)(answer), Option.some)

/** Turns an open answer into a stream. */
export type DecodeStream<A> = (
  response: HttpClientResponse.HttpClientResponse,
  context: AttemptContext
) => Stream.Stream<A, SendmuxError>

/** A stream with what came along. */
export interface Opened<A> extends ApiResponse<Stream.Stream<A, SendmuxError>> {}

export const readStream =
  <A>(decode: DecodeStream<A>): Read<Opened<A>> =>
  ({ context, headers, response, status }) =>
    isSuccess(status)
      ? Effect.succeed({
          data: decode(response, context),
          meta: metaOf(context, status, headers, undefined)
        })
      : failWith(context, status, headers, response)

export const readConditionalStream =
  <A>(decode: DecodeStream<A>): Read<Option.Option<Opened<A>>> =>
  (answer) =>
    answer.status === 304
      ? Effect.succeed(Option.none())
      : Effect.map(readStream(decode)(answer), Option.some)
