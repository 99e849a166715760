/**
 * A delay of every call to the API, as a network adds it.
 */
import * as Effect from "effect/Effect"
import { type DurationInput, toMillis } from "../../internal/dialect/core.js"
import type { InstanceRef } from "../instance.js"
import { makeRandom } from "../state/ids.js"
import type { Server } from "./server.js"

/** The shortest and the longest delay. Each call has a delay of its own between them. */
export interface LatencyRange {
  readonly min: DurationInput
  readonly max: DurationInput
}

const millisOf = (duration: DurationInput): number => {
  const millis = toMillis(duration)
  if (millis === undefined || !(millis >= 0 && Number.isFinite(millis))) {
    throw new RangeError("Sandbox: the latency must be a finite duration")
  }
  return millis
}

const isRange = (latency: DurationInput | LatencyRange): latency is LatencyRange =>
  typeof latency === "object" && "min" in latency && "max" in latency

/** A range of latencies in milliseconds. */
interface Latency {
  readonly min: number
  readonly max: number
}

/** Throws a `RangeError` if a duration is not valid. */
export const latencyOf = (latency: DurationInput | LatencyRange): Latency => {
  const min = millisOf(isRange(latency) ? latency.min : latency)
  const max = millisOf(isRange(latency) ? latency.max : latency)
  if (max < min) throw new RangeError("Sandbox: the longest latency must not be below the shortest")
  return { min, max }
}

/** Delays each call before it is handled. */
export const delayed = (sandbox: InstanceRef, { max, min }: Latency, seed: number | undefined): Server => {
  if (max === 0) return (request) => sandbox.current.api(request)
  const random = makeRandom(seed)
  return (request) =>
    Effect.suspend(() => {
      const { clock } = sandbox.current.world
      const delay = min + Math.floor(random() * (max - min + 1))
      return Effect.flatMap(clock.now, (at) =>
        Effect.andThen(
          clock.sleepUntil(at + delay),
          Effect.suspend(() => sandbox.current.api(request))
        )
      )
    })
}
