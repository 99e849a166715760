/**
 * The progress of bulk sending, for a progress bar or a status page.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import {
  type DurationInput,
  layerFrom,
  now,
  type Reference,
  reference,
  Service,
  toMillis
} from "../internal/dialect/core.js"
import { wakeups } from "../internal/dialect/shared/wakeups.js"
import type { Outcome } from "./model.js"

/**
 * The progress of all runs under one `Progress`, at one moment.
 *
 * @since 0.2.0
 * @category models
 */
export interface ProgressSnapshot {
  /** The messages that the server accepted, including those of earlier runs that the ledger knows. */
  readonly queued: number
  readonly rejected: number
  readonly unconfirmed: number
  /** The number of messages, if the option `total` was given. */
  readonly total: number | undefined
  /** The messages without an outcome, if `total` was given. */
  readonly remaining: number | undefined
  /** Outcomes per second over the last 30 seconds. */
  readonly rate: number
  /** How often a run waited because of the rate limit. */
  readonly waits: number
  /** For how long runs waited because of the rate limit, in milliseconds. */
  readonly waited: number
  /** When the current wait ends, in epoch milliseconds, if a run waits because of the rate limit. */
  readonly waitingUntil: number | undefined
  /** When the last message is expected to have its outcome, in epoch milliseconds, if it can be estimated. */
  readonly estimatedEnd: number | undefined
}

/**
 * The service behind `Progress`.
 *
 * @since 0.2.0
 * @category services
 */
export interface ProgressService {
  /** The progress at this moment. */
  readonly snapshot: Effect.Effect<ProgressSnapshot>
  /** The progress now, and again after each interval. The stream never ends. Default of `every`: one second. */
  readonly changes: (every?: DurationInput) => Stream.Stream<ProgressSnapshot>
}

/** What runs report to. */
export interface ProgressSink {
  readonly expect: (total: number) => void
  readonly outcome: (outcome: Outcome, time: number) => void
  readonly wait: (time: number, until: number) => void
}

/**
 * Where runs report their progress: to nothing, unless `Progress.layer` is provided.
 *
 * @internal
 */
export const CurrentProgress: Reference<ProgressSink | undefined> = reference<ProgressSink | undefined>(
  "effect-sendmux/Bulk/CurrentProgress",
  () => undefined
)

const windowSeconds = 30

/** The outcomes of each of the last seconds. */
const makeRate = () => {
  const counts = new Array<number>(windowSeconds).fill(0)
  let first: number | undefined
  let latest = 0
  const advance = (time: number): void => {
    const second = Math.floor(time / 1000)
    first ??= second
    if (second - latest >= windowSeconds) counts.fill(0)
    else for (let at = latest + 1; at <= second; at++) counts[at % windowSeconds] = 0
    latest = Math.max(latest, second)
  }
  return {
    add: (time: number): void => {
      advance(time)
      const slot = latest % windowSeconds
      counts[slot] = (counts[slot] ?? 0) + 1
    },
    perSecond: (time: number): number => {
      advance(time)
      const seconds = Math.min(windowSeconds, latest - (first ?? latest) + 1)
      return counts.reduce((sum, count) => sum + count, 0) / seconds
    }
  }
}

const makeProgress = (): ProgressService & ProgressSink => {
  const rate = makeRate()
  const counts = { Queued: 0, Rejected: 0, Unconfirmed: 0 }
  let total: number | undefined
  let waits = 0
  let waited = 0
  let waitingUntil = 0
  const snapshot = Effect.map(now, (time): ProgressSnapshot => {
    const { Queued: queued, Rejected: rejected, Unconfirmed: unconfirmed } = counts
    const remaining = total === undefined ? undefined : Math.max(0, total - queued - rejected - unconfirmed)
    const perSecond = rate.perSecond(time)
    const start = Math.max(time, waitingUntil)
    return {
      queued,
      rejected,
      unconfirmed,
      total,
      remaining,
      rate: perSecond,
      waits,
      waited: waited - Math.max(0, waitingUntil - time),
      waitingUntil: waitingUntil > time ? waitingUntil : undefined,
      estimatedEnd:
        remaining === undefined || (perSecond === 0 && remaining > 0)
          ? undefined
          : Math.ceil(start + (remaining === 0 ? 0 : (remaining / perSecond) * 1000))
    }
  })
  return {
    expect: (more) => {
      total = (total ?? 0) + more
    },
    outcome: ({ _tag }, time) => {
      counts[_tag]++
      rate.add(time)
    },
    wait: (time, until) => {
      if (until <= waitingUntil) return
      waits++
      waited += until - Math.max(time, waitingUntil)
      waitingUntil = until
    },
    snapshot,
    changes: (every = 1_000) =>
      Stream.mapEffect(wakeups(Stream.never, Math.max(1, toMillis(every) ?? 1_000)), () => snapshot)
  }
}

/**
 * The progress of `Bulk.send` and `Outbox.drain`. Provide its layer to the program that sends, and read it from any fiber
 * of the program.
 *
 * @example
 * import { Progress } from "effect-sendmux/Bulk"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const report = Effect.gen(function* () {
 *   const progress = yield* Progress
 *   yield* Stream.runForEach(progress.changes("5 seconds"), ({ queued, rate, remaining }) =>
 *     Effect.logInfo(`${queued} sent, ${remaining ?? "?"} remaining, ${rate.toFixed(0)} per second`)
 *   )
 * })
 *
 * @since 0.2.0
 * @category services
 */
export class Progress extends Service("effect-sendmux/Progress")<Progress, ProgressService>() {
  /**
   * Starts to count. All runs that have this layer count together.
   *
   * @since 0.2.0
   */
  static readonly layer: Layer.Layer<Progress> = layerOf()
}

function layerOf(): Layer.Layer<Progress> {
  return layerFrom(
    Effect.sync(() => {
      const progress = makeProgress()
      return Layer.merge(Layer.succeed(Progress, progress), Layer.succeed(CurrentProgress, progress))
    })
  )
}
