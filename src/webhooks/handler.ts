/**
 * Answering deliveries, as an app of Effect's HTTP server.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { catchCause, counter } from "../internal/dialect/core.js"
import {
  type BodyProblem,
  currentRequest,
  type HttpApp,
  readBody,
  type ServerRequest,
  type ServerResponse,
  textResponse
} from "../internal/dialect/server.js"
import { DedupeStore } from "./dedupe.js"
import { WebhookVerificationError } from "./errors.js"
import type { WebhookEvent } from "./events.js"
import { type Delivery, type SecretSource, type StrictnessOptions, verifyDelivery } from "./verify.js"

/**
 * @since 0.1.0
 * @category options
 */
export interface HandlerOptions<ES = never, RS = never> extends StrictnessOptions {
  readonly secrets: SecretSource<ES, RS>
  /** The most bytes a body may have; more are answered with 413 and not kept. Default 1,048,576 (1 MiB). */
  readonly maxBodyBytes?: number | undefined
  /**
   * Tells handlers apart that share a `DedupeStore`: each event is handled once under each name. Give one where two
   * webhooks lead to two handlers in the same program, or the second would take the first's events for duplicates.
   */
  readonly name?: string | undefined
}

/** @internal */
export const keyOf = (name: string | undefined, event: WebhookEvent): string =>
  name === undefined ? event.id : `${name}:${event.id}`

/**
 * What to do with an event. When it fails, the delivery is answered with 500 and Sendmux tries again, for up to 24
 * hours.
 *
 * @since 0.1.0
 * @category models
 */
export type EventHandler<E = never, R = never> = (
  event: WebhookEvent,
  delivery: Delivery
) => Effect.Effect<unknown, E, R>

/** @internal */
export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers?: Record<string, string>
}

/**
 * Takes a genuine event on and says what to answer.
 *
 * @internal
 */
export type Accept<R = never> = (event: WebhookEvent, delivery: Delivery) => Effect.Effect<Answer, never, R>

const defaultMaxBodyBytes = 1_048_576

/** @internal */
export const answers = {
  handled: { status: 200, text: "handled" },
  duplicate: { status: 200, text: "handled before" },
  queued: { status: 202, text: "queued" },
  failed: { status: 500, text: "not handled" },
  full: { status: 503, text: "too many events are waiting", headers: { "retry-after": "30" } }
} as const satisfies Record<string, Answer>

const notPost: Answer = { status: 405, text: "only POST", headers: { allow: "POST" } }

const unread: Record<BodyProblem, Answer> = {
  TooLarge: { status: 413, text: "the body is too large" },
  Unreadable: { status: 400, text: "the body ended before its end" }
}

const refused: Record<WebhookVerificationError["reason"], number> = {
  MissingSignature: 401,
  BadSignature: 401,
  StaleTimestamp: 401,
  EventIdMismatch: 400,
  MalformedBody: 400,
  Duplicate: 200
}

/** @internal */
export const receiver = <ES, RS, R>(
  options: HandlerOptions<ES, RS>,
  accept: Accept<R>
): HttpApp<never, RS | R> =>
  Effect.map(
    Effect.flatMap(currentRequest, (request) => receive(request, options, accept)),
    respond
  )

const respond = ({ status, text, headers }: Answer): ServerResponse => {
  count(text)
  return textResponse(status, text, headers)
}

const counters = new Map<string, (by: number) => void>()

const count = (outcome: string): void => {
  const add =
    counters.get(outcome) ??
    counter("sendmux_webhook_deliveries", "Webhook deliveries answered, by outcome", { outcome })
  counters.set(outcome, add)
  add(1)
}

const receive = <ES, RS, R>(
  request: ServerRequest,
  options: HandlerOptions<ES, RS>,
  accept: Accept<R>
): Effect.Effect<Answer, never, RS | R> => {
  if (request.method !== "POST") return Effect.succeed(notPost)
  const secrets = Effect.isEffect(options.secrets)
    ? Effect.mapError(options.secrets, () => "NoSecrets" as const)
    : options.secrets
  const verified = Effect.flatMap(readBody(request, options.maxBodyBytes ?? defaultMaxBodyBytes), (body) =>
    verifyDelivery({ ...options, secrets, body, headers: request.headers })
  )
  return Effect.matchEffect(verified, {
    onFailure: refuse,
    onSuccess: ({ event, delivery }) => accept(event, delivery)
  })
}

const refuse = (problem: BodyProblem | WebhookVerificationError | "NoSecrets"): Effect.Effect<Answer> => {
  if (problem === "NoSecrets")
    return Effect.as(Effect.logError("The secrets of the webhook could not be had"), answers.failed)
  if (!(problem instanceof WebhookVerificationError)) return Effect.succeed(unread[problem])
  return Effect.as(Effect.logDebug(`A webhook delivery was refused: ${problem}`), {
    status: refused[problem.reason],
    text: problem.reason
  })
}

const about = (event: WebhookEvent): string =>
  `${JSON.stringify(event.id)} (${event.type === "unknown" ? event.event_type : event.type})`

/**
 * Handles an event now, and once.
 *
 * @internal
 */
export const handleNow =
  <E, R>(name: string | undefined, handler: EventHandler<E, R>): Accept<R | DedupeStore> =>
  (event, delivery) =>
    catchCause(
      Effect.flatMap(DedupeStore, (store) =>
        Effect.map(
          store.once(
            keyOf(name, event),
            Effect.suspend(() => handler(event, delivery))
          ),
          (result) =>
            result === "Handled"
              ? answers.handled
              : result === "Duplicate"
                ? answers.duplicate
                : answers.failed
        )
      ),
      (cause) => Effect.as(Effect.logError(`Event ${about(event)} was not handled`, cause), answers.failed)
    )

/**
 * An app that receives deliveries, for `HttpRouter`, `HttpLayerRouter` or `HttpServer`.
 *
 * It answers 200 once the handler succeeded or the event was handled before, 401 to a bad or stale signature, 400 to
 * a body that is no event or not the one the headers name, 405 to anything but POST, 413 to a body past the limit,
 * and 500 when the handler failed, so that Sendmux delivers again. A second delivery of an event that is being handled
 * waits for the first and answers as it does.
 *
 * @example
 * import * as HttpRouter from "@effect/platform/HttpRouter"
 * import { DedupeStore, httpApp } from "effect-sendmux/Webhooks"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const receive = httpApp({ secrets: Redacted.make("whsec_0123456789") }, (event) =>
 *   Effect.log(`${event.type} of ${event.team_public_id}`)
 * )
 *
 * export const router = HttpRouter.empty.pipe(
 *   HttpRouter.post("/webhooks/sendmux", receive),
 *   Effect.provide(DedupeStore.layerMemory())
 * )
 *
 * @since 0.1.0
 * @category handlers
 */
export const httpApp = <E, R, ES = never, RS = never>(
  options: HandlerOptions<ES, RS>,
  handler: EventHandler<E, R>
): HttpApp<never, R | RS | DedupeStore> => receiver(options, handleNow(options.name, handler))
