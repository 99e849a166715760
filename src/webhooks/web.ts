/**
 * Answering deliveries wherever `Request` and `Response` are spoken.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { closeOver, Service, scopedLayer } from "../internal/dialect/core.js"
import { toWebHandler } from "../internal/dialect/server.js"
import { DedupeStore } from "./dedupe.js"
import { type Accept, type EventHandler, type HandlerOptions, handleNow, receiver } from "./handler.js"
import { makeQueue, type QueueOptions } from "./queue.js"

/**
 * @since 0.1.0
 * @category options
 */
export interface WebHandlerOptions<R = never, LE = never, ES = never> extends HandlerOptions<ES, NoInfer<R>> {
  /** Where handled events are remembered. Default: `DedupeStore.layerMemory()`. */
  readonly dedupe?: Layer.Layer<DedupeStore, LE> | undefined
  /**
   * Accepts events at once and handles them behind a queue. Not for runtimes that stop between requests, such as
   * serverless functions and Workers.
   */
  readonly queue?: QueueOptions<NoInfer<R>> | undefined
}

/**
 * A function from `Request` to `Response`.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebHandler {
  (request: Request): Promise<Response>
  /**
   * Waits for the deliveries under way and the queue, then lets the layers go. A delivery that comes later is
   * answered with 503.
   */
  readonly dispose: () => Promise<void>
}

class Acceptor extends Service("effect-sendmux/Webhooks/Acceptor")<Acceptor, Accept>() {}

const stopped = (): Response => new Response("stopped", { status: 503, headers: { "retry-after": "30" } })

/**
 * A function that receives deliveries, for Next.js, Hono, Bun, Deno, Workers and whatever else speaks `Request` and
 * `Response`. It answers as `httpApp` does. The body must not have been read before.
 *
 * Services that the handler needs are given as `layer`; they are made on the first delivery and kept until `dispose`.
 *
 * @example
 * import { toHandler } from "effect-sendmux/Webhooks"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * export const POST = toHandler({ secrets: Redacted.make("whsec_0123456789") }, (event) =>
 *   Effect.log(`${event.type} of ${event.team_public_id}`)
 * )
 *
 * @since 0.1.0
 * @category handlers
 */
export function toHandler<E, LE = never, ES = never>(
  options: WebHandlerOptions<never, LE, ES> & { readonly layer?: undefined },
  handler: EventHandler<E>
): WebHandler
export function toHandler<E, R, LE = never, ES = never, LE2 = never>(
  options: WebHandlerOptions<R, LE, ES> & { readonly layer: Layer.Layer<R, LE2> },
  handler: EventHandler<E, NoInfer<R>>
): WebHandler
export function toHandler<E, R, LE, ES, LE2>(
  options: WebHandlerOptions<R, LE, ES> & { readonly layer?: Layer.Layer<R, LE2> | undefined },
  handler: EventHandler<E, R>
): WebHandler {
  const { dedupe = DedupeStore.layerMemory(), name, queue } = options
  // Without a layer the signatures above leave the handler no services to need: R is never.
  const layer = options.layer ?? (Layer.empty as Layer.Layer<R>)
  const acceptor = scopedLayer(
    Acceptor,
    queue === undefined ? closeOver(handleNow(name, handler)) : makeQueue(name, queue, handler)
  )
  const app = receiver(options, (event, delivery) =>
    Effect.flatMap(Acceptor, (accept) => accept(event, delivery))
  )
  const web = toWebHandler(app, Layer.provideMerge(acceptor, Layer.merge(dedupe, layer)))
  const underWay = new Set<Promise<Response>>()
  let disposed: Promise<void> | undefined

  const handle = async (request: Request): Promise<Response> => {
    if (disposed !== undefined) return stopped()
    const answer = web.handle(request)
    underWay.add(answer)
    try {
      return await answer
    } finally {
      underWay.delete(answer)
    }
  }

  const dispose = (): Promise<void> => {
    disposed ??= Promise.allSettled(underWay).then(() => web.dispose())
    return disposed
  }

  return Object.assign(handle, { dispose })
}
