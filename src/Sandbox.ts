/**
 * An in-memory implementation of the Sendmux API for tests. It responds as the API does, with the same errors, limits
 * and rules. It uses no network, and its time comes from `Clock`.
 *
 * @since 0.1.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { backgroundRunner, type DurationInput, layerFrom, Service } from "./internal/dialect/core.js"
import { type HttpClient, HttpClientTag } from "./internal/dialect/http.js"
import { clientOf, fetchClient, postBytes } from "./internal/dialect/shared/localClient.js"
import { httpAppOf } from "./internal/dialect/shared/localServer.js"
import type { ListeningServer } from "./internal/dialect/shared/serving.js"
import type { HttpApp } from "./internal/dialect/server.js"
import { makeControl, warnOfUnusedFaults } from "./sandbox/control/control.js"
import type { SandboxControl } from "./sandbox/control/model.js"
import { controlOverHttp } from "./sandbox/control/routes.js"
import { originOf } from "./sandbox/http/crossOrigin.js"
import { delayed, type LatencyRange, latencyOf } from "./sandbox/http/latency.js"
import { type NodeServer, nodeServer as makeNodeServer } from "./sandbox/http/nodeServer.js"
import { served } from "./sandbox/http/served.js"
import type { Server } from "./sandbox/http/server.js"
import { makeLives, type SandboxState } from "./sandbox/instance.js"
import type { DeliveryTransport } from "./sandbox/state/deliveries.js"
import { checkFault, type Fault } from "./sandbox/state/faults.js"
import { ChangeFeed } from "./sandbox/state/feed.js"
import { postToLoopback, runtimeResolver } from "./sandbox/state/loopbackDelivery.js"
import { windowMillisOf } from "./sandbox/state/rateWindow.js"
import { sendingRules } from "./sandbox/state/sendingRules.js"
import * as World from "./sandbox/state/world.js"

/**
 * The options of `make` and `layerWith`.
 *
 * @since 0.1.0
 * @category options
 */
