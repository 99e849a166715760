import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { hasEnded } from "../support/dialect/exits.js"
import { mockClient } from "../support/http.js"
import { makeThings, untyped } from "../support/synthetic.js"

/** A response that sends one chunk and then neither ends nor fails. */
const stalled = () => {
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(3)),
    cancel: () => {
      cancelled = true
    }
  })
  return { response: new Response(body), wasCancelled: () => cancelled }
}

const download = (options: { readonly idleTimeout?: number | string } = {}) =>
  Effect.gen(function* () {
    const server = stalled()
    const { client } = mockClient(() => server.response)
    const things = yield* makeThings(client)
    const running = yield* Effect.fork(Effect.flip(Stream.runDrain(things.download("a", untyped(options)))))
    return { running, server }
  })

describe("a download that stalls", () => {
  it.effect("fails after 60 seconds without data, and closes the connection", () =>
    Effect.gen(function* () {
      const { running, server } = yield* download()
      yield* TestClock.adjust(59_999)
      expect(hasEnded(running)).toBe(false)
      yield* TestClock.adjust(1)
      const error = yield* Fiber.join(running)
      expect(error).toMatchObject({ _tag: "TransportError", reason: "Timeout" })
      expect(error.message).toContain("No data arrived for 60000 ms")
      expect(server.wasCancelled()).toBe(true)
    })
  )

  it.effect("fails after the idleTimeout of the call", () =>
    Effect.gen(function* () {
      const { running } = yield* download({ idleTimeout: "2 seconds" })
      yield* TestClock.adjust(2_000)
      expect(yield* Fiber.join(running)).toMatchObject({ reason: "Timeout" })
    })
  )

  it.effect("waits without a limit with an infinite idleTimeout", () =>
    Effect.gen(function* () {
      const { running } = yield* download({ idleTimeout: Number.POSITIVE_INFINITY })
      yield* TestClock.adjust("1000 days")
      expect(hasEnded(running)).toBe(false)
      yield* Fiber.interrupt(running)
    })
  )

  it.effect("rejects an idleTimeout that is not a positive duration", () =>
    Effect.gen(function* () {
      const { running } = yield* download({ idleTimeout: 0 })
      expect((yield* Fiber.join(running)).message).toContain(
        "option idleTimeout must be a duration greater than zero"
      )
    })
  )
})
