/**
 * Receives deliveries through a bounded queue.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { HttpApp } from "../internal/dialect/server.js"
import type { DedupeStore } from "./dedupe/store.js"
import { makeEventQueue } from "./eventQueue.js"
import type { EventHandler, HandlerOptions, QueueOptions } from "./options.js"
import { receiver } from "./receive.js"

/**
 * Makes an app like `httpApp` for handlers that take long. It puts a verified event into a bounded queue and responds
 * with 202 at once. Workers handle the queued events, and retry a handler that fails. Throws a `RangeError` if an option
 * of the queue is invalid.
 *
 * Sendmux does not send an event again after a 202, so an event is lost if the process dies before handling it. When
 * the scope closes, the app responds with 503 to further deliveries and handles the queued events first, for up to
 * `drainTimeout`. Close the server before this scope, or together with it.
 *
 * @example
 * import * as HttpServer from "@effect/platform/HttpServer"
 * import { DedupeStore, queuedHttpApp } from "effect-sendmux/Webhooks"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import { unwrapScoped } from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * const receive = queuedHttpApp(
 *   {
 *     secrets: Redacted.make("whsec_0123456789"),
 *     queue: { concurrency: 8, onGiveUp: (event, reason) => Effect.logError(event.id, reason) }
 *   },
 *   (event) => Effect.log(`${event.type} of ${event.team_public_id}`)
 * )
 *
 * // Provide an HttpServer, such as NodeHttpServer.layer(createServer, { port: 3000 }).
 * export const server = unwrapScoped(Effect.map(receive, (app) => HttpServer.serve(app))).pipe(
 *   Layer.provide(DedupeStore.layerMemory())
 * )
 *
 * @see {@link httpApp} to handle events before the response is sent
 * @since 0.1.0
 * @category handlers
 */
export const queuedHttpApp = <E, R, ES = never, RS = never, RG = never>(
  options: HandlerOptions<ES, RS> & { readonly queue: QueueOptions<RG> },
  handler: EventHandler<E, R>
): Effect.Effect<HttpApp<never, RS>, never, R | RG | DedupeStore | Scope.Scope> =>
  Effect.map(makeEventQueue(options, options.queue, handler), (accept) => receiver(options, accept))
