/**
 * Receives deliveries as an app of Effect's HTTP server.
 *
 * @since 0.1.0
 */
import type { HttpApp } from "../internal/dialect/server.js"
import type { DedupeStore } from "./dedupe/store.js"
import type { EventHandler, HandlerOptions } from "./options.js"
import { handleNow, receiver } from "./receive.js"

/**
 * Makes an app that receives deliveries, for `HttpRouter`, `HttpLayerRouter` or `HttpServer`. It verifies each
 * delivery, and calls the handler once for each event.
 *
 * | Status | Condition |
 * |---|---|
 * | 200 | The handler succeeded, or the event was handled before. |
 * | 400 | The body is not an event, or differs from the event in the headers. |
 * | 401 | The signature is missing, invalid or too old. |
 * | 405 | The method is not POST. |
 * | 408 | The body took longer than `bodyTimeout`. |
 * | 413 | The body is larger than `maxBodyBytes`. |
 * | 500 | The handler, the secrets or the store failed, or the handler took longer than `handlerTimeout`. Sendmux retries the delivery. |
 *
 * A second delivery of an event that is being handled waits for the first, and gets the same status.
 *
 * @example
 * import * as HttpRouter from "@effect/platform/HttpLayerRouter"
 * import { DedupeStore, httpApp } from "effect-sendmux/Webhooks"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * const receive = httpApp({ secrets: Redacted.make("whsec_0123456789") }, (event) =>
 *   Effect.log(`${event.type} of ${event.team_public_id}`)
 * )
 *
 * export const route = HttpRouter.add("POST", "/webhooks/sendmux", receive).pipe(
 *   Layer.provide(DedupeStore.layerMemory())
 * )
 *
 * @see {@link queuedHttpApp} for handlers that take long
 * @see {@link toHandler} for servers that use `Request` and `Response`
 * @since 0.1.0
 * @category handlers
 */
export const httpApp = <E, R, ES = never, RS = never>(
  options: HandlerOptions<ES, RS>,
  handler: EventHandler<E, R>
): HttpApp<never, R | RS | DedupeStore> => receiver(options, handleNow(options, handler))
