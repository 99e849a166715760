/**
 * The queue between a delivery and its handler.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { catchAll, catchCause, scheduleFromStep } from "../internal/dialect/core.js"
import { doubled } from "../internal/timing/backoff.js"
import { DedupeStore } from "./dedupe/store.js"
import type { WebhookEvent } from "./events.js"
import { checkQueueLimits, limitHandler } from "./limits.js"
import type { Delivery, EventHandler, GiveUpReason, HandlerOptions, QueueOptions } from "./options.js"
import { makePool } from "./pool.js"
import { type Accept, dedupeKey, responses, type WebhookResponse } from "./receive.js"

interface Item {
  readonly event: WebhookEvent
  readonly delivery: Delivery
}

const defaultRetry = scheduleFromStep<number, unknown>(1, (_error, failures) =>
  failures < 5 ? { state: failures + 1, delay: doubled(1_000, 8_000, failures - 1) } : undefined
)

/**
 * Makes a queue that accepts events at once and handles them in the background until the scope closes. Throws a
 * `RangeError` if an option is invalid.
 */
export const makeEventQueue = <E, R, RG>(
  { handlerTimeout, name }: Pick<HandlerOptions, "handlerTimeout" | "name">,
  options: QueueOptions<RG>,
  handler: EventHandler<E, R>
): Effect.Effect<Accept, never, R | RG | DedupeStore | Scope.Scope> => {
  const limits = checkQueueLimits(options)
  const limited = limitHandler(handler, handlerTimeout, "5 minutes")
  return Effect.gen(function* () {
    const store = yield* DedupeStore
    // The ids of the events that wait or are being handled. Another delivery of one is acknowledged without an entry.
    const accepted = new Set<string>()

    const giveUp = (event: WebhookEvent, reason: GiveUpReason): Effect.Effect<void, never, RG> => {
      const given = Effect.gen(function* () {
        yield* Effect.logError(`Event ${JSON.stringify(event.id)} was given up: ${reason}`)
        if (options.onGiveUp !== undefined) yield* options.onGiveUp(event, reason)
      })
      return catchCause(given, (cause) => Effect.logError("onGiveUp failed", cause))
    }

    const handle = ({ event, delivery }: Item) => {
      const attempts = Effect.retry(
        Effect.suspend(() => limited(event, delivery)),
        options.retry ?? defaultRetry
      )
      const handled = Effect.gen(function* () {
        const result = yield* store.once(dedupeKey(name, event), attempts)
        if (result === "Failed") yield* giveUp(event, "Failed")
      })
      const reported = catchCause(handled, (cause) =>
        Effect.gen(function* () {
          yield* Effect.logError(`Event ${JSON.stringify(event.id)} was not handled`, cause)
          yield* giveUp(event, "Failed")
        })
      )
      return Effect.gen(function* () {
        yield* reported
        accepted.delete(event.id)
      })
    }

    const pool = yield* makePool<Item, R | RG, RG>(limits, handle, ({ event }) => giveUp(event, "ShutDown"))

    const enqueue = (item: Item): WebhookResponse => {
      const { id } = item.event
      if (accepted.has(id)) return responses.queued
      if (!pool.offer(item)) return responses.full
      accepted.add(id)
      return responses.queued
    }

    return (event, delivery) =>
      store.isDone(dedupeKey(name, event)).pipe(
        Effect.map((done) => (done ? responses.duplicate : enqueue({ event, delivery }))),
        catchAll((error) => Effect.as(Effect.logError(error.message), responses.failed))
      )
  })
}
