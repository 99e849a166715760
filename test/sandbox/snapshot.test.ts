/**
 * The state of a sandbox is saved as plain data, and another sandbox continues from it.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { Sandbox } from "../../src/index.js"
import { quiet } from "../support/dialect/telemetry.js"
import {
  awaitAttempts,
  everyStep,
  Known,
  reads,
  receiver,
  request,
  type Step,
  steps,
  take
} from "../support/sandboxLife.js"

/** Raise it for a longer search: `SNAPSHOT_RUNS=1000 npx vitest run test/sandbox/snapshot.test.ts`. */
const numRuns = Number(process.env["SNAPSHOT_RUNS"] ?? 15)

/** The time between two steps. It is odd, so that no two delays end at the same time. */
const pause = 1013

/** What changes the options of a sandbox, which are not a part of its state. */
const optionKinds: ReadonlySet<string> = new Set(["fault", "rate"])

const newSandbox = Sandbox.make({
  seed: 7,
  webhookClient: receiver,
  limits: { sending: 1e9, mailbox: 1e9, management: 1e9 }
})

const idsIn = (texts: ReadonlyArray<string>): ReadonlySet<string> =>
  new Set(
    texts.flatMap((text) => text.match(/\b(?:msg|eml|req|whda|drf|thr|tx|dlog)_[a-z0-9]{20,}\b/g) ?? [])
  )

/** Lets time pass, and ends what became due. */
const pass = (...sandboxes: ReadonlyArray<Sandbox.Sandbox>) =>
  Effect.gen(function* () {
    for (const sandbox of sandboxes) yield* awaitAttempts(sandbox)
    yield* TestClock.adjust(pause)
    for (const sandbox of sandboxes) yield* awaitAttempts(sandbox)
  })

/** Compares two responses, and shows the place where they differ. */
const expectSame = (actual: string, expected: string): void => {
  let at = 0
  while (at < expected.length && actual[at] === expected[at]) at++
  const near = (text: string) => `${text.split("\n")[0]}: ${text.slice(Math.max(0, at - 200), at + 200)}`
  if (actual !== expected) throw new Error(`restored: ${near(actual)}\noriginal: ${near(expected)}`)
}

/** Takes steps on a sandbox, continues from its state in another one, and compares what both respond from then on. */
const compare = (before: ReadonlyArray<Step>, after: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const original = yield* newSandbox
    const known = new Known()
    for (const step of before.filter(({ kind }) => !optionKinds.has(kind))) {
      yield* take(original, known, step)
      yield* pass(original)
    }
    const data = structuredClone(original.state.snapshot())
    const restored = yield* newSandbox
    restored.state.restore(data)
    const knownThere = known.copy()
    for (const line of reads) {
      expectSame(yield* request(restored, { line }), yield* request(original, { line }))
    }
    for (const step of after) {
      const text = yield* take(original, known, step)
      expectSame(yield* take(restored, knownThere, step), text)
      yield* pass(original, restored)
    }
    for (const line of reads) {
      expectSame(yield* request(restored, { line }), yield* request(original, { line }))
    }
    return data
  }).pipe(Effect.scoped, Effect.provide(Layer.merge(quiet, TestContext.TestContext)), Effect.runPromise)

describe("the state of a sandbox that is restored in another one", () => {
  it("gives the same response to every read and to every later call, whatever happened before", async () => {
    await FastCheck.assert(
      FastCheck.asyncProperty(steps(60), steps(20), async (before, after) => {
        await compare(before, after)
      }),
      { numRuns, examples: [[everyStep, everyStep]] }
    )
  })

  it("has data in every part after all kinds of calls", async () => {
    const pending = Array.from({ length: 15 }, (_, index) => 60 + 2 * index).flatMap((n) => [
      { kind: "draft", n },
      { kind: "schedule", n },
      { kind: "testWebhook", n }
    ])
    const data = await compare([...everyStep, ...pending], [])
    const empty = Object.entries(data).flatMap(([name, part]) =>
      Array.isArray(part) && part.length === 0 ? [name] : []
    )
    expect(empty).toEqual([])
  })
})

