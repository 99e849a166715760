import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import type { IdempotentOptions } from "../../src/internal/model/call.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { failure, mockClient, ok, type Reaction } from "../support/http.js"
import { makeThings, untyped } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

const item = { id: "thg_1" }

const conflict = (headers: Record<string, string> = {}) =>
  failure(409, "idempotency_conflict", { retryable: false, headers })

/** Creates a thing on a server that reacts to the requests in the given order, and then always as at the end. */
const createAgainst = (
  reactions: readonly [Reaction, ...Array<Reaction>],
  options: IdempotentOptions = {},
  retry?: Retry.RetryPolicy
) =>
  Effect.gen(function* () {
    const { client, seen } = mockClient((_, index) => {
      const reaction = reactions[Math.min(index, reactions.length - 1)] ?? "network"
      return reaction instanceof Response ? reaction.clone() : reaction
    })
    const things = yield* makeThings(client, { timeout: Number.POSITIVE_INFINITY, ...(retry && { retry }) })
    const { exit, waits } = yield* recordWaits(things.create({ text: "x" }, options), 0)
    return { exit, waits, requests: seen.length }
  })

describe("a conflict of an idempotency key", () => {
  it.effect("fails at once after a 503 of the API, which ended the earlier attempt", () =>
    Effect.gen(function* () {
      const { exit, requests } = yield* createAgainst([failure(503, "service_unavailable"), conflict()])
      expect(requests).toBe(2)
      expect(errorOf(exit)).toMatchObject({ code: "idempotency_conflict", attempts: 2 })
    })
  )

  for (const [name, reaction] of Object.entries<Reaction>({
    "a broken connection": "network",
    "a truncated response": new Response('{"ok":true,"da', { status: 200 }),
    "a proxy's 504": new Response("<html>", { status: 504 })
  })) {
    it.effect(`is waited for after ${name}, because the attempt may still be running`, () =>
      Effect.gen(function* () {
        const { exit, requests } = yield* createAgainst([reaction, conflict(), conflict(), ok(item)])
        expect(exit).toEqual(Exit.succeed(item))
        expect(requests).toBe(4)
      })
    )
  }

  it.effect("is waited for with growing delays although the server asks for none", () =>
    Effect.gen(function* () {
      const policy = Retry.policy({ budget: "20 seconds", baseDelay: 500, maxDelay: 4_000 })
      const { exit, waits } = yield* createAgainst(["network", conflict({ "retry-after": "0" })], {}, policy)
      expect(errorOf(exit)).toMatchObject({ code: "idempotency_conflict" })
      expect(waits).toEqual([250, 1000, 2000, 4000, 4000, 4000, 4000])
    })
  )

  it.effect("fails the first attempt at once by default", () =>
    Effect.gen(function* () {
      for (const options of [{}, { onConflict: "fail" } as const]) {
        const { requests } = yield* createAgainst([conflict()], options)
        expect(requests).toBe(1)
      }
    })
  )

  it.effect("is waited for on the first attempt with onConflict: wait", () =>
    Effect.gen(function* () {
      const { exit, requests } = yield* createAgainst([conflict(), conflict(), ok(item)], {
        idempotencyKey: "order-1",
        onConflict: "wait"
      })
      expect(exit).toEqual(Exit.succeed(item))
      expect(requests).toBe(3)
    })
  )

  it.effect("rejects any other onConflict, and onConflict for an operation without a key", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => ok(item))
      const things = yield* makeThings(client)
      const retry = yield* Effect.flip(things.create({ text: "x" }, untyped({ onConflict: "retry" })))
      expect(retry.message).toContain('option onConflict must be "wait" or "fail"')
      const note = yield* Effect.flip(things.note({ text: "x" }, untyped({ onConflict: "wait" })))
      expect(note.message).toContain("onConflict")
      expect(seen).toHaveLength(0)
    })
  )
})

describe("long delays", () => {
  it.effect("a retry delay never exceeds what a timer can wait", () =>
    Effect.gen(function* () {
      const policy = Retry.policy({ budget: Number.POSITIVE_INFINITY, maxAttempts: 2 })
      const { exit, waits } = yield* createAgainst(
        [failure(503, "service_unavailable", { headers: { "retry-after": "10000000000" } }), ok(item)],
        {},
        policy
      )
      expect(exit).toEqual(Exit.succeed(item))
      expect(waits).toEqual([2 ** 31 - 1])
    })
  )

  it.effect("a schedule of the caller still decides alone", () =>
    Effect.gen(function* () {
      const { waits } = yield* createAgainst(
        [failure(503, "service_unavailable")],
        {},
        Schedule.spaced(7).pipe(Schedule.intersect(Schedule.recurs(2)))
      )
      expect(waits).toEqual([7, 7])
    })
  )
})
