/**
 * What streams without an end have in common: which failures they survive, and how they report their waits.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { counter } from "../internal/dialect/core.js"
import { recoverStream } from "../internal/dialect/stream.js"
import { APIError, type DeadlineExceededError } from "../internal/model/errors.js"
import { codeOfStatus } from "../internal/model/failure.js"
import { pause } from "../internal/timing/deadline.js"
import { memoized } from "../internal/values/memo.js"

/** The longest delay that a server can ask an endless stream for, in milliseconds: 5 minutes. */
export const maxHintMillis = 300_000

/** After how many odd responses in a row an endless stream fails. Other failures have their own limit. */
export const maxOddResponses = 10

/** The interval in milliseconds at which a listener that met an odd response tries again. */
const listenerDelay = 30_000

interface TaggedError {
  readonly _tag: string
}

/**
 * Returns whether a response probably did not come from the API, such as the HTML page of a proxy: a success that cannot
 * be decoded, or a status below 500 without the API's error envelope. Another request may receive a response of the API.
 */
export const isOddResponse = (error: TaggedError): boolean => {
  if (error._tag === "ResponseDecodeError") return true
  if (!(error instanceof APIError)) return false
  return error.code === codeOfStatus(error.status) && error.status !== 401 && error.status !== 403
}

/** A failure in a few words, without text of the server. */
const summaryOf = (error: unknown): string => {
  if (error instanceof APIError) return `${error.status} ${error.code}`
  if (typeof error !== "object" || error === null || !("_tag" in error)) return "the connection ended"
  return "reason" in error ? `${String(error._tag)} ${String(error.reason)}` : String(error._tag)
}

/** The counter of an operation's waits. */
const waitsOf = /* @__PURE__ */ memoized((operation) =>
  counter("sendmux_stream_waits", "Waits of endless streams before the next attempt", { operation })
)

/** A wait that is shorter and does not follow a failure is logged at Debug, since servers close connections routinely. */
const longWaitMillis = 1_000

/** Logs and counts the wait of an endless stream before its next attempt. */
export const reportWait = (operation: string, error: unknown, millis: number): Effect.Effect<void> =>
  Effect.suspend(() => {
    waitsOf(operation)(1)
    const log = error === undefined && millis < longWaitMillis ? Effect.logDebug : Effect.logInfo
    return log(`${operation}: waiting ${millis} ms before the next attempt (${summaryOf(error)})`)
  })

/**
 * Listens again after an odd response, without a limit. It is for streams that also read at intervals, so that a failure
 * of their listener only makes them slower.
 */
export const listenAgain = <A, E extends TaggedError>(
  operation: string,
  signals: Stream.Stream<A, E>
): Stream.Stream<A, E | DeadlineExceededError> =>
  recoverStream(signals, (error): Stream.Stream<A, E | DeadlineExceededError> => {
    if (!isOddResponse(error)) return Stream.fail(error)
    const late = { operation, awaited: "Retry", attempts: 1 } as const
    const wait = pause(listenerDelay, late, reportWait(operation, error, listenerDelay))
    const again = Stream.suspend(() => listenAgain(operation, signals))
    return Stream.concat(Stream.drain(Stream.fromEffect(wait)), again)
  })
