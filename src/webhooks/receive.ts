/**
 * Turns a request into a verified event, and the outcome into a response. All handlers share it.
 */
import * as Effect from "effect/Effect"
import { catchCause, counter, timeoutFailNow } from "../internal/dialect/core.js"
import {
  currentRequest,
  type HttpApp,
  type ServerRequest,
  type ServerResponse,
  whileConnected
} from "../internal/dialect/server.js"
import { type BodyProblem, readBody, textResponse } from "../internal/dialect/shared/webApp.js"
import { memoized } from "../internal/values/memo.js"
import { DedupeStore } from "./dedupe/store.js"
import { WebhookVerificationError } from "./errors.js"
import type { WebhookEvent } from "./events.js"
import { checkLimits, type Limits, limitHandler } from "./limits.js"
import type { Delivery, EventHandler, HandlerOptions } from "./options.js"
import { verifyDelivery } from "./verifyDelivery.js"

/** The response to a delivery. Its text is also the outcome that the metric counts. */
export interface WebhookResponse {
  readonly status: number
  readonly text: string
  readonly headers?: Record<string, string>
}

/** Handles or queues a verified event, and succeeds with the response. */
export type Accept<R = never> = (
  event: WebhookEvent,
  delivery: Delivery
) => Effect.Effect<WebhookResponse, never, R>

/** The responses to a verified event. */
export const responses = {
  handled: { status: 200, text: "handled" },
  duplicate: { status: 200, text: "already handled" },
  queued: { status: 202, text: "queued" },
  failed: { status: 500, text: "not handled" },
  full: { status: 503, text: "the queue is full", headers: { "retry-after": "30" } }
} as const satisfies Record<string, WebhookResponse>

const notPost: WebhookResponse = { status: 405, text: "use POST", headers: { allow: "POST" } }

type RequestProblem = BodyProblem | "TooSlow"

const tooSlow: RequestProblem = "TooSlow"

const bodyProblems: Record<RequestProblem, WebhookResponse> = {
  TooSlow: { status: 408, text: "the body was not received in time" },
  TooLarge: { status: 413, text: "the body is too large" },
  Unreadable: { status: 400, text: "the body was truncated" }
}

const statusOf: Record<WebhookVerificationError["reason"], number> = {
  MissingSignature: 401,
  BadSignature: 401,
  StaleTimestamp: 401,
  EventIdMismatch: 400,
  MalformedBody: 400,
  Duplicate: 200
}

/** The key of an event in the `DedupeStore`. */
export const dedupeKey = (name: string | undefined, event: WebhookEvent): string =>
  name === undefined ? event.id : `${name}:${event.id}`

/** An app that verifies deliveries and passes their events to `accept`. */
export const receiver = <ES, RS, R>(
  options: HandlerOptions<ES, RS>,
  accept: Accept<R>
): HttpApp<never, RS | R> => {
  const limits = checkLimits(options)
  return currentRequest.pipe(
    Effect.flatMap((request) => receive(request, options, limits, accept)),
    Effect.map(toServerResponse)
  )
}

const toServerResponse = ({ status, text, headers }: WebhookResponse): ServerResponse => {
  deliveriesOf(text)(1)
  return textResponse(status, text, headers)
}

/** The counter of the deliveries with an outcome. */
const deliveriesOf = /* @__PURE__ */ memoized((outcome) =>
  counter("sendmux_webhook_deliveries", "The number of webhook deliveries by outcome", { outcome })
)

const receive = <ES, RS, R>(
  request: ServerRequest,
  options: HandlerOptions<ES, RS>,
  { bodyMillis, maxBodyBytes }: Limits,
  accept: Accept<R>
): Effect.Effect<WebhookResponse, never, RS | R> => {
  if (request.method !== "POST") return Effect.succeed(notPost)
  const secrets = Effect.isEffect(options.secrets)
    ? Effect.mapError(options.secrets, () => "NoSecrets" as const)
    : options.secrets
  // A handler that has started goes on without its client, because it may be in the middle of its work.
  return whileConnected(timeoutFailNow(readBody(request, maxBodyBytes), bodyMillis, () => tooSlow)).pipe(
    Effect.flatMap((body) => verifyDelivery({ ...options, secrets, body, headers: request.headers })),
    Effect.matchEffect({
      onFailure: reject,
      onSuccess: ({ event, delivery }) => accept(event, delivery)
    })
  )
}

const reject = (
  problem: RequestProblem | WebhookVerificationError | "NoSecrets"
): Effect.Effect<WebhookResponse> => {
  if (problem === "NoSecrets") {
    return Effect.as(Effect.logError("The signing secrets of the webhook failed to load"), responses.failed)
  }
  if (!(problem instanceof WebhookVerificationError)) return Effect.succeed(bodyProblems[problem])
  return Effect.as(Effect.logWarning(`A webhook delivery was rejected: ${problem}`), {
    status: statusOf[problem.reason],
    text: problem.reason
  })
}

const describe = (event: WebhookEvent): string =>
  `${JSON.stringify(event.id)} (${event.type === "unknown" ? event.event_type : event.type})`

const outcomes = {
  Handled: responses.handled,
  Duplicate: responses.duplicate,
  Failed: responses.failed
} as const

/** Handles an event before the response is sent, and only once. */
export const handleNow = <E, R>(
  options: Pick<HandlerOptions, "handlerTimeout" | "name">,
  handler: EventHandler<E, R>
): Accept<R | DedupeStore> => {
  const { name } = options
  const limited = limitHandler(handler, options.handlerTimeout, "60 seconds")
  return (event, delivery) =>
    Effect.gen(function* () {
      const store = yield* DedupeStore
      const handled = limited(event, delivery)
      return outcomes[yield* store.once(dedupeKey(name, event), handled)]
    }).pipe((self) =>
      catchCause(self, (cause) =>
        Effect.as(Effect.logError(`Event ${describe(event)} was not handled`, cause), responses.failed)
      )
    )
}
