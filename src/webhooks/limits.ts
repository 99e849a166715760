/**
 * The limits of the handlers, checked when a handler is built.
 */
import * as Effect from "effect/Effect"
import { type DurationInput, timeoutFailNow, toMillis } from "../internal/dialect/core.js"
import type { EventHandler, HandlerOptions, QueueOptions } from "./options.js"

/** The limits of a request. */
export interface Limits {
  readonly maxBodyBytes: number
  /** Milliseconds. */
  readonly bodyMillis: number
}

const invalid = (option: string, requirement: string): never => {
  throw new RangeError(`Webhooks: ${option} must be ${requirement}`)
}

const positiveMillis = (
  option: string,
  given: DurationInput | undefined,
  otherwise: DurationInput
): number => {
  const millis = toMillis(given ?? otherwise)
  return millis !== undefined && millis > 0 ? millis : invalid(option, "a duration greater than zero")
}

const positiveInteger = (option: string, value: number): number =>
  Number.isSafeInteger(value) && value >= 1
    ? value
    : invalid(option, `an integer of at least 1, but is ${value}`)

/** Checks the limits of a request. Throws a `RangeError` for an invalid one. */
export const checkLimits = (options: Pick<HandlerOptions, "bodyTimeout" | "maxBodyBytes">): Limits => ({
  maxBodyBytes: positiveInteger("maxBodyBytes", options.maxBodyBytes ?? 1_048_576),
  bodyMillis: positiveMillis("bodyTimeout", options.bodyTimeout, "30 seconds")
})

/** The limits of a queue. */
export interface QueueLimits {
  readonly capacity: number
  readonly concurrency: number
  readonly drainMillis: number
}

/** Checks the limits of a queue. Throws a `RangeError` for an invalid one. */
export const checkQueueLimits = <RG>(options: QueueOptions<RG>): QueueLimits => ({
  capacity: positiveInteger("queue.capacity", options.capacity ?? 1_000),
  concurrency: positiveInteger("queue.concurrency", options.concurrency ?? 4),
  drainMillis: positiveMillis("queue.drainTimeout", options.drainTimeout, "30 seconds")
})

/** The milliseconds of a `disposeTimeout`. Throws a `RangeError` for an invalid one. */
export const checkDisposeTimeout = (given: DurationInput | undefined): number =>
  positiveMillis("disposeTimeout", given, "30 seconds")

/** A handler that fails with a message when it takes longer than its timeout. */
export const limitHandler = <E, R>(
  handler: EventHandler<E, R>,
  timeout: DurationInput | undefined,
  otherwise: DurationInput
): EventHandler<E | string, R> => {
  const millis = positiveMillis("handlerTimeout", timeout, otherwise)
  return (event, delivery) =>
    timeoutFailNow(
      Effect.suspend(() => handler(event, delivery)),
      millis,
      () => `The handler took longer than ${millis} ms`
    )
}
