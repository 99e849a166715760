import * as PlatformError from "@effect/platform/Error"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { DedupeStore, DedupeStoreError } from "../../src/Webhooks.js"
import { defectIn } from "../support/dialect/exits.js"
import { logLayer } from "../support/dialect/telemetry.js"
import { openStore } from "../support/keyValueStores.js"

const counting = () => {
  let runs = 0
  return { handle: Effect.sync(() => ++runs), runs: () => runs }
}

const stores = [
  ["memory", DedupeStore.layerMemory()],
  ["KeyValueStore", Layer.provide(DedupeStore.layerKeyValueStore(), KeyValueStore.layerMemory)]
] as const

describe.each(stores)("DedupeStore.once in %s", (_name, layer) => {
  it.effect("runs the handler again only if it failed before", () =>
    Effect.gen(function* () {
      const store = yield* DedupeStore
      expect(yield* Effect.flip(store.once("evt_1", Effect.fail("no")))).toBe("no")
      expect(yield* store.isDone("evt_1")).toBe(false)
      expect(Exit.isFailure(yield* Effect.exit(store.once("evt_1", Effect.die("bug"))))).toBe(true)
      const { handle, runs } = counting()
      expect(yield* store.once("evt_1", handle)).toBe("Handled")
      expect(yield* store.once("evt_1", handle)).toBe("Duplicate")
      expect(yield* store.once("evt_2", handle)).toBe("Handled")
      expect(runs()).toBe(2)
    }).pipe(Effect.provide(layer))
  )

  it.effect("forgets an event once it is as old as the maximum age", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_780_000_000_000)
      const store = yield* DedupeStore
      yield* store.markDone("evt_1")
      yield* TestClock.adjust("6 days")
      expect(yield* store.isDone("evt_1")).toBe(true)
      yield* TestClock.adjust("1 day")
      expect(yield* store.isDone("evt_1")).toBe(false)
    }).pipe(Effect.provide(layer))
  )
})

describe.each([
  ["memory", (maxAge: never) => DedupeStore.layerMemory({ maxAge })],
  [
    "KeyValueStore",
    (maxAge: never) => Layer.provide(DedupeStore.layerKeyValueStore({ maxAge }), KeyValueStore.layerMemory)
  ]
] as const)("DedupeStore in %s", (_name, layerOf) => {
  it.effect("dies with a RangeError that names the option if maxAge is not a duration", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Effect.scoped(Layer.build(layerOf("a while" as never))))
      const defect = defectIn(exit)
      expect(String(defect)).toBe(
        'RangeError: DedupeStore: maxAge is not a duration. Use a number of milliseconds or text such as "7 days"'
      )
    })
  )
})

describe("DedupeStore and DedupeStoreError", () => {
  it("have stable names, by which two copies of the package recognize each other's values", () => {
    expect(DedupeStore.key).toBe("effect-sendmux/Webhooks/DedupeStore")
    expect(DedupeStoreError.identifier).toBe("effect-sendmux/DedupeStoreError")
    expect(new DedupeStoreError({ action: "isDone", reason: "down" })._tag).toBe("DedupeStoreError")
  })
})

describe("DedupeStore.once, called concurrently for one event", () => {
  const race = <E>(ending: Effect.Effect<void, E>) =>
    Effect.gen(function* () {
      const store = yield* DedupeStore
      const begun = yield* Deferred.make<void>()
      const release = yield* Deferred.make<void>()
      let runs = 0
      const handle = Effect.zipRight(
        Effect.sync(() => runs++),
        Effect.zipRight(Deferred.succeed(begun, undefined), Effect.zipRight(Deferred.await(release), ending))
      )
      const first = yield* Effect.fork(store.once("evt_1", handle))
      yield* Deferred.await(begun)
      const second = yield* Effect.fork(store.once("evt_1", handle))
      yield* Effect.yieldNow()
      return { store, first, second, release, runs: () => runs }
    })

  it.effect("runs the handler once, and the second call returns Duplicate when it succeeds", () =>
    Effect.gen(function* () {
      const { first, second, release, runs } = yield* race(Effect.void)
      yield* Deferred.succeed(release, undefined)
      expect(yield* Fiber.join(first)).toBe("Handled")
      expect(yield* Fiber.join(second)).toBe("Duplicate")
      expect(runs()).toBe(1)
    }).pipe(Effect.provide(DedupeStore.layerMemory()))
  )

  it.effect(
    "returns Failed from the second call when the handler fails, and runs it again for a third call",
    () =>
      Effect.gen(function* () {
        const { store, first, second, release, runs } = yield* race(Effect.fail("no"))
        yield* Deferred.succeed(release, undefined)
        expect(yield* Effect.flip(Fiber.join(first))).toBe("no")
        expect(yield* Fiber.join(second)).toBe("Failed")
        expect(runs()).toBe(1)
        expect(yield* store.once("evt_1", Effect.void)).toBe("Handled")
      }).pipe(Effect.provide(DedupeStore.layerMemory()))
  )

  it.effect("runs the handler of the second call when the first call is interrupted", () =>
    Effect.gen(function* () {
      const { first, second, release, runs } = yield* race(Effect.void)
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(release, undefined)
      expect(yield* Fiber.join(second)).toBe("Handled")
      expect(runs()).toBe(2)
    }).pipe(Effect.provide(DedupeStore.layerMemory()))
  )

  it.effect("runs the handler once for a hundred concurrent calls", () =>
    Effect.gen(function* () {
      const store = yield* DedupeStore
      const { handle, runs } = counting()
      const slow = Effect.zipRight(Effect.yieldNow(), handle)
      const results = yield* Effect.all(
        Array.from({ length: 100 }, () => store.once("evt_1", slow)),
        { concurrency: "unbounded" }
      )
      expect(results.filter((result) => result === "Handled")).toHaveLength(1)
      expect(results.filter((result) => result === "Duplicate")).toHaveLength(99)
      expect(runs()).toBe(1)
    }).pipe(Effect.provide(DedupeStore.layerMemory()))
  )
})

