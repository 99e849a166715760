/**
 * Verifies a delivery from its raw body and headers.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { WebhookVerificationError } from "./errors.js"
import type { WebhookEvent } from "./events.js"
import type { HeadersInput, SecretSource, StrictnessOptions } from "./options.js"
import { verifyDelivery } from "./verifyDelivery.js"

/**
 * The options of `verify`.
 *
 * @since 0.1.0
 * @category options
 */
export interface VerifyOptions<ES = never, RS = never, ED = never, RD = never> extends StrictnessOptions {
  /** The body exactly as received. Parsing and serializing it again changes its bytes and breaks the signature. */
  readonly body: Uint8Array | string
  /** The headers of the request. */
  readonly headers: HeadersInput
  /** The signing secrets of the webhook. */
  readonly secrets: SecretSource<ES, RS>
  /**
   * Returns whether the event was handled before. `verify` calls it only for a genuine event, and fails with the reason
   * `Duplicate` if it returns `true`.
   */
  readonly seen?: ((eventId: string) => Effect.Effect<boolean, ED, RD>) | undefined
}

/**
 * Verifies that a delivery was signed with one of the secrets, and succeeds with its decoded event. Otherwise it fails
 * with `WebhookVerificationError`, whose `reason` says why.
 *
 * Both versions of the signature are supported. If any header of version 2 is present, version 2 alone decides: a
 * delivery with an invalid version 2 signature is rejected even if its version 1 signature is valid. The body is parsed
 * only after the signature was verified. The current time comes from `Clock`.
 *
 * @example
 * import { verify } from "effect-sendmux/Webhooks"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * export const receive = (request: Request) =>
 *   Effect.gen(function* () {
 *     const body = new Uint8Array(yield* Effect.promise(() => request.arrayBuffer()))
 *     const secrets = Redacted.make("whsec_0123456789")
 *     return yield* verify({ body, headers: request.headers, secrets })
 *   })
 *
 * @see {@link sign} to make a signed delivery in a test
 * @since 0.1.0
 * @category verification
 */
export const verify = <ES = never, RS = never, ED = never, RD = never>(
  options: VerifyOptions<ES, RS, ED, RD>
): Effect.Effect<WebhookEvent, WebhookVerificationError | ES | ED, RS | RD> =>
  Effect.gen(function* () {
    const { event } = yield* verifyDelivery(options)
    if (options.seen !== undefined && (yield* options.seen(event.id))) {
      return yield* Effect.fail(
        new WebhookVerificationError({ reason: "Duplicate", issue: "The event was handled before" })
      )
    }
    return event
  })
