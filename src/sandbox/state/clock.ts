/**
 * The time of a sandbox: that of `Clock`, moved forward by an offset.
 */
import * as Effect from "effect/Effect"
import { maxTimerMillis, now } from "../../internal/dialect/core.js"
import { makeBell } from "../../internal/dialect/shared/wakeups.js"
import type { Saved } from "./saved.js"

export class SandboxClock implements Saved<number> {
  private offset = 0
  private readonly moved = makeBell()

  /** Milliseconds since the epoch. */
  readonly now: Effect.Effect<number> = Effect.map(now, (at) => at + this.offset)

  /** Moves the time forward. Waits that are due then end. */
  advance(millis: number): void {
    this.offset += millis
    this.moved.ring()
  }

  /** How far the time was moved forward, in milliseconds. */
  get ahead(): number {
    return this.offset
  }

  snapshot(): number {
    return this.offset
  }

  restore(ahead: number): void {
    this.offset = ahead
    this.moved.ring()
  }

  /** Waits until the time of the sandbox is `at`. */
  sleepUntil(at: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const { offset } = this
      return Effect.flatMap(this.now, (current) =>
        current >= at
          ? Effect.void
          : Effect.andThen(
              this.moved.wait(() => this.offset !== offset, Math.min(at - current, maxTimerMillis)),
              this.sleepUntil(at)
            )
      )
    })
  }
}