describe("DedupeStore.layerMemory", () => {
  it.effect("keeps the newest events up to the capacity", () =>
    Effect.gen(function* () {
      const store = yield* DedupeStore
      for (const id of ["a", "b", "c", "a", "d"]) yield* store.markDone(id)
      const known = yield* Effect.filter(["a", "b", "c", "d"], store.isDone)
      expect(known).toEqual(["a", "c", "d"])
    }).pipe(Effect.provide(DedupeStore.layerMemory({ capacity: 3 })))
  )
})

describe("DedupeStore.layerKeyValueStore", () => {
  it.effect("only reads the store for an event that it does not know, under its default prefix", () =>
    Effect.gen(function* () {
      const calls: Array<string> = []
      const note = (call: string) => Effect.sync(() => void calls.push(call))
      const values = Layer.succeed(
        KeyValueStore.KeyValueStore,
        KeyValueStore.makeStringOnly({
          get: (key) => Effect.as(note(`get ${key}`), Option.none()),
          set: (key) => note(`set ${key}`),
          remove: (key) => note(`remove ${key}`),
          clear: note("clear"),
          size: Effect.succeed(0)
        })
      )
      const isDone = Effect.flatMap(DedupeStore, (store) => store.isDone("evt_1"))
      const layer = Layer.provide(DedupeStore.layerKeyValueStore(), values)
      expect(yield* Effect.provide(isDone, layer)).toBe(false)
      expect(calls).toEqual(["get sendmux-webhook-evt_1"])
    })
  )

  it.effect("remembers events across a restart, under its prefix", () =>
    Effect.gen(function* () {
      const { entries: kept, layer: values } = openStore()
      const process = <A, E>(use: Effect.Effect<A, E, DedupeStore>) =>
        Effect.provide(
          use,
          Layer.provide(DedupeStore.layerKeyValueStore({ prefix: "hooks/", maxAge: "1 hour" }), values)
        )
      yield* TestClock.setTime(5_000)
      yield* process(Effect.flatMap(DedupeStore, (store) => store.once("evt_1", Effect.void)))
      expect([...kept]).toEqual([["hooks/evt_1", "5000"]])
      const again = process(Effect.flatMap(DedupeStore, (store) => store.once("evt_1", Effect.void)))
      expect(yield* again).toBe("Duplicate")
      yield* TestClock.adjust("1 hour")
      expect(yield* process(Effect.flatMap(DedupeStore, (store) => store.isDone("evt_1")))).toBe(false)
      expect(kept.size).toBe(0)
    })
  )

  it.effect(
    "fails before the handler runs when the store fails, and names the operation but not the key",
    () => {
      const broken = Effect.fail(
        new PlatformError.SystemError({
          module: "KeyValueStore",
          method: "get",
          reason: "PermissionDenied",
          pathOrDescriptor: "/secret/evt_1"
        })
      )
      const down = Layer.succeed(
        KeyValueStore.KeyValueStore,
        KeyValueStore.makeStringOnly({
          get: () => broken,
          set: () => broken,
          remove: () => broken,
          clear: broken,
          size: broken
        })
      )
      return Effect.gen(function* () {
        const store = yield* DedupeStore
        const { handle, runs } = counting()
        const error = yield* Effect.flip(store.once("evt_1", handle))
        expect(error).toBeInstanceOf(DedupeStoreError)
        expect(error.message).toContain("PermissionDenied")
        expect(JSON.stringify(error)).not.toContain("evt_1")
        expect(runs()).toBe(0)
        expect((yield* Effect.flip(store.isDone("evt_1"))).action).toBe("isDone")
        expect((yield* Effect.flip(store.markDone("evt_1"))).action).toBe("markDone")
      }).pipe(Effect.provide(Layer.provide(DedupeStore.layerKeyValueStore(), down)))
    }
  )
})

describe("DedupeStore.layer", () => {
  it.effect("succeeds and logs the event id if the handler succeeded but the store failed to record it", () =>
    Effect.gen(function* () {
      const store = yield* DedupeStore
      const logs: Array<unknown> = []
      const logged = logLayer(({ message }) => void logs.push(message))
      const once = store.once("evt_1", Effect.void)
      expect(yield* Effect.provide(once, logged)).toBe("Handled")
      expect(logs.flat()).toContain('Event "evt_1" was handled but not recorded')
    }).pipe(
      Effect.provide(
        DedupeStore.layer({
          isDone: () => Effect.succeed(false),
          markDone: () => Effect.fail(new DedupeStoreError({ action: "markDone", reason: "disk full" }))
        })
      )
    )
  )
})