export interface SandboxOptions {
  /**
   * The rate limits in requests per key, surface and window. Default: 600 for Management, 1800 for Mailbox and for
   * Sending.
   */
  readonly limits?: Partial<World.SandboxLimits> | undefined
  /** The windows in which requests are counted. */
  readonly rateLimit?: SandboxRateLimit | undefined
  /**
   * How long each call to the API takes longer, or a range from which each call gets a delay. The choice is the same in every
   * run. Faults such as `Slow` add to it. Default: none.
   *
   * @since 0.2.0
   */
  readonly latency?: DurationInput | LatencyRange | undefined
  /**
   * Faults that are pending from the beginning, and again after a reset. Default: none.
   *
   * @since 0.2.0
   */
  readonly faults?: ReadonlyArray<Fault> | undefined
  /**
   * The client that delivers webhooks. Default: `fetch`, which is used only for loopback addresses and for `localhost`,
   * if it resolves to such addresses. A delivery to another URL then fails. Redirects are not followed.
   */
  readonly webhookClient?: HttpClient.HttpClient | undefined
  /**
   * The largest request body in bytes. A larger one receives status 413 and the code `payload_too_large`. Default:
   * 32 MiB.
   */
  readonly maxBodyBytes?: number | undefined
  /** How long `httpApp` waits for the next part of a request body before it responds with status 408. Default: 30 s. */
  readonly bodyTimeout?: DurationInput | undefined
  /** The number of requests that `SandboxControl.requests` keeps. Older ones are dropped. Default: 10,000. */
  readonly maxRequests?: number | undefined
  /**
   * The number of messages that are kept in each of `SandboxControl.outbox`, the logs of sent and of received messages,
   * the transactions, and every mailbox. Older ones are dropped, and counts of messages leave them out. It also limits the
   * drafts, the submissions and the uploaded files. Default: 10,000.
   */
  readonly maxEmails?: number | undefined
  /**
   * The number of bytes of bodies and files that are kept in each of the outbox, the uploaded files of Sending, and every
   * mailbox. The oldest ones are dropped. Default: 256 MiB.
   */
  readonly maxStoredBytes?: number | undefined
  /**
   * The number of deliveries that each webhook keeps, and of its events that may wait for an attempt. An event above it is
   * recorded as failed and not sent. Default: 1000.
   */
  readonly maxDeliveries?: number | undefined
  /** How long a webhook may take to respond. The attempt then fails and is repeated as usual. Default: 10 s. */
  readonly webhookTimeout?: DurationInput | undefined
  /**
   * The host names, other than loopback ones, for which `httpApp` accepts requests, such as the name of a container.
   * Default: none.
   */
  readonly allowedHosts?: ReadonlyArray<string> | undefined
  /**
   * Where the ids, and the choices of faults with a probability, begin: an integer from 0 to 4294967295. With the same seed,
   * the same requests receive the same ids, and under `TestClock` also the same times. Default: a fixed seed.
   */
  readonly seed?: number | undefined
  /**
   * The origins whose pages may use the API and the control of `httpApp` in a browser, such as `https://app.example.com`.
   * Pages of loopback origins may always use the API, but the control only if they are listed here. Default: none.
   *
   * @since 0.2.0
   */
  readonly allowedOrigins?: ReadonlyArray<string> | undefined
  /**
   * The ids of the delivery groups of the team. Default: every group exists, except `dgrp_missing`.
   *
   * @since 0.2.0
   */
  readonly deliveryGroups?: ReadonlyArray<string> | undefined
  /**
   * The domains that stand for the shared domains of Sendmux. A message from one of them is sent without its delivery
   * group. Default: none.
   *
   * @since 0.2.0
   */
  readonly sharedDomains?: ReadonlyArray<string> | undefined
  /**
   * The number of recipients to which the team may send in a day (UTC), as the Free plan limits it to 10. A message above
   * it is refused with status 429 and a `Retry-After` until the next day. Default: no limit.
   *
   * @since 0.2.0
   */
  readonly dailyRecipients?: number | undefined
}

/**
 * The windows in which the sandbox counts requests. A window begins with the first request after the last one ended.
 *
 * @since 0.2.0
 * @category options
 */
export interface SandboxRateLimit {
  /** The length of a window, at least 1 second. Default: 1 minute. */
  readonly window?: DurationInput | undefined
}

/**
 * A sandbox with its own state.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sandbox {
  /** An `HttpClient` that responds to requests for the URLs of the API, without a socket. */
  readonly client: HttpClient.HttpClient
  /** An HTTP app for clients in any language. It serves `/sending/api/v1`, `/app/api/v1` and `/__sandbox`. */
  readonly httpApp: HttpApp
  /** Inspects and steers the sandbox. */
  readonly control: SandboxControl
  /** @internal */
  readonly state: SandboxState
}

