/**
 * An in-memory Sendmux: the same answers, errors, limits and rules, no network, and time by `Clock`.
 *
 * @since 0.1.0
 */

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { backgroundRunner, layerFrom, Service } from "./internal/dialect/core.js"
import { type HttpClient, HttpClientTag } from "./internal/dialect/http.js"
import { clientOf, fetchClient, postBytes } from "./internal/dialect/localClient.js"
import { httpAppOf } from "./internal/dialect/localServer.js"
import type { HttpApp } from "./internal/dialect/server.js"
import { isLoopback } from "./internal/values/loopback.js"
import { makeControl, type SandboxControl } from "./sandbox/control/control.js"
import { controlOverHttp } from "./sandbox/control/routes.js"
import { type Server, serve } from "./sandbox/http/server.js"
import { mailboxRoom } from "./sandbox/mailbox/mailbox.js"
import { managementRoom } from "./sandbox/management/management.js"
import { sendingRoom } from "./sandbox/sending/sending.js"
import type { Outlet } from "./sandbox/state/deliveries.js"
import * as World from "./sandbox/state/world.js"

/**
 * The sandbox's key for Sending and Mailbox. It opens nothing else, so it may be printed: `smx_mbx_sandbox`.
 *
 * @since 0.1.0
 * @category constants
 */
export const mailboxKey: Redacted.Redacted = Redacted.make(World.mailboxKey)

/**
 * The sandbox's key that reaches every mailbox, for Sending and Mailbox: `smx_agent_sandbox`. With more than one
 * mailbox its calls say which by `mailbox_id`.
 *
 * @since 0.1.0
 * @category constants
 */
export const agentKey: Redacted.Redacted = Redacted.make(World.agentKey)

/**
 * The sandbox's key for Management: `smx_root_sandbox`.
 *
 * @since 0.1.0
 * @category constants
 */
export const rootKey: Redacted.Redacted = Redacted.make(World.rootKey)

/**
 * @since 0.1.0
 * @category options
 */
export interface SandboxOptions {
  /** Requests a minute for each key. Default: 600 for Management, 1,800 each for Mailbox and Sending. */
  readonly limits?: Partial<World.SandboxLimits> | undefined
  /**
   * Takes webhook deliveries. Default: the runtime's own `fetch`, and loopback addresses alone.
   */
  readonly webhookClient?: HttpClient.HttpClient | undefined
}

/**
 * A sandbox with its own mail, files and settings.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sandbox {
  /** Answers without a socket whatever a surface asks, at the API's own addresses. */
  readonly client: HttpClient.HttpClient
  /** Serves any client in any language, below `/sending/api/v1`, `/app/api/v1` and `/__sandbox`. */
  readonly httpApp: HttpApp
  readonly control: SandboxControl
}

/**
 * The hand that steers the sandbox: what was sent and asked, faults to come, mail to bring in.
 *
 * @example
 * import { Sandbox, Sending } from "effect-sendmux"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * export const program = Effect.gen(function* () {
 *   const sending = yield* Sending
 *   const control = yield* Sandbox.Control
 *   yield* control.inject({ operation: "sending.emails.send", kind: { _tag: "AnswerLost" } })
 *   yield* sending.emails.send({
 *     from: { email: "hello@example.com" },
 *     to: { email: "ada@example.com" },
 *     subject: "Once",
 *     html_body: "<p>Only once</p>"
 *   })
 *   return (yield* control.outbox).length
 * }).pipe(Effect.provide(Layer.provideMerge(Sending.layer({ apiKey: Sandbox.mailboxKey }), Sandbox.layer)))
 *
 * @since 0.1.0
 * @category services
 */
export class Control extends Service("effect-sendmux/Sandbox/Control")<Control, SandboxControl>() {}

/**
 * A new sandbox. Webhook deliveries that still wait for another attempt end with the scope.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: SandboxOptions = {}): Effect.Effect<Sandbox, never, Scope.Scope> =>
  Effect.gen(function* () {
    const world = World.makeWorld({ ...World.defaultLimits, ...options.limits })
    const run = yield* backgroundRunner
    const outside = options.webhookClient ?? (yield* fetchClient)
    const outlet: Outlet = {
      run,
      post: (url, headers, body) =>
        options.webhookClient === undefined && !isLoopback(url)
          ? Effect.fail("the sandbox delivers to loopback alone")
          : postBytes(outside, url, headers, body)
    }
    const control = makeControl(world)
    const overHttp = controlOverHttp(control)
    const api = serve(world, [
      ...sendingRoom(world),
      ...managementRoom(world, outlet),
      ...mailboxRoom(world, outlet)
    ])
    const server: Server = (request) => overHttp(request) ?? api(request)
    return { client: clientOf(server), httpApp: httpAppOf(server), control }
  })

/**
 * A new sandbox as the `HttpClient` of whatever is built on it, and its `Control`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: SandboxOptions): Layer.Layer<HttpClient.HttpClient | Control> =>
  layerFrom(
    Effect.map(make(options), ({ client, control }) =>
      Layer.merge(Layer.succeed(HttpClientTag, client), Layer.succeed(Control, control))
    )
  )

/**
 * A new sandbox, with the limits of the real thing, as `HttpClient` and `Control`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<HttpClient.HttpClient | Control> = layerWith({})

export type { InboundInput, SandboxControl } from "./sandbox/control/control.js"
export type { Fault, FaultKind } from "./sandbox/state/faults.js"
export type { Address, SandboxLimits, SeenRequest, SentAttachment, SentEmail } from "./sandbox/state/world.js"
