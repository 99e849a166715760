/**
 * An optional layer that paces requests before they are sent, by what the server states of its rate limit.
 *
 * Provide one of the layers to `Sending.layer`, `Mailbox.layer` or `Management.layer`. Several surfaces may share one layer.
 *
 * - Each credential has a limit for each surface. The responses state the limit, how many requests are left and when the
 *   window ends. Requests are sent at once while some are left. Then calls wait for the next window, in the order in which
 *   they came, and retries wait as well.
 * - The first request of a credential teaches the limit. Further ones wait for its response, for at most one second.
 * - A call whose wait would exceed `maxWait`, which is the budget of its retries by default, fails at once with an
 *   `APIError` whose code is `rate_limit_exceeded` and whose `retryAfter` is the wait. Nothing was sent.
 * - A refusal for longer than two windows, such as the daily limit of a plan, holds back only the refused operation. One
 *   request in each window finds out whether it still applies.
 * - An API key is identified by its SHA-256 digest. A layer whose `accessToken` is an effect counts as one credential. A
 *   runtime without WebCrypto paces each layer by itself.
 * - Waits are the attribute `sendmux.rate_limit.waited_ms` of the call's span, the metrics `sendmux_rate_limit_pacing_ms` and
 *   `sendmux_rate_limit_refusals`, and one `Info` log for each window.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Layer from "effect/Layer"
import { CurrentLimiter } from "./internal/model/limiter.js"
import { checkedOptions, makeLimiter, type RateLimitOptions } from "./ratelimit/limiter.js"

export type { RateLimitOptions } from "./ratelimit/limiter.js"

/**
 * Paces the requests of this process.
 *
 * Throws a `RangeError` when an option is out of range.
 *
 * @example
 * import * as RateLimit from "effect-sendmux/RateLimit"
 * import { Sending } from "effect-sendmux/Sending"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * export const paced = Sending.layer({ apiKey: Redacted.make("smx_mbx_sandbox") }).pipe(
 *   Layer.provide(RateLimit.layerMemory({ maxWait: "2 minutes" }))
 * )
 *
 * @since 0.2.0
 * @category layers
 */
export const layerMemory = (options: RateLimitOptions = {}): Layer.Layer<never> => {
  const settings = checkedOptions("RateLimit.layerMemory", options)
  return Layer.sync(CurrentLimiter, () => makeLimiter(settings))
}
