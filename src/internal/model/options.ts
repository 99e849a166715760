/**
 * The options of the layers, which all surfaces share.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import type { DurationInput } from "../dialect/core.js"
import type { HttpClient } from "../dialect/http.js"
import type { SupportedEffect } from "../dialect/with-effect-4-import-effect-sendmux-v4.js"
import type { SendmuxError } from "./errors.js"

/**
 * An OAuth access token, or an effect that succeeds with one. The effect runs for each attempt, so that it can renew the
 * token. If it fails, the call fails with a `TransportError` whose reason is `AccessToken`, or `LoginRequired` if the effect
 * failed with that error of `effect-sendmux/OAuth`.
 *
 * @since 0.1.0
 * @category models
 */
export type AccessToken = Redacted.Redacted | Effect.Effect<Redacted.Redacted, unknown>

/**
 * A schedule that decides when to send a failed request again.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryPolicy extends Schedule.Schedule<unknown, SendmuxError> {}

/**
 * The credential: either an API key or an OAuth access token.
 *
 * @since 0.1.0
 * @category options
 */
export type CredentialOptions =
  | { readonly apiKey: Redacted.Redacted; readonly accessToken?: undefined }
  | { readonly apiKey?: undefined; readonly accessToken: AccessToken }

/**
 * How a surface sends requests.
 *
 * @since 0.1.0
 * @category options
 */
export interface TransportOptions extends SupportedEffect {
  /** The URL of the API, including the version prefix. Default: the surface's URL at Sendmux. */
  readonly baseUrl?: string | undefined
  /** When to send a failed request again. Default: `Retry.policy()`. */
  readonly retry?: RetryPolicy | undefined
  /** How long one attempt may take. `Infinity` means no limit. Default: 60 seconds. */
  readonly timeout?: DurationInput | undefined
  /**
   * The maximum size of a response body in bytes, counted after decompression. Reading stops at the limit: the call
   * fails with a `TransportError` whose reason is `TooLarge`, and is not retried. Streams have no limit.
   * Default: 32 MiB.
   */
  readonly maxResponseBytes?: number | undefined
  /**
   * Wraps the `HttpClient`, such as to log requests or to use a proxy. Effect's loggers redact the credential of a
   * request, but `console.log` and `util.inspect` print it: do not pass requests to them. Do not follow redirects here,
   * because the redirected request carries the credential to whichever host the server names.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
  /**
   * Whether to send the credential to an `http` URL whose host is not the local machine. Everyone on the network can
   * then read it. Default: `false`, which makes such a `baseUrl` a `ConfigurationError`.
   */
  readonly allowInsecure?: boolean | undefined
  /**
   * A text to append to the `User-Agent` of requests, such as `my-app/1.2`: printable ASCII characters. `false` sends no
   * `User-Agent` of the SDK. Default: `effect-sendmux/` and the version of this package. Browsers send their own.
   */
  readonly userAgent?: string | false | undefined
  /** Whether to send trace headers (W3C and B3), so that the API can continue the trace. Default: `false`. */
  readonly propagateTrace?: boolean | undefined
}

/**
 * The options of a layer.
 *
 * @since 0.1.0
 * @category options
 */
export type LayerOptions = CredentialOptions & TransportOptions

/**
 * The options of a layer that reads its credential and URL from `Config`.
 *
 * @since 0.1.0
 * @category options
 */
export type LayerConfigOptions = (
  | { readonly apiKey: Config.Config<Redacted.Redacted>; readonly accessToken?: undefined }
  | { readonly apiKey?: undefined; readonly accessToken: Config.Config<Redacted.Redacted> }
) &
  Omit<TransportOptions, "baseUrl" | "timeout"> & {
    readonly baseUrl?: Config.Config<string | undefined> | undefined
    readonly timeout?: Config.Config<Duration.Duration> | undefined
  }
