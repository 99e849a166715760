import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { Management, Sandbox } from "../../src/index.js"
import * as Testing from "../../src/Testing.js"

const layer = Management.layer({ apiKey: Sandbox.rootKey }).pipe(Layer.provideMerge(Sandbox.layer))

describe("autoAdvance", () => {
  it.effect("moves the test clock to the end of each wait, and not further", () =>
    Effect.gen(function* () {
      const times: Array<number> = []
      yield* Effect.gen(function* () {
        for (const wait of [5, 60_000, 86_400_000]) {
          yield* Effect.sleep(wait)
          times.push(yield* Clock.currentTimeMillis)
        }
      }).pipe(Testing.autoAdvance())
      expect(times).toEqual([5, 60_005, 86_460_005])
      expect(yield* Clock.currentTimeMillis).toBe(86_460_005)
    })
  )

  it.live("gives an effect a time of its own without a test clock", () =>
    Effect.gen(function* () {
      const before = Date.now()
      const passed = yield* Effect.gen(function* () {
        const start = yield* Clock.currentTimeMillis
        yield* Effect.all([Effect.sleep("2 hours"), Effect.sleep("1 hour")], { concurrency: 2 })
        return (yield* Clock.currentTimeMillis) - start
      }).pipe(Testing.autoAdvance())
      expect(passed).toBe(7_200_000)
      expect(Date.now() - before).toBeLessThan(60_000)
    })
  )

  it.effect("waits for retries with Retry-After against the sandbox", () =>
    Effect.gen(function* () {
      const management = yield* Management
      const control = yield* Sandbox.Control
      yield* control.inject({ times: 2, kind: { _tag: "RateLimited", retryAfter: 15 } })
      const { meta } = yield* management.billing.getBalance.withResponse()
      expect(meta.attempts).toBe(3)
      expect(yield* Clock.currentTimeMillis).toBeGreaterThanOrEqual(30_000)
    }).pipe(Testing.autoAdvance(), Effect.provide(layer))
  )

  it.effect("waits until a domain is verified, without adjusting the clock by hand", () =>
    Effect.gen(function* () {
      const management = yield* Management
      const control = yield* Sandbox.Control
      const { id } = yield* management.domains.create({ domain: "example.com" })
      yield* control.setVerification(id, { verification: "hold", duration: "10 minutes" })
      const { status } = yield* management.domains.waitUntilVerified(id)
      expect(status).toBe("verified")
      expect(yield* Clock.currentTimeMillis).toBeGreaterThanOrEqual(600_000)
    }).pipe(Testing.autoAdvance(), Effect.provide(layer))
  )

  it.effect("succeeds, fails and dies as the effect does", () =>
    Effect.gen(function* () {
      const waited = Effect.sleep("1 minute")
      const run = <A, E>(self: Effect.Effect<A, E>) => Effect.exit(Testing.autoAdvance()(self))
      expect(yield* run(Effect.as(waited, 1))).toEqual(Exit.succeed(1))
      expect(yield* run(Effect.zipRight(waited, Effect.fail("no")))).toEqual(Exit.fail("no"))
      const died = yield* run(Effect.zipRight(waited, Effect.die("broken")))
      expect(Exit.isFailure(died) ? String(died.cause) : "").toContain("broken")
    })
  )

  it.effect("ends with a defect when the effect waits for something other than time", () =>
    Effect.gen(function* () {
      let released = false
      const exit = yield* Effect.never.pipe(
        Effect.onExit(() =>
          Effect.sync(() => {
            released = true
          })
        ),
        Testing.autoAdvance({ patience: 20 }),
        Effect.exit
      )
      expect(Exit.isFailure(exit) ? String(exit.cause) : "").toContain(
        "the effect has waited for something other than time"
      )
      expect(released).toBe(true)
    })
  )

  it.effect("interrupts the effect when it is interrupted", () =>
    Effect.gen(function* () {
      let released = false
      const self = Effect.never.pipe(
        Effect.onExit(() =>
          Effect.sync(() => {
            released = true
          })
        ),
        Testing.autoAdvance()
      )
      const winner = yield* Effect.race(
        self,
        Effect.promise(() => new Promise((done) => setImmediate(done, "first")))
      )
      expect(winner).toBe("first")
      expect(released).toBe(true)
    })
  )
})
