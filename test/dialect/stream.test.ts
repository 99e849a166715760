import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { failOnStall, mapArrayEffect, mapArrayOrFail } from "../../src/internal/dialect/stream.js"

const collect = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.gen(function* () {
    const seen: Array<A> = []
    const exit = yield* Effect.exit(
      Stream.runForEach(stream, (element) => Effect.sync(() => seen.push(element)))
    )
    return { seen, exit }
  })

const endless = Stream.concat(Stream.make(1, 2), Stream.never)

/** An endless stream that knows whether it was released. */
const watched = () => {
  let released = false
  const source = Stream.ensuring(
    endless,
    Effect.sync(() => {
      released = true
    })
  )
  return { source, isReleased: () => released }
}

describe("failOnStall", () => {
  it.live("fails by the live clock when no element arrives, and interrupts the stream", () =>
    Effect.gen(function* () {
      const { isReleased, source } = watched()
      const { exit, seen } = yield* collect(failOnStall(source, 20, () => "stalled"))
      expect(exit).toEqual(yield* Effect.exit(Effect.fail("stalled")))
      expect(seen).toEqual([1, 2])
      expect(isReleased()).toBe(true)
    })
  )

  it.live("fails in an uninterruptible region", () =>
    Effect.gen(function* () {
      const { exit } = yield* Effect.uninterruptible(collect(failOnStall(endless, 20, () => "stalled")))
      expect(exit._tag).toBe("Failure")
    })
  )

  it.effect("does not count the time that the consumer takes", () =>
    Effect.gen(function* () {
      const limited = failOnStall(Stream.rechunk(Stream.make(1, 2, 3), 1), 10, () => "stalled")
      const slow = Stream.runForEach(limited, () => Effect.sleep(1_000))
      const running = yield* Effect.fork(slow)
      yield* TestClock.adjust(3_000)
      yield* Fiber.join(running)
    })
  )

  it.live("passes on all elements, failures and defects of the stream", () =>
    Effect.gen(function* () {
      const numbers = Array.from({ length: 5_000 }, (_, index) => index)
      const source = Stream.rechunk(Stream.fromIterable(numbers), 1)
      const complete = yield* collect(failOnStall(source, 1_000, () => "stalled"))
      expect(complete.seen).toEqual(numbers)
      expect(complete.exit._tag).toBe("Success")
      const failing = Stream.concat(source, Stream.fail("broken"))
      const failed = yield* collect(failOnStall(failing, 1_000, () => "stalled"))
      expect(failed).toEqual({ seen: numbers, exit: yield* Effect.exit(Effect.fail("broken")) })
      const died = yield* collect(failOnStall(Stream.die("defect"), 1_000, () => "stalled"))
      expect(died.exit).toEqual(yield* Effect.exit(Effect.die("defect")))
    })
  )

  it.live("pulls the stream only as often as the consumer asks", () =>
    Effect.gen(function* () {
      let pulls = 0
      const source = Stream.repeatEffect(Effect.sync(() => ++pulls))
      const taken = yield* collect(
        Stream.take(
          failOnStall(source, 1_000, () => "stalled"),
          3
        )
      )
      expect(taken.seen).toEqual([1, 2, 3])
      expect(pulls).toBe(3)
    })
  )

  it.live("interrupts the stream when the consumer is interrupted", () =>
    Effect.gen(function* () {
      const { isReleased, source } = watched()
      const running = yield* Effect.fork(Stream.runDrain(failOnStall(source, 60_000, () => "stalled")))
      yield* Effect.sleep(5)
      yield* Fiber.interrupt(running)
      expect(isReleased()).toBe(true)
    })
  )
})

describe("mapArrayOrFail", () => {
  it.effect("emits what precedes a failure in the same chunk, and nothing after it", () =>
    Effect.gen(function* () {
      const mapped = mapArrayOrFail(Stream.make(1, 2, 3, 4), (n) =>
        n === 3 ? { failure: "three" } : [n, n * 10]
      )
      const { exit, seen } = yield* collect(mapped)
      expect(seen).toEqual([1, 10, 2, 20])
      expect(exit).toEqual(yield* Effect.exit(Effect.fail("three")))
    })
  )
})

describe("mapArrayEffect", () => {
  it.effect("runs the effect of an element when the results of the one before are consumed", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const mapped = mapArrayEffect(Stream.make(1, 2), (n) =>
        Effect.sync(() => {
          order.push(`run ${n}`)
          return [n, n]
        })
      )
      yield* Stream.runForEach(mapped, (n) => Effect.sync(() => order.push(`take ${n}`)))
      expect(order).toEqual(["run 1", "take 1", "take 1", "run 2", "take 2", "take 2"])
    })
  )
})

describe("failOnStall, whose consumer stops waiting", () => {
  it.scoped("keeps the elements that arrive then for the next pull", () =>
    Effect.gen(function* () {
      const late = Stream.fromEffect(Effect.as(Effect.sleep("2 seconds"), "a"))
      const pull = yield* Stream.toPull(failOnStall(late, 10_000, () => "stalled"))
      const waiting = yield* Effect.fork(pull)
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(waiting)
      yield* TestClock.adjust("1 second")
      expect(Chunk.toReadonlyArray(yield* pull)).toEqual(["a"])
    })
  )
})
