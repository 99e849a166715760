/**
 * Receives deliveries on servers that use the web's `Request` and `Response`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  closeOver,
  type DurationInput,
  Service,
  scopedLayer,
  timeoutFailNow
} from "../internal/dialect/core.js"
import { rejectionTag } from "../internal/dialect/server.js"
import { toWebHandler } from "../internal/dialect/shared/webApp.js"
import { DedupeStore } from "./dedupe/store.js"
import { makeEventQueue } from "./eventQueue.js"
import { checkDisposeTimeout } from "./limits.js"
import type { EventHandler, HandlerOptions, QueueOptions } from "./options.js"
import { type Accept, handleNow, receiver, responses } from "./receive.js"

/**
 * The options of `toHandler`.
 *
 * @since 0.1.0
 * @category options
 */
export interface WebHandlerOptions<R = never, LE = never, ES = never> extends HandlerOptions<ES, NoInfer<R>> {
  /** The store of handled events. The default is `DedupeStore.layerMemory()`. */
  readonly dedupe?: Layer.Layer<DedupeStore, LE> | undefined
  /**
   * Handles events in the background, through a bounded queue. Do not use it on runtimes that stop between requests,
   * such as serverless functions and Workers.
   */
  readonly queue?: QueueOptions<NoInfer<R>> | undefined
  /**
   * How long `dispose` waits for the requests in progress before it closes the queue and releases the layers. The
   * default is 30 seconds.
   */
  readonly disposeTimeout?: DurationInput | undefined
}

/**
 * A function from `Request` to `Response` that receives deliveries.
 *
 * @since 0.1.0
 * @category models
 */
export interface WebHandler {
  (request: Request): Promise<Response>
  /**
   * Waits for the requests in progress, for up to `disposeTimeout`, and for the queue, for up to its `drainTimeout`, and
   * then releases the layers. The handler responds to later deliveries with 503.
   */
  readonly dispose: () => Promise<void>
}

class Acceptor extends Service("effect-sendmux/Webhooks/Acceptor")<Acceptor, Accept>() {}

/** The text of the failure may contain secrets, such as the password in a connection string. */
const reportFailedLayer = async (error: unknown): Promise<Response> => {
  const tag = rejectionTag(error)
  await Effect.runPromise(
    Effect.logError(`The layer of a webhook handler failed to build${tag === undefined ? "" : ` (${tag})`}`)
  )
  return new Response(responses.failed.text, { status: responses.failed.status })
}

/** Waits until all promises have settled, but no longer than the given number of milliseconds. */
const settledWithin = (millis: number, promises: Iterable<Promise<unknown>>): Promise<void> =>
  Effect.runPromise(
    timeoutFailNow(
      Effect.promise(() => Promise.allSettled(promises)),
      millis,
      () => "late"
    ).pipe(Effect.ignore)
  )

const stopped = (): Response => new Response("stopped", { status: 503, headers: { "retry-after": "30" } })

/**
 * Makes a function that receives deliveries, for Next.js, Hono, Bun, Deno, Workers and other servers that use `Request`
 * and `Response`. Its responses are those of `httpApp`, or those of `queuedHttpApp` when `queue` is set. Nothing may
 * have read the body of the request before.
 *
 * Pass the services that the handler needs as `layer`. The layer is built on the first delivery and kept until
 * `dispose`. If it fails to build, the failure is logged without its details, which may contain secrets, the response is
 * 500, and the next delivery builds the layer again. The promise is never rejected.
 *
 * Throws a `RangeError` if an option is invalid.
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
 * @see {@link httpApp} for Effect's HTTP server
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
  const { dedupe = DedupeStore.layerMemory(), queue } = options
  const disposeMillis = checkDisposeTimeout(options.disposeTimeout)
  // Without a layer, the overloads make `R` never, so the empty layer provides all of `R`.
  const layer = options.layer ?? (Layer.empty as Layer.Layer<R>)
  const acceptor = scopedLayer(
    Acceptor,
    queue === undefined ? closeOver(handleNow(options, handler)) : makeEventQueue(options, queue, handler)
  )
  const app = receiver(options, (event, delivery) =>
    Effect.flatMap(Acceptor, (accept) => accept(event, delivery))
  )
  const web = toWebHandler(app, Layer.provideMerge(acceptor, Layer.merge(dedupe, layer)))
  const inProgress = new Set<Promise<Response>>()
  let disposed: Promise<void> | undefined

  const handle = async (request: Request): Promise<Response> => {
    if (disposed !== undefined) return stopped()
    const response = web.handle(request).catch(reportFailedLayer)
    inProgress.add(response)
    try {
      return await response
    } finally {
      inProgress.delete(response)
    }
  }

  const dispose = (): Promise<void> => {
    disposed ??= settledWithin(disposeMillis, inProgress).then(() => web.dispose())
    return disposed
  }

  return Object.assign(handle, { dispose })
}
