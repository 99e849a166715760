/**
 * From raw bytes and headers to an event that can be trusted.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { type DurationInput, now, toMillis } from "../internal/dialect/core.js"
import { WebhookVerificationError } from "./errors.js"
import { decodeEvent, type WebhookEvent } from "./events.js"
import {
  type HeaderName,
  headerNames,
  isSignedByOneOf,
  parseSignature,
  parseTimestamp,
  type Scheme,
  signedBytes,
  toBytes
} from "./signature.js"

/**
 * A webhook's signing secret, or several while one replaces another: each of them may have signed. An empty one never
 * matches.
 *
 * @since 0.1.0
 * @category options
 */
export type Secrets = Redacted.Redacted | ReadonlyArray<Redacted.Redacted>

/**
 * Secrets, or an Effect that gives them and is run for every delivery, so that a rotated secret is picked up without
 * a restart.
 *
 * @since 0.1.0
 * @category options
 */
export type SecretSource<E = never, R = never> = Secrets | Effect.Effect<Secrets, E, R>

/**
 * Headers as a web `Headers`, or as a record in any letter case such as Node's `request.headers`.
 *
 * @since 0.1.0
 * @category options
 */
export type HeadersInput = Headers | { readonly [name: string]: string | ReadonlyArray<string> | undefined }

/**
 * How strictly a delivery is looked at.
 *
 * @since 0.1.0
 * @category options
 */
export interface StrictnessOptions {
  /**
   * How far the timestamp of the newer scheme may be from now, in either direction, limits included. Default 300
   * seconds. The older scheme signs no timestamp.
   */
  readonly tolerance?: DurationInput | undefined
  /**
   * Refuses deliveries signed by the older scheme alone, which can be replayed at any time. Default `false`; turn it
   * on once every delivery you see has the newer signature.
   */
  readonly requireV2?: boolean | undefined
}

/**
 * @since 0.1.0
 * @category options
 */
export interface VerifyOptions<ES = never, RS = never, ED = never, RD = never> extends StrictnessOptions {
  /** The body exactly as it came. Parsing it and writing it again changes bytes, and the signature with them. */
  readonly body: Uint8Array | string
  readonly headers: HeadersInput
  readonly secrets: SecretSource<ES, RS>
  /** Whether an event was handled before; `true` fails with `Duplicate`. Asked only about verified events. */
  readonly seen?: ((eventId: string) => Effect.Effect<boolean, ED, RD>) | undefined
}

/**
 * How an event came.
 *
 * @since 0.1.0
 * @category models
 */
export interface Delivery {
  /** The scheme that vouches for it: `v2` signs a timestamp too. */
  readonly scheme: Scheme
  /** Which attempt this is, from 1, where the sender says so. Not signed. */
  readonly attempt: number | undefined
}

const fail = (reason: WebhookVerificationError["reason"], issue: string) =>
  Effect.fail(new WebhookVerificationError({ reason, issue }))

// -----------------------------------------------------------------------------
// headers
// -----------------------------------------------------------------------------

type Found = { readonly [Name in HeaderName]?: ReadonlyArray<string> }

const names = Object.entries(headerNames) as ReadonlyArray<[HeaderName, string]>

const isWebHeaders = (headers: HeadersInput): headers is Headers => typeof headers.get === "function"

const findHeaders = (headers: HeadersInput): Found => {
  const found: { [Name in HeaderName]?: Array<string> } = {}
  if (isWebHeaders(headers)) {
    for (const [name, wire] of names) {
      const value = headers.get(wire)
      if (value !== null) found[name] = [value]
    }
    return found
  }
  for (const key of Object.keys(headers)) {
    const lower = key.toLowerCase()
    const name = names.find(([, wire]) => wire === lower)?.[0]
    const value = headers[key]
    if (name !== undefined && value !== undefined) {
      found[name] = (found[name] ?? []).concat(value)
    }
  }
  return found
}

interface Signed {
  readonly scheme: Scheme
  readonly digest: Uint8Array<ArrayBuffer>
  readonly timestamp: string | undefined
}

/** Which scheme decides, and what it says. One header of the newer scheme is enough to rule the older one out. */
const readSignature = (found: Found, requireV2: boolean): Effect.Effect<Signed, WebhookVerificationError> => {
  const [signatureV2] = found.signatureV2 ?? []
  const [timestamp] = found.timestamp ?? []
  if (signatureV2 !== undefined || timestamp !== undefined || requireV2) {
    if (signatureV2 === undefined) return missing("signatureV2")
    if (timestamp === undefined) return missing("timestamp")
    const digest = parseSignature("v2", signatureV2)
    if (digest === undefined) return fail("BadSignature", `${headerNames.signatureV2} has a wrong form`)
    if (parseTimestamp(timestamp) === undefined)
      return fail("BadSignature", `${headerNames.timestamp} has a wrong form`)
    return Effect.succeed({ scheme: "v2", digest, timestamp })
  }
  const [signature] = found.signature ?? []
  if (signature === undefined) return missing("signature")
  const digest = parseSignature("v1", signature)
  return digest === undefined
    ? fail("BadSignature", `${headerNames.signature} has a wrong form`)
    : Effect.succeed({ scheme: "v1", digest, timestamp: undefined })
}

const missing = (name: HeaderName) => fail("MissingSignature", `${headerNames[name]} is missing`)

// -----------------------------------------------------------------------------
// timestamp
// -----------------------------------------------------------------------------

const defaultTolerance = 300_000