/**
 * The control of a sandbox: it returns the sent messages and the received requests, injects faults, and delivers
 * messages. `Sandbox.layer` provides it.
 *
 * @example
 * import { Sandbox, Sending } from "effect-sendmux"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * export const program = Effect.gen(function* () {
 *   const sending = yield* Sending
 *   const control = yield* Sandbox.Control
 *   yield* control.inject({ operation: "sending.emails.send", kind: { _tag: "ResponseLost" } })
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
 * Makes a new sandbox. When the scope closes, scheduled drafts and webhook deliveries are cancelled, and injected faults that
 * no call has met are logged as a warning.
 *
 * Throws a `RangeError` when the window of the rate limit is too short, or when the latency, a fault, an allowed origin or the
 * seed is not valid.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: SandboxOptions = {}): Effect.Effect<Sandbox, never, Scope.Scope> => {
  const windowMillis = windowMillisOf(options.rateLimit?.window ?? World.defaultWindowMillis)
  const server = serverLimits(options)
  const seed = seedOf(options.seed)
  const latency = latencyOf(options.latency ?? 0)
  for (const fault of options.faults ?? []) checkFault(fault)
  return Effect.gen(function* () {
    const limits = { ...World.defaultLimits, ...options.limits }
    const feed = new ChangeFeed()
    const { faults } = options
    const rules = sendingRules(options)
    const newWorld = () => World.makeWorld(limits, { server, windowMillis, feed, seed, rules, faults })
    const run = yield* backgroundRunner
    const webhookClient = options.webhookClient ?? (yield* fetchClient)
    const transport: DeliveryTransport = {
      run,
      post: (url, headers, body) => {
        const post = (target: string) => postBytes(webhookClient, target, headers, body)
        return options.webhookClient === undefined ? postToLoopback(url, runtimeResolver(), post) : post(url)
      }
    }
    const sandbox = makeLives(newWorld, transport, feed)
    yield* Effect.acquireRelease(Effect.void, () => warnOfUnusedFaults(sandbox))
    const control = makeControl(sandbox)
    const overHttp = controlOverHttp(sandbox, control)
    const api = delayed(sandbox, latency, seed)
    const respond: Server = (request) => overHttp(request) ?? api(request)
    const httpApp = httpAppOf(served({ server }, respond))
    return { client: clientOf(respond), httpApp, control, state: sandbox.state }
  })
}

const seedOf = (seed: number | undefined): number | undefined => {
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new RangeError("Sandbox: the seed must be an integer from 0 to 4294967295")
  }
  return seed
}

const serverLimits = ({
  allowedHosts,
  allowedOrigins,
  bodyTimeout,
  maxBodyBytes,
  maxDeliveries,
  maxEmails,
  maxRequests,
  maxStoredBytes,
  webhookTimeout
}: SandboxOptions): World.ServerLimits => {
  const defaults = World.defaultServerLimits
  return {
    maxBodyBytes: maxBodyBytes ?? defaults.maxBodyBytes,
    bodyTimeoutMillis: Duration.toMillis(bodyTimeout ?? defaults.bodyTimeoutMillis),
    maxRequests: maxRequests ?? defaults.maxRequests,
    maxEmails: maxEmails ?? defaults.maxEmails,
    maxStoredBytes: maxStoredBytes ?? defaults.maxStoredBytes,
    maxDeliveries: maxDeliveries ?? defaults.maxDeliveries,
    webhookTimeoutMillis: Duration.toMillis(webhookTimeout ?? defaults.webhookTimeoutMillis),
    allowedHosts: allowedHosts ?? defaults.allowedHosts,
    allowedOrigins: (allowedOrigins ?? defaults.allowedOrigins).map(originOf)
  }
}

/**
 * A layer that makes a new sandbox with options, and provides its `HttpClient` and its `Control`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: SandboxOptions): Layer.Layer<HttpClient.HttpClient | Control> => {
  const made = make(options)
  return layerFrom(
    Effect.gen(function* () {
      const { client, control } = yield* made
      return Layer.merge(Layer.succeed(HttpClientTag, client), Layer.succeed(Control, control))
    })
  )
}

/**
 * A layer that makes a new sandbox with the rate limits of the API, and provides its `HttpClient` and its `Control`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<HttpClient.HttpClient | Control> = layerWith({})

/**
 * Prepares a server of `node:http` for `Sandbox.httpApp`, and returns it. Node itself rejects requests that are not valid
 * HTTP, by default with a response that has no body. To them the prepared server responds in the envelope of the API.
 *
 * @example
 * import { createServer } from "node:http"
 * import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
 * import { Sandbox } from "effect-sendmux"
 *
 * export const server = NodeHttpServer.layer(() => Sandbox.nodeServer(createServer()), {
 *   port: 4700,
 *   host: "127.0.0.1"
 * })
 *
 * @since 0.2.0
 * @category servers
 */
