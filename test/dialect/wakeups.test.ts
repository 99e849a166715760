import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { reference } from "../../src/internal/dialect/core.js"
import { failOnStall, isStream, recoverStream, withValueOf } from "../../src/internal/dialect/stream.js"
import { makeBell, wakeups } from "../../src/internal/dialect/shared/wakeups.js"

/** Runs a stream of wakeups, and returns how many there were so far. `busy` is the time that each of them takes. */
const counting = <E>(signals: Stream.Stream<unknown, E>, everyMillis: number, busy = 0) =>
  Effect.gen(function* () {
    let count = 0
    const fiber = yield* Effect.fork(
      Stream.runForEach(wakeups(signals, everyMillis), () =>
        Effect.suspend(() => {
          count++
          return busy === 0 ? Effect.void : Effect.sleep(busy)
        })
      )
    )
    const countAfter = (millis: number) => Effect.map(TestClock.adjust(millis), () => count)
    return { fiber, countAfter }
  })

describe("wakeups", () => {
  it.effect("emits at once, and then after each interval without a signal", () =>
    Effect.gen(function* () {
      const { countAfter, fiber } = yield* counting(Stream.never, 1_000)
      expect(yield* countAfter(0)).toBe(1)
      expect(yield* countAfter(999)).toBe(1)
      expect(yield* countAfter(1)).toBe(2)
      expect(yield* countAfter(1_000)).toBe(3)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("emits after a signal, and counts the interval from then on", () =>
    Effect.gen(function* () {
      const signals = yield* Queue.unbounded<string>()
      const { countAfter, fiber } = yield* counting(Stream.fromQueue(signals), 1_000)
      yield* countAfter(600)
      yield* Queue.offer(signals, "now")
      expect(yield* countAfter(0)).toBe(2)
      expect(yield* countAfter(600)).toBe(2)
      expect(yield* countAfter(400)).toBe(3)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("merges the signals that arrive while an element is consumed into one", () =>
    Effect.gen(function* () {
      const signals = yield* Queue.unbounded<string>()
      const { countAfter, fiber } = yield* counting(Stream.fromQueue(signals), 1_000, 100)
      yield* countAfter(50)
      yield* Queue.offerAll(signals, ["a", "b", "c"])
      expect(yield* countAfter(49)).toBe(1)
      expect(yield* countAfter(1)).toBe(2)
      expect(yield* countAfter(200)).toBe(2)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("emits after signals only if the interval is infinite, also when the signals have ended", () =>
    Effect.gen(function* () {
      const { countAfter, fiber } = yield* counting(Stream.make("a"), Number.POSITIVE_INFINITY)
      expect(yield* countAfter(0)).toBe(2)
      expect(yield* countAfter(10_000_000)).toBe(2)
      yield* Fiber.interrupt(fiber)
      const ended = yield* counting(Stream.empty, 1_000)
      expect(yield* ended.countAfter(3_000)).toBe(4)
      yield* Fiber.interrupt(ended.fiber)
    })
  )

  it.effect("fails with the failure of the signals, even while it waits", () =>
    Effect.gen(function* () {
      const failing = Stream.fromEffect(Effect.delay(Effect.fail("closed"), 500))
      const { countAfter, fiber } = yield* counting(failing, Number.POSITIVE_INFINITY)
      expect(yield* countAfter(500)).toBe(1)
      expect(yield* Effect.flip(Fiber.join(fiber))).toBe("closed")
    })
  )

  it.effect("stops listening to the signals when it ends", () =>
    Effect.gen(function* () {
      let closed = false
      const signals = Stream.ensuring(
        Stream.never,
        Effect.sync(() => {
          closed = true
        })
      )
      const fiber = yield* Effect.fork(Stream.runDrain(Stream.take(wakeups(signals, 1_000), 2)))
      yield* TestClock.adjust(1_000)
      yield* Fiber.join(fiber)
      yield* TestClock.adjust(0)
      expect(closed).toBe(true)
    })
  )
})

describe("a bell", () => {
  const waiting = (ready: () => boolean, millis: number) =>
    Effect.gen(function* () {
      const bell = makeBell()
      const fiber = yield* Effect.fork(bell.wait(ready, millis))
      yield* TestClock.adjust(0)
      const isDone = Effect.map(Fiber.poll(fiber), ({ _tag }) => _tag === "Some")
      return { bell, fiber, isDone }
    })

  it.effect("does not wait if there is a reason to go on already", () =>
    Effect.gen(function* () {
      for (const millis of [1_000, Number.POSITIVE_INFINITY]) {
        const { isDone } = yield* waiting(() => true, millis)
        expect(yield* isDone).toBe(true)
      }
    })
  )

  it.effect("wakes all fibers that wait, and none that waits later", () =>
    Effect.gen(function* () {
      const bell = makeBell()
      const wait = bell.wait(() => false, Number.POSITIVE_INFINITY)
      const fibers = [yield* Effect.fork(wait), yield* Effect.fork(wait)]
      yield* TestClock.adjust(0)
      bell.ring()
      yield* Fiber.joinAll(fibers)
      const later = yield* Effect.fork(wait)
      yield* TestClock.adjust(60_000)
      expect((yield* Fiber.poll(later))._tag).toBe("None")
      yield* Fiber.interrupt(later)
      bell.ring()
    })
  )

  it.effect("wakes a fiber at the end of its time", () =>
    Effect.gen(function* () {
      const { fiber, isDone } = yield* waiting(() => false, 1_000)
      yield* TestClock.adjust(999)
      expect(yield* isDone).toBe(false)
      yield* TestClock.adjust(1)
      yield* Fiber.join(fiber)
    })
  )
})

describe("failOnStall", () => {
  it.effect("fails if an element takes longer than the limit, which starts again with each element", () =>
    Effect.gen(function* () {
      const delays = [900, 900, 1_100]
      const slow = Stream.mapEffect(Stream.fromIterable(delays), (delay) =>
        Effect.as(Effect.sleep(delay), delay)
      )
      const seen: Array<number> = []
      const running = yield* Effect.fork(
        Effect.flip(
          Stream.runForEach(
            failOnStall(slow, 1_000, () => "stalled"),
            (delay) => Effect.sync(() => seen.push(delay))
          )
        )
      )
      yield* TestClock.adjust(5_000)
      expect(yield* Fiber.join(running)).toBe("stalled")
      expect(seen).toEqual([900, 900])
    })
  )
})

describe("recoverStream", () => {
  it.effect("continues with another stream after a failure, and not after a success", () =>
    Effect.gen(function* () {
      const collect = <A, E>(stream: Stream.Stream<A, E>) =>
        Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)
      const recover = (error: string) => Stream.make(`after ${error}`)
      const failing = Stream.concat(Stream.make("a"), Stream.fail("no"))
      expect(yield* collect(recoverStream(failing, recover))).toEqual(["a", "after no"])
      expect(yield* collect(recoverStream(Stream.make("a"), recover))).toEqual(["a"])
    })
  )
})

describe("isStream", () => {
  it("accepts streams, and nothing else", () => {
    expect(isStream(Stream.empty)).toBe(true)
    for (const other of [undefined, null, 7, "stream", {}, [], () => Stream.empty]) {
      expect(isStream(other)).toBe(false)
    }
  })
})

describe("withValueOf", () => {
  it.effect("sets a reference for an effect and for a stream, called directly or in a pipe", () =>
    Effect.gen(function* () {
      const Color = reference<string>("test/dialect/Color", () => "none")
      const withColor = withValueOf(Color)
      expect(yield* withColor(Color, "red")).toBe("red")
      expect(yield* Effect.map(Color, (color) => color).pipe(withColor("blue"))).toBe("blue")
      const colors = Stream.fromEffect(Color)
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(withColor(colors, "red")))).toEqual(["red"])
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(colors.pipe(withColor("blue"))))).toEqual([
        "blue"
      ])
      expect(yield* Color).toBe("none")
    })
  )
})
