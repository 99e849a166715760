/**
 * Signs deliveries as Sendmux does, for tests.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { now } from "../internal/dialect/core.js"
import { isRecord, parseJson } from "../internal/values/json.js"
import { headerNames, prefixes, signedBytes, signHex, toBytes } from "./signature.js"

/**
 * The options of `sign`.
 *
 * @since 0.1.0
 * @category options
 */
export interface SignOptions {
  /** The body of the request. Send exactly these bytes. */
  readonly body: Uint8Array | string
  /** The signing secret of the webhook. */
  readonly secret: Redacted.Redacted
  /** The signed time in seconds since the epoch. The default is the current time of `Clock`. */
  readonly timestamp?: number | undefined
  /** The id of the event. The default is the `id` in the body, or an empty string if the body has no `id`. */
  readonly id?: string | undefined
  /** The type of the event. The default is the `type` in the body, or an empty string if the body has no `type`. */
  readonly type?: string | undefined
  /** The number of the delivery attempt, from 1. The default is 1. */
  readonly attempt?: number | undefined
}

/**
 * The headers of a signed delivery.
 *
 * @since 0.1.0
 * @category models
 */
export interface SignedHeaders {
  readonly [name: string]: string
  readonly "content-type": string
  readonly "x-sendmux-signature": string
  readonly "x-sendmux-signature-v2": string
  readonly "x-sendmux-timestamp": string
  readonly "x-sendmux-event-id": string
  readonly "x-sendmux-event-type": string
  readonly "x-sendmux-delivery-attempt": string
}

const eventOf = (body: Uint8Array): Readonly<Record<string, unknown>> => {
  const json = parseJson(new TextDecoder().decode(body))
  return isRecord(json) ? json : {}
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")

/**
 * Makes the headers of a delivery, with signatures of both versions, so that a test can send it to a receiver.
 *
 * @example
 * import { sign, toHandler } from "effect-sendmux/Webhooks"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const secret = Redacted.make("whsec_0123456789")
 * const receive = toHandler({ secrets: secret }, (event) => Effect.log(event.type))
 *
 * export const deliver = Effect.gen(function* () {
 *   const body = JSON.stringify({
 *     id: "evt_1",
 *     type: "sendmux.test",
 *     team_public_id: "team_1",
 *     occurred_at: "2026-05-21T09:12:00Z",
 *     data: { recipients: [], webhook_id: "whk_1" }
 *   })
 *   const headers = yield* sign({ body, secret })
 *   const request = new Request("https://example.com/hook", { method: "POST", body, headers })
 *   return yield* Effect.promise(() => receive(request))
 * })
 *
 * @see {@link verify}
 * @since 0.1.0
 * @category testing
 */
export const sign = (options: SignOptions): Effect.Effect<SignedHeaders> =>
  Effect.gen(function* () {
    const body = toBytes(options.body)
    const timestamp = String(options.timestamp ?? Math.floor((yield* now) / 1000))
    const event = eventOf(body)
    const v1 = yield* signHex(options.secret, signedBytes(body, undefined))
    const v2 = yield* signHex(options.secret, signedBytes(body, timestamp))
    return {
      "content-type": "application/json",
      [headerNames.signature]: prefixes.v1 + v1,
      [headerNames.signatureV2]: prefixes.v2 + v2,
      [headerNames.timestamp]: timestamp,
      [headerNames.eventId]: options.id ?? text(event["id"]),
      [headerNames.eventType]: options.type ?? text(event["type"]),
      [headerNames.attempt]: String(options.attempt ?? 1)
    }
  })
