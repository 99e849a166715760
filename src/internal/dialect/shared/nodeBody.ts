/**
 * Reads the body of a request of Node's HTTP server from its events. A stream of Effect costs several times as much as the
 * rest of a small request.
 */
import * as Effect from "effect/Effect"
import { joinBytes } from "../../values/bytes.js"
import { maxTimerMillis, suspendUntil } from "../core.js"
import type { BodyLimits, BodyProblem } from "./localClient.js"
import { makeBell } from "./wakeups.js"
import { discardFactor } from "./webApp.js"

/** The part of a request of Node that is used here. */
export interface NodeSource {
  readonly readableEnded: boolean
  readonly destroyed: boolean
  on(event: "data", listener: (part: Uint8Array) => void): unknown
  on(event: "end" | "error" | "close", listener: () => void): unknown
  destroy(): unknown
}

/** Whether the source of a request is a request of Node. */
export const isNodeSource = (source: unknown): source is NodeSource =>
  typeof source === "object" &&
  source !== null &&
  "readableEnded" in source &&
  "destroyed" in source &&
  "on" in source &&
  typeof source.on === "function" &&
  "destroy" in source &&
  typeof source.destroy === "function"

type Result = { readonly bytes: Uint8Array } | { readonly problem: BodyProblem }

/**
 * Reads a body, and fails if it is larger than the limit or if its next part does not arrive in time. A stalled body is still
 * read while the response is sent.
 */
export const readNodeBody = (
  source: NodeSource,
  { maxBytes, timeoutMillis }: BodyLimits
): Effect.Effect<Uint8Array, BodyProblem> =>
  Effect.suspend(() => {
    // A body that was read or aborted before has no further events.
    if (source.readableEnded || source.destroyed) return Effect.fail<BodyProblem>("Unreadable")
    const bell = makeBell()
    const parts: Array<Uint8Array> = []
    let size = 0
    let count = 0
    let result: Result | undefined
    let onFirstEnd = (): void => undefined
    const end = (ended: Result): void => {
      result ??= ended
      onFirstEnd()
      bell.ring()
    }
    source.on("data", (part) => {
      count++
      size += part.byteLength
      if (size <= maxBytes) parts.push(part)
      else parts.length = 0
      if (size > maxBytes * discardFactor) {
        end({ problem: "TooLarge" })
        source.destroy()
      }
      bell.ring()
    })
    source.on("end", () => end(size > maxBytes ? { problem: "TooLarge" } : { bytes: joinBytes(parts) }))
    const onBreak = () => end({ problem: size > maxBytes ? "TooLarge" : "Unreadable" })
    source.on("error", onBreak)
    source.on("close", onBreak)

    // Most bodies arrive with the headers of their request, so that they need no watch.
    const endOrNextTurn = suspendUntil((resume) => {
      const timer = setTimeout(resume, 0)
      onFirstEnd = resume
      return () => clearTimeout(timer)
    })

    return Effect.gen(function* () {
      yield* endOrNextTurn
      while (result === undefined) {
        const seen = count
        yield* bell.wait(() => result !== undefined || count > seen, Math.min(timeoutMillis, maxTimerMillis))
        if (result === undefined && count === seen) return yield* Effect.fail<BodyProblem>("Stalled")
      }
      return "bytes" in result ? result.bytes : yield* Effect.fail(result.problem)
    })
  })
