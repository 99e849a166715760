/**
 * The two versions of the signature, computed with WebCrypto.
 */

import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { toHex } from "../internal/values/bytes.js"

/** The names of the headers, in lower case for the lookup. */
export const headerNames = {
  signature: "x-sendmux-signature",
  signatureV2: "x-sendmux-signature-v2",
  timestamp: "x-sendmux-timestamp",
  eventId: "x-sendmux-event-id",
  eventType: "x-sendmux-event-type",
  attempt: "x-sendmux-delivery-attempt"
} as const

export type HeaderName = keyof typeof headerNames

export const prefixes = { v1: "sha256=", v2: "v1=" } as const

export type Scheme = keyof typeof prefixes

const hexDigest = /^[0-9a-f]{64}$/

/** Parses the digest in a signature header. Returns `undefined` if the header is malformed. */
export const parseSignature = (scheme: Scheme, header: string): Uint8Array<ArrayBuffer> | undefined => {
  const prefix = prefixes[scheme]
  const hex = header.slice(prefix.length)
  if (!header.startsWith(prefix) || !hexDigest.test(hex)) return undefined
  return Uint8Array.from({ length: 32 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16)
  )
}

const timestampPattern = /^[0-9]{1,10}$/

/** Parses a timestamp of 1 to 10 digits in seconds since the epoch. Returns `undefined` if it is malformed. */
export const parseTimestamp = (header: string): number | undefined =>
  timestampPattern.test(header) ? Number(header) : undefined

const utf8 = /* @__PURE__ */ new TextEncoder()

export const toBytes = (body: Uint8Array | string): Uint8Array =>
  typeof body === "string" ? utf8.encode(body) : body

/** The signed bytes: the body, preceded by the timestamp and a dot in version 2. */
export const signedBytes = (body: Uint8Array, timestamp: string | undefined): Uint8Array<ArrayBuffer> => {
  if (timestamp === undefined) return viewOf(body)
  const prefix = utf8.encode(`${timestamp}.`)
  const bytes = new Uint8Array(prefix.byteLength + body.byteLength)
  bytes.set(prefix)
  bytes.set(body, prefix.byteLength)
  return bytes
}

/** A view of the bytes for WebCrypto. It copies them only if they are in shared memory, which WebCrypto rejects. */
const viewOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes)

const algorithm = { name: "HMAC", hash: "SHA-256" }

const keys = /* @__PURE__ */ new WeakMap<Redacted.Redacted, Promise<CryptoKey>>()

const keyOf = (secret: Redacted.Redacted): Promise<CryptoKey> => {
  let key = keys.get(secret)
  if (key === undefined) {
    key = crypto.subtle.importKey("raw", utf8.encode(Redacted.value(secret)), algorithm, false, [
      "sign",
      "verify"
    ])
    keys.set(secret, key)
  }
  return key
}

/** Rejects the empty secret of an unset environment variable, since anyone could sign with it. */
const isUsable = (secret: Redacted.Redacted): boolean => Redacted.value(secret) !== ""

/** Returns whether the digest was made with one of the secrets. WebCrypto compares the digests in constant time. */
export const isSignedByOneOf = (
  secrets: ReadonlyArray<Redacted.Redacted>,
  digest: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>
): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    for (const secret of secrets) {
      if (isUsable(secret) && (await crypto.subtle.verify("HMAC", await keyOf(secret), digest, bytes)))
        return true
    }
    return false
  })

/** Signs the bytes, and returns the digest in hexadecimal digits. */
export const signHex = (secret: Redacted.Redacted, bytes: Uint8Array<ArrayBuffer>): Effect.Effect<string> =>
  Effect.promise(async () => toHex(await crypto.subtle.sign("HMAC", await keyOf(secret), bytes)))
