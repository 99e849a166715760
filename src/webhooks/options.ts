/**
 * The options that verification and the handlers share.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import type { DurationInput } from "../internal/dialect/core.js"
import type { WebhookEvent } from "./events.js"
import type { SupportedEffect } from "../internal/dialect/with-effect-4-import-effect-sendmux-v4.js"

/**
 * The signing secret of a webhook, or several of them during a rotation: a delivery may be signed with any of them.
 * An empty secret never matches.
 *
 * @since 0.1.0
 * @category options
 */
export type Secrets = Redacted.Redacted | ReadonlyArray<Redacted.Redacted>

/**
 * The secrets, or an Effect that succeeds with them. The Effect runs once for each delivery, so a rotated secret takes
 * effect without a restart.
 *
 * @since 0.1.0
 * @category options
 */
export type SecretSource<E = never, R = never> = Secrets | Effect.Effect<Secrets, E, R>

/**
 * The headers of a delivery: a web `Headers` object, or a record such as Node's `request.headers`. The names may be in
 * any letter case.
 *
 * @since 0.1.0
 * @category options
 */
export type HeadersInput = Headers | { readonly [name: string]: string | ReadonlyArray<string> | undefined }

/**
 * The options that decide which signatures are accepted.
 *
 * @since 0.1.0
 * @category options
 */
export interface StrictnessOptions {
  /**
   * The largest accepted difference between the signed timestamp and the current time, in either direction and
   * inclusive. The default is 300 seconds. Version 1 of the signature has no timestamp.
   */
  readonly tolerance?: DurationInput | undefined
  /**
   * Rejects deliveries that carry only a version 1 signature, because anyone who captured one can replay it at any
   * time. The default is `false`. Turn it on once all deliveries of your webhook carry a version 2 signature.
   */
  readonly requireV2?: boolean | undefined
}

/**
 * Information about one delivery of an event.
 *
 * @since 0.1.0
 * @category models
 */
export interface Delivery {
  /** The version of the signature that was verified. Version 2 also signs a timestamp. */
  readonly scheme: "v1" | "v2"
  /** The number of this delivery attempt, from 1, or `undefined` if the sender did not report it. It is not signed. */
  readonly attempt: number | undefined
}

/**
 * The options of `httpApp`, and the part that `queuedHttpApp` and `toHandler` share with it.
 *
 * @since 0.1.0
 * @category options
 */
export interface HandlerOptions<ES = never, RS = never> extends StrictnessOptions, SupportedEffect {
  /** The signing secrets of the webhook. When they fail to load, the response is 500. */
  readonly secrets: SecretSource<ES, RS>
  /** The maximum size of a request body in bytes. The response to a larger body is 413. The default is 1,048,576 (1 MiB). */
  readonly maxBodyBytes?: number | undefined
  /** How long the request body may take. The response to a slower one is 408. The default is 30 seconds. */
  readonly bodyTimeout?: DurationInput | undefined
  /**
   * How long the handler may take before it is interrupted and counts as failed. The default is 60 seconds, or 5 minutes
   * for each attempt of a queued event. `Infinity` means no limit.
   */
  readonly handlerTimeout?: DurationInput | undefined
  /**
   * A name that separates handlers which share one `DedupeStore`: each event is handled once under each name. Set it
   * when a program has several handlers over one store. Otherwise one handler treats the events of another as
   * duplicates.
   */
  readonly name?: string | undefined
}

/**
 * The function that handles an event. When it fails, the response is 500, and Sendmux retries the delivery for up to
 * 24 hours.
 *
 * @since 0.1.0
 * @category models
 */
export type EventHandler<E = never, R = never> = (
  event: WebhookEvent,
  delivery: Delivery
) => Effect.Effect<unknown, E, R>

/**
 * The reason why a queued event was given up: all attempts failed (`Failed`), or the queue closed before the event was
 * handled (`ShutDown`).
 *
 * @since 0.1.0
 * @category models
 */
export type GiveUpReason = "Failed" | "ShutDown"

/**
 * The options of the queue between a delivery and its handler.
 *
 * @since 0.1.0
 * @category options
 */
export interface QueueOptions<RG = never> {
  /**
   * The maximum number of events that wait in the queue. The default is 1,000. When the queue is full, the response is
   * 503, and Sendmux retries the delivery.
   */
  readonly capacity?: number | undefined
  /** The maximum number of events that are handled concurrently. The default is 4. */
  readonly concurrency?: number | undefined
  /**
   * The schedule on which a failed handler is retried. The default is 5 attempts in total, with delays of 1, 2, 4 and
   * 8 seconds. Defects are not retried.
   */
  readonly retry?: Schedule.Schedule<unknown, unknown> | undefined
  /** The maximum time for which closing waits for the accepted events. The default is 30 seconds. */
  readonly drainTimeout?: DurationInput | undefined
  /**
   * Called with each accepted event that will not be handled. Sendmux received a 202 for it and will not send it
   * again, so save it here if you need it later. The event id is logged in any case.
   */
  readonly onGiveUp?:
    | ((event: WebhookEvent, reason: GiveUpReason) => Effect.Effect<unknown, unknown, RG>)
    | undefined
}