const checkTimestamp = (
  timestamp: string | undefined,
  tolerance: DurationInput | undefined
): Effect.Effect<void, WebhookVerificationError> => {
  const seconds = timestamp === undefined ? undefined : parseTimestamp(timestamp)
  if (seconds === undefined) return Effect.void
  const limit = tolerance === undefined ? defaultTolerance : toMillis(tolerance)
  if (limit === undefined) return Effect.die(new TypeError("Webhooks: tolerance must be a duration"))
  return Effect.flatMap(now, (millis) => {
    const away = Math.floor(millis / 1000) - seconds
    return Math.abs(away) * 1000 <= limit
      ? Effect.void
      : fail("StaleTimestamp", `signed ${Math.abs(away)} seconds ${away > 0 ? "ago" : "in the future"}`)
  })
}

// -----------------------------------------------------------------------------
// body
// -----------------------------------------------------------------------------

const utf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const readBody = (
  body: Uint8Array,
  found: Found,
  scheme: Scheme
): Effect.Effect<WebhookEvent, WebhookVerificationError> =>
  Effect.suspend(() => {
    let json: unknown
    try {
      json = JSON.parse(utf8.decode(body))
    } catch {
      return fail("MalformedBody", "the body is not JSON in UTF-8")
    }
    const id = stringIn(json, "id")
    const type = stringIn(json, "type")
    if (id === undefined || type === undefined)
      return fail("MalformedBody", "the body is not an event: it has no id or no type")
    if (!agrees(found.eventId, id, scheme))
      return fail("EventIdMismatch", `${headerNames.eventId} does not name the event of the body`)
    if (!agrees(found.eventType, type, scheme))
      return fail("EventIdMismatch", `${headerNames.eventType} does not name the type of the body`)
    const event = decodeEvent(type, json)
    return event.ok
      ? Effect.succeed(event.value)
      : fail("MalformedBody", event.issues.map(({ path, message }) => `${path} ${message}`.trim()).join("; "))
  })

const stringIn = (json: unknown, key: string): string | undefined => {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined
  const value: unknown = Reflect.get(json, key)
  return typeof value === "string" ? value : undefined
}

/** The newer scheme demands the header; the older one only that it is not another's. */
const agrees = (header: ReadonlyArray<string> | undefined, value: string, scheme: Scheme): boolean =>
  header === undefined ? scheme === "v1" : header[0] === value

// -----------------------------------------------------------------------------
// verify
// -----------------------------------------------------------------------------

/** @internal */
export interface Verified {
  readonly event: WebhookEvent
  readonly delivery: Delivery
}

const currentSecrets = <E, R>(
  secrets: SecretSource<E, R>
): Effect.Effect<ReadonlyArray<Redacted.Redacted>, E, R> =>
  Effect.isEffect(secrets) ? Effect.map(secrets, toRing) : Effect.succeed(toRing(secrets))

const toRing = (secrets: Secrets): ReadonlyArray<Redacted.Redacted> => (isRing(secrets) ? secrets : [secrets])

const isRing = (secrets: Secrets): secrets is ReadonlyArray<Redacted.Redacted> => Array.isArray(secrets)

const attemptOf = ([attempt]: ReadonlyArray<string> = []): number | undefined =>
  attempt !== undefined && /^[1-9][0-9]{0,5}$/.test(attempt) ? Number(attempt) : undefined

/** @internal */
export const verifyDelivery = <ES, RS>(
  options: Pick<VerifyOptions<ES, RS>, "body" | "headers" | "secrets" | keyof StrictnessOptions>
): Effect.Effect<Verified, WebhookVerificationError | ES, RS> =>
  Effect.gen(function* () {
    const found = findHeaders(options.headers)
    const twice = names.find(([name]) => (found[name]?.length ?? 0) > 1)
    if (twice !== undefined) return yield* fail("BadSignature", `${twice[1]} came more than once`)
    const signed = yield* readSignature(found, options.requireV2 === true)
    const body = toBytes(options.body)
    const secrets = yield* currentSecrets(options.secrets)
    const genuine = yield* isSignedByOneOf(secrets, signed.digest, signedBytes(body, signed.timestamp))
    if (!genuine) return yield* fail("BadSignature", "none of the secrets made this signature for this body")
    yield* checkTimestamp(signed.timestamp, options.tolerance)
    const event = yield* readBody(body, found, signed.scheme)
    return { event, delivery: { scheme: signed.scheme, attempt: attemptOf(found.attempt) } }
  })

/**
 * Checks that a delivery is genuine, and gives its event.
 *
 * Both signature schemes are known. Where a header of the newer one is present it alone decides: a delivery whose
 * newer signature is bad is refused, however good the older one is. Nothing is parsed before the signature is known
 * to be right. Time is `Clock`'s.
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
 * @since 0.1.0
 * @category verification
 */
export const verify = <ES = never, RS = never, ED = never, RD = never>(
  options: VerifyOptions<ES, RS, ED, RD>
): Effect.Effect<WebhookEvent, WebhookVerificationError | ES | ED, RS | RD> =>
  Effect.flatMap(
    verifyDelivery(options),
    ({ event }): Effect.Effect<WebhookEvent, WebhookVerificationError | ED, RD> =>
      options.seen === undefined
        ? Effect.succeed(event)
        : Effect.flatMap(options.seen(event.id), (seen) =>
            seen ? fail("Duplicate", "the event was handled before") : Effect.succeed(event)
          )
  )
