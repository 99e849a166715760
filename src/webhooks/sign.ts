/**
 * Signing as Sendmux does, for tests.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { now } from "../internal/dialect/core.js"
import { headerNames, prefixes, signedBytes, signHex, toBytes } from "./signature.js"

/**
 * @since 0.1.0
 * @category options
 */
export interface SignOptions {
  readonly body: Uint8Array | string
  readonly secret: Redacted.Redacted
  /** Seconds since the epoch. Default: now, by `Clock`. */
  readonly timestamp?: number | undefined
  /** The event's id. Default: `id` of the body, where it is JSON that has one. */
  readonly id?: string | undefined
  /** The event's type. Default: `type` of the body, where it is JSON that has one. */
  readonly type?: string | undefined
  /** Which attempt this is, from 1. Default 1. */
  readonly attempt?: number | undefined
}

/**
 * The headers of one delivery.
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

const named = (body: Uint8Array): { readonly id?: unknown; readonly type?: unknown } => {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof json === "object" && json !== null ? json : {}
  } catch {
    return {}
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")

/**
 * All headers of a delivery, signed by both schemes: what a test sends to a receiver. Send exactly the bytes that were
 * signed.
 *
 * @since 0.1.0
 * @category testing
 */
export const sign = (options: SignOptions): Effect.Effect<SignedHeaders> =>
  Effect.gen(function* () {
    const body = toBytes(options.body)
    const timestamp = String(options.timestamp ?? Math.floor((yield* now) / 1000))
    const event = named(body)
    const v1 = yield* signHex(options.secret, signedBytes(body, undefined))
    const v2 = yield* signHex(options.secret, signedBytes(body, timestamp))
    return {
      "content-type": "application/json",
      [headerNames.signature]: prefixes.v1 + v1,
      [headerNames.signatureV2]: prefixes.v2 + v2,
      [headerNames.timestamp]: timestamp,
      [headerNames.eventId]: options.id ?? text(event.id),
      [headerNames.eventType]: options.type ?? text(event.type),
      [headerNames.attempt]: String(options.attempt ?? 1)
    }
  })