export const nodeServer: <S extends NodeServer>(server: S) => S = makeNodeServer

/**
 * The URLs of a sandbox that is served. `Sandbox.server` provides it.
 *
 * @since 0.2.0
 * @category models
 */
export interface SandboxUrls {
  /** Such as `http://127.0.0.1:4700`. */
  readonly origin: string
  /** The `baseUrl` for `Sending`. */
  readonly sending: string
  /** The `baseUrl` for `Mailbox`. */
  readonly mailbox: string
  /** The `baseUrl` for `Management`. */
  readonly management: string
  /** The URL of the control, below which its paths are, such as `/outbox`. */
  readonly control: string
}

/**
 * The URLs of a sandbox that is served.
 *
 * @since 0.2.0
 * @category services
 */
export class Urls extends Service("effect-sendmux/Sandbox/Urls")<Urls, SandboxUrls>() {}

/**
 * A layer that makes a new sandbox and serves it on the `HttpServer` that is provided, such as one on a free port of the
 * loopback interface. It provides the URLs and the control of the sandbox, so that a test can use any client, in any
 * process. The same requests are served as by `httpApp`. The server must listen on a TCP port.
 *
 * @example
 * import { createServer } from "node:http"
 * import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
 * import { Sandbox } from "effect-sendmux"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * const server = NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })
 *
 * export const test = Effect.gen(function* () {
 *   const { control, sending } = yield* Sandbox.Urls
 *   console.log(sending, control)
 *   return yield* (yield* Sandbox.Control).waitForEmail({ to: "ada@example.org" })
 * }).pipe(Effect.provide(Layer.provide(Sandbox.server(), server)))
 *
 * @since 0.2.0
 * @category layers
 */
export const server = (options: SandboxOptions = {}): Layer.Layer<Control | Urls, never, ListeningServer> => {
  const made = make(options)
  return layerFrom(
    Effect.gen(function* () {
      const { control, httpApp } = yield* made
      // Only a program that serves a sandbox loads the server.
      const { serveApp } = yield* Effect.tryPromise(
        () => import("./internal/dialect/shared/serving.js")
      ).pipe(Effect.orDie)
      const origin = yield* serveApp(httpApp)
      const app = `${origin}/app/api/v1`
      const urls: SandboxUrls = {
        origin,
        sending: `${origin}/sending/api/v1`,
        mailbox: app,
        management: app,
        control: `${origin}/__sandbox`
      }
      return Layer.merge(Layer.succeed(Control, control), Layer.succeed(Urls, urls))
    })
  )
}

export { InboundMailError, SandboxTimeoutError } from "./sandbox/control/errors.js"
export * from "./sandbox/credentials.js"
export type {
  ArrivalFilter,
  DeliveryFilter,
  EmailFilter,
  RequestFilter,
  SeenArrival
} from "./sandbox/control/filters.js"
export type { NodeServer } from "./sandbox/http/nodeServer.js"
export type {
  DeliveredMessage,
  InboundInput,
  InjectedFault,
  RateLimitChange,
  RawMailOptions,
  SandboxControl,
  SandboxCounters,
  SeenOptions,
  VerificationChange,
  Wait
} from "./sandbox/control/model.js"
export type { OAuthControl } from "./sandbox/oauth/control.js"
export type { SeenDelivery } from "./sandbox/state/deliveryLog.js"
export type { SeenBody, SeenExchange } from "./sandbox/state/exchanges.js"
export type { LatencyRange } from "./sandbox/http/latency.js"
export type { Fault, FaultKind } from "./sandbox/state/faults.js"
export type { OperationName } from "./sandbox/state/operationNames.js"
export type { SentOutcome } from "./sandbox/state/outcomes.js"
export type { Address, SandboxLimits, SeenRequest, SentAttachment, SentEmail } from "./sandbox/state/world.js"
