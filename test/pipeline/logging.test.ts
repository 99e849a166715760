import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { logLayer } from "../support/dialect/telemetry.js"
import { failure, mockClient, ok, type Reaction } from "../support/http.js"
import { makeThings } from "../support/synthetic.js"
import { recordWaits } from "../support/time.js"

/** The log lines of a read, with their levels. */
const linesOf = (reactions: ReadonlyArray<Reaction>) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const logged = logLayer(({ level, message }) => {
      if (String(message).includes("things")) lines.push(`${level} ${String(message)}`)
    }, "All")
    const { client } = mockClient((_, index) => reactions[index] ?? ok({ id: "thg_1" }))
    const things = yield* makeThings(client)
    yield* Effect.provide(recordWaits(things.getPart("a", "b"), 0), logged)
    return lines
  })

describe("the log of a call", () => {
  it.effect("is empty for a call that succeeds", () =>
    Effect.gen(function* () {
      expect(yield* linesOf([])).toEqual([])
    })
  )

  it.effect("has a line at Debug for each retry, with the failure and the delay", () =>
    Effect.gen(function* () {
      expect(yield* linesOf([failure(503, "service_unavailable"), "network"])).toEqual([
        "DEBUG mailbox.things.getPart: attempt 1 failed (503 service_unavailable), retrying in 125 ms",
        "DEBUG mailbox.things.getPart: attempt 2 failed (ECONNRESET), retrying in 250 ms"
      ])
    })
  )

  it.effect("has a line at Info for each wait because of the rate limit", () =>
    Effect.gen(function* () {
      const limited = failure(429, "rate_limit_exceeded", { headers: { "retry-after": "3" } })
      expect(yield* linesOf([limited])).toEqual([
        "INFO mailbox.things.getPart: attempt 1 failed (429 rate_limit_exceeded), retrying in 3000 ms"
      ])
    })
  )

  it.effect("has no line for a failure that is not retried", () =>
    Effect.gen(function* () {
      expect(yield* linesOf([failure(404, "not_found")])).toEqual([])
    })
  )
})
