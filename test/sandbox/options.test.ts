/**
 * The options of a sandbox that change every call: latency and faults that are pending from the beginning.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Sandbox } from "../../src/index.js"

const headers = { authorization: "Bearer smx_mbx_sandbox" }

const get = ({ client }: Sandbox.Sandbox, path = "/sending/api/v1/me") =>
  client.get(`http://127.0.0.1${path}`, { headers })

/** How long a call takes. */
const timeOf = (sandbox: Sandbox.Sandbox) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(get(sandbox))
    for (let millis = 0; ; millis += 50) {
      if ((yield* Fiber.poll(fiber))._tag === "Some") return millis
      yield* TestClock.adjust(50)
    }
  })

it.scoped("the option latency delays every call to the API, and no request to the control", () =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make({ latency: "200 millis" })
    expect(yield* timeOf(sandbox)).toBe(200)
    expect(yield* timeOf(sandbox)).toBe(200)
    expect((yield* get(sandbox, "/__sandbox/health")).status).toBe(200)
  })
)

it.scoped("a range of latencies gives each call one of its own, which is the same in every run", () =>
  Effect.gen(function* () {
    const run = (seed: number) =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.make({ seed, latency: { min: 100, max: "1 second" } })
        return yield* Effect.all(Array.from({ length: 4 }, () => timeOf(sandbox)))
      })
    const times = yield* run(1)
    expect(new Set(times).size).toBeGreaterThan(1)
    for (const time of times) expect(time >= 100 && time <= 1000).toBe(true)
    expect(yield* run(1)).toEqual(times)
    expect(yield* run(2)).not.toEqual(times)
  })
)

it.scoped("a call that is delayed by the latency continues when the time of the sandbox is moved", () =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make({ latency: "1 hour" })
    const fiber = yield* Effect.fork(get(sandbox))
    yield* Effect.yieldNow()
    yield* sandbox.control.advance("1 hour")
    expect((yield* Fiber.join(fiber)).status).toBe(200)
  })
)

it.scoped("the option faults injects them at the start, and again after a reset", () =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make({ faults: [{ kind: { _tag: "ErrorResponse", status: 503 } }] })
    const statuses = Effect.all([get(sandbox), get(sandbox)]).pipe(
      Effect.map((responses) => responses.map(({ status }) => status))
    )
    expect(yield* statuses).toEqual([503, 200])
    yield* sandbox.control.reset
    expect(yield* statuses).toEqual([503, 200])
  })
)

it("options with a wrong latency or a fault that cannot apply are refused with what is wrong", () => {
  const make = (options: Sandbox.SandboxOptions) => () => Sandbox.make(options)
  expect(make({ latency: -1 })).toThrow("Sandbox: the latency must be a finite duration")
  expect(make({ latency: { min: "2 seconds", max: "1 second" } })).toThrow(
    "Sandbox: the longest latency must not be below the shortest"
  )
  expect(make({ faults: [{ times: 0, kind: { _tag: "BadGateway" } }] })).toThrow(
    "Sandbox: the field times of the fault must be a positive integer"
  )
})