const stateOf = (before: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const sandbox = yield* newSandbox
    const known = new Known()
    const texts: Array<string> = []
    for (const step of before) texts.push(yield* take(sandbox, known, step))
    return { data: structuredClone(sandbox.state.snapshot()), texts, known, sandbox }
  })

it.scoped("a sandbox that continues from an outdated state makes no id that may have been made since", () =>
  Effect.gen(function* () {
    const { data, known, sandbox } = yield* stateOf(everyStep)
    const lost: Array<string> = []
    for (const step of everyStep) lost.push(yield* take(sandbox, known.copy(), step))
    const restored = yield* newSandbox
    restored.state.restore(data, { mayBeOutdated: true })
    const later: Array<string> = []
    for (const kind of ["send", "inbound", "draft", "list"]) {
      later.push(yield* take(restored, known.copy(), { kind, n: 0 }))
    }
    const known1 = idsIn([JSON.stringify(data)])
    const made = [...idsIn(later)].filter((id) => !known1.has(id))
    const lostIds = idsIn(lost)
    expect(made.length).toBeGreaterThan(3)
    expect(made.filter((id) => lostIds.has(id))).toEqual([])
  })
)

it.scoped("a client with a state that was lost is told to fetch everything again", () =>
  Effect.gen(function* () {
    const { data, known, sandbox } = yield* stateOf([{ kind: "inbound", n: 1 }])
    yield* take(sandbox, known, { kind: "inbound", n: 1 })
    yield* take(sandbox, known, { kind: "changes", n: 0 })
    const restored = yield* newSandbox
    restored.state.restore(data, { mayBeOutdated: true })
    expect(yield* take(restored, known, { kind: "changes", n: 0 })).toContain('"sync_required":true')
  })
)

it.scoped("the rate limits and the faults of a restored sandbox are those of its own options", () =>
  Effect.gen(function* () {
    const { data } = yield* stateOf([
      { kind: "rate", n: 0 },
      { kind: "fault", n: 3 }
    ])
    const kind = { _tag: "BadGateway" } as const
    const restored = yield* Sandbox.make({ limits: { mailbox: 7 }, faults: [{ kind }] })
    restored.state.restore(data)
    yield* restored.control.inject({ kind })
    const faults = yield* restored.control.faults
    expect(faults.map(({ kind }) => kind._tag)).toEqual(["BadGateway", "BadGateway"])
    expect(new Set(faults.map(({ id }) => id)).size).toBe(2)
    yield* restored.control.clearFaults
    expect(yield* request(restored, { line: "GET /app/api/v1/mailbox/me" })).toContain(
      '"x-ratelimit-limit":"7"'
    )
  })
)

it.scoped("data that is not a state of this version changes nothing", () =>
  Effect.gen(function* () {
    const { data, sandbox } = yield* stateOf([{ kind: "send", n: 0 }])
    const { outbox, ...others } = data
    expect(outbox).toBeDefined()
    expect(() => sandbox.state.restore(others)).toThrow(
      "The saved state does not have the parts of this version of the sandbox"
    )
    expect(yield* sandbox.control.outbox).toHaveLength(1)
  })
)

it.scoped("reports each change of a sandbox, and the end of a restore", () =>
  Effect.gen(function* () {
    const sandbox = yield* newSandbox
    let changes = 0
    const stop = sandbox.state.onChange(() => {
      changes++
    })
    const known = new Known()
    const kinds = [
      "send",
      "outcome",
      "rate",
      "expire",
      "mailbox",
      "key",
      "expireKey",
      "forget",
      "fault",
      "advance",
      "inbound"
    ]
    for (const kind of [...kinds, "domain", "hold", "login", "revokeGrants", "list"]) {
      const before = changes
      yield* take(sandbox, known, { kind, n: 0 })
      expect([kind, changes > before]).toEqual([kind, true])
    }
    const before = changes
    sandbox.state.restore(structuredClone(sandbox.state.snapshot()))
    expect(changes).toBeGreaterThan(before)
    stop()
    const last = changes
    yield* take(sandbox, new Known(), { kind: "send", n: 0 })
    expect(changes).toBe(last)
  })
)
