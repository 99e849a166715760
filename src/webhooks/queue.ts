/**
 * Accepting deliveries at once and handling them behind a bounded queue.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import {
  catchAll,
  catchCause,
  type DurationInput,
  scheduleFromStep,
  toMillis
} from "../internal/dialect/core.js"
import type { HttpApp } from "../internal/dialect/server.js"
import { doubled } from "../internal/timing/backoff.js"
import { DedupeStore } from "./dedupe.js"
import type { WebhookEvent } from "./events.js"
import {
  type Accept,
  type Answer,
  answers,
  type EventHandler,
  type HandlerOptions,
  keyOf,
  receiver
} from "./handler.js"
import type { Delivery } from "./verify.js"
import { makePool } from "./worker.js"

/**
 * Why a queued event was given up: its attempts ran out, or the queue closed before it was handled.
 *
 * @since 0.1.0
 * @category models
 */
export type GiveUpReason = "Failed" | "ShutDown"

/**
 * @since 0.1.0
 * @category options
 */
export interface QueueOptions<RG = never> {
  /** How many accepted events may wait; a delivery beyond them is answered with 503 and comes again. Default 1,000. */
  readonly capacity?: number | undefined
  /** How many events are handled at once. Default 4. */
  readonly concurrency?: number | undefined
  /**
   * When to handle an event again whose handler failed. Default: 5 attempts in all, after 1, 2, 4 and 8 seconds.
   * Defects are not tried again.
   */
  readonly retry?: Schedule.Schedule<unknown, unknown> | undefined
  /** How long closing waits for the events that were accepted. Default 30 seconds. */
  readonly drainTimeout?: DurationInput | undefined
  /**
   * What to do with an accepted event that will not be handled. Sendmux was told 202 and will not send it again, so
   * this is the place to put it aside. It is logged in any case.
   */
  readonly onGiveUp?:
    | ((event: WebhookEvent, reason: GiveUpReason) => Effect.Effect<unknown, unknown, RG>)
    | undefined
}

interface Item {
  readonly event: WebhookEvent
  readonly delivery: Delivery
}

const defaultRetry = scheduleFromStep<number, unknown>(1, (_error, failures) =>
  failures < 5 ? { state: failures + 1, delay: doubled(1_000, 8_000, failures - 1) } : undefined
)

const wholeNumber = (name: string, value: number): number => {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new RangeError(`Webhooks: queue.${name} must be a whole number of at least 1`)
}

/** @internal */
export const makeQueue = <E, R, RG>(
  name: string | undefined,
  options: QueueOptions<RG>,
  handler: EventHandler<E, R>
): Effect.Effect<Accept, never, R | RG | DedupeStore | Scope.Scope> =>
  Effect.gen(function* () {
    const store = yield* DedupeStore
    /** Events that wait or are being handled: another delivery of one is acknowledged as well. */
    const accepted = new Set<string>()

    const giveUp = (event: WebhookEvent, reason: GiveUpReason) =>
      catchCause(
        Effect.flatMap(Effect.logError(`Event ${JSON.stringify(event.id)} was given up: ${reason}`), () =>
          options.onGiveUp === undefined ? Effect.void : Effect.asVoid(options.onGiveUp(event, reason))
        ),
        (cause) => Effect.logError("onGiveUp failed", cause)
      )

    const work = ({ event, delivery }: Item) => {
      const attempts = Effect.retry(
        Effect.suspend(() => handler(event, delivery)),
        options.retry ?? defaultRetry
      )
      const handled = Effect.flatMap(store.once(keyOf(name, event), attempts), (result) =>
        result === "Failed" ? giveUp(event, "Failed") : Effect.void
      )
      const reported = catchCause(handled, (cause) =>
        Effect.flatMap(Effect.logError(`Event ${JSON.stringify(event.id)} was not handled`, cause), () =>
          giveUp(event, "Failed")
        )
      )
      return Effect.map(reported, () => {
        accepted.delete(event.id)
      })
    }

    const pool = yield* makePool<Item, R | RG, RG>(
      {
        capacity: wholeNumber("capacity", options.capacity ?? 1_000),
        concurrency: wholeNumber("concurrency", options.concurrency ?? 4),
        drainMillis: toMillis(options.drainTimeout ?? "30 seconds") ?? 30_000
      },
      work,
      ({ event }) => giveUp(event, "ShutDown")
    )

    const enqueue = (item: Item): Answer => {
      const { id } = item.event
      if (accepted.has(id)) return answers.queued
      if (!pool.offer(item)) return answers.full
      accepted.add(id)
      return answers.queued
    }

    return (event, delivery) =>
      catchAll(
        Effect.map(store.isDone(keyOf(name, event)), (done) =>
          done ? answers.duplicate : enqueue({ event, delivery })
        ),
        (error) => Effect.as(Effect.logError(error.message), answers.failed)
      )
  })

/**
 * Like `httpApp`, for handlers that take long: a genuine event is put into a bounded queue and answered with 202 at
 * once, and workers handle it, trying again when the handler fails.
 *
 * What was accepted is Sendmux's concern no more: an event is lost when the process dies before handling it. When the
 * scope closes, nothing more is accepted (503) and the queue is emptied first, for up to `drainTimeout`. Close the
 * server before or together with that scope.
 *
 * @since 0.1.0
 * @category handlers
 */
export const queuedHttpApp = <E, R, ES = never, RS = never, RG = never>(
  options: HandlerOptions<ES, RS> & { readonly queue: QueueOptions<RG> },
  handler: EventHandler<E, R>
): Effect.Effect<HttpApp<never, RS>, never, R | RG | DedupeStore | Scope.Scope> =>
  Effect.map(makeQueue(options.name, options.queue, handler), (accept) => receiver(options, accept))
