/**
 * The options of the layers, the same for every surface.
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
import type { SendmuxError } from "./errors.js"

/**
 * An OAuth access token: `Redacted`, or an Effect of one that runs for each attempt, so that a token can be renewed.
 * When the effect fails, the call fails with a `TransportError` of reason `AccessToken`.
 *
 * @since 0.1.0
 * @category models
 */
export type AccessToken = Redacted.Redacted | Effect.Effect<Redacted.Redacted, unknown>

/**
 * Decides when to send a failed request again.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryPolicy extends Schedule.Schedule<unknown, SendmuxError> {}

/**
 * A key of the API, or an OAuth token: exactly one of the two.
 *
 * @since 0.1.0
 * @category options
 */
export type CredentialOptions =
  | { readonly apiKey: Redacted.Redacted; readonly accessToken?: undefined }
  | { readonly apiKey?: undefined; readonly accessToken: AccessToken }

/**
 * How a surface talks to the API.
 *
 * @since 0.1.0
 * @category options
 */
export interface TransportOptions {
  /** Where the API is, its version prefix included. Default: the surface's own address at Sendmux. */
  readonly baseUrl?: string | undefined
  /** When to try again. Default: `Retry.policy()`. */
  readonly retry?: RetryPolicy | undefined
  /** How long one attempt may take. Default: 60 seconds; `Infinity` for no limit. */
  readonly timeout?: DurationInput | undefined
  /**
   * The largest response body in bytes, counted after decompression. A larger one is not read to its end: the call
   * fails with a `TransportError` of reason `TooLarge` and is not retried. Does not apply to streams. Default: 32 MiB.
   */
  readonly maxResponseBytes?: number | undefined
  /**
   * Wraps the `HttpClient`, to log or to send through a proxy. Effect's loggers print requests without the credential;
   * `console.log` and `util.inspect` know no such thing, so do not print whole requests with them. And let it follow no
   * redirects: what follows one carries the credential along, to whichever host.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
  /** Sends the trace's headers to the API, so that it may continue the trace. Default: `false`. */
  readonly propagateTrace?: boolean | undefined
}

/**
 * A layer's options.
 *
 * @since 0.1.0
 * @category options
 */
export type LayerOptions = CredentialOptions & TransportOptions

/**
 * A layer's options with the values that belong in configuration read from `Config`.
 *
 * @since 0.1.0
 * @category options
 */
export type LayerConfigOptions = (
  | { readonly apiKey: Config.Config<Redacted.Redacted>; readonly accessToken?: undefined }
  | { readonly apiKey?: undefined; readonly accessToken: Config.Config<Redacted.Redacted> }
) &
  Omit<TransportOptions, "baseUrl" | "timeout"> & {
    readonly baseUrl?: Config.Config<string> | undefined
    readonly timeout?: Config.Config<Duration.Duration> | undefined
  }
