/**
 * Verifies a delivery, and reports how it was signed.
 */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { type DurationInput, now, toMillis } from "../internal/dialect/core.js"
import { formatIssues } from "../internal/schema/issues.js"
import { isRecord } from "../internal/values/json.js"
import { decodeEvent } from "./decodeEvent.js"
import { WebhookVerificationError } from "./errors.js"
import type { WebhookEvent } from "./events.js"
import type { Delivery, HeadersInput, SecretSource, Secrets, StrictnessOptions } from "./options.js"
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

const fail = (reason: WebhookVerificationError["reason"], issue: string) =>
  Effect.fail(new WebhookVerificationError({ reason, issue }))

/** The values of the signature headers that are present. */
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

/** Reads the signature that decides. A single header of version 2 rules version 1 out. */
const readSignature = (found: Found, requireV2: boolean): Effect.Effect<Signed, WebhookVerificationError> => {
  const [signatureV2] = found.signatureV2 ?? []
  const [timestamp] = found.timestamp ?? []
  if (signatureV2 !== undefined || timestamp !== undefined || requireV2) {
    if (signatureV2 === undefined) return missing("signatureV2")
    if (timestamp === undefined) return missing("timestamp")
    const digest = parseSignature("v2", signatureV2)
    if (digest === undefined)
      return fail(
        "BadSignature",
        `${headerNames.signatureV2} must be "v1=" and 64 lower-case hexadecimal digits`
      )
    if (parseTimestamp(timestamp) === undefined)
      return fail("BadSignature", `${headerNames.timestamp} must be 1 to 10 digits`)
    return Effect.succeed({ scheme: "v2", digest, timestamp })
  }
  const [signature] = found.signature ?? []
  if (signature === undefined) return missing("signature")
  const digest = parseSignature("v1", signature)
  return digest === undefined
    ? fail("BadSignature", `${headerNames.signature} must be "sha256=" and 64 lower-case hexadecimal digits`)
    : Effect.succeed({ scheme: "v1", digest, timestamp: undefined })
}

const missing = (name: HeaderName) => fail("MissingSignature", `${headerNames[name]} is missing`)

const defaultTolerance = 300_000

const checkTimestamp = (
  timestamp: string | undefined,
  tolerance: DurationInput | undefined
): Effect.Effect<void, WebhookVerificationError> => {
  const seconds = timestamp === undefined ? undefined : parseTimestamp(timestamp)
  if (seconds === undefined) return Effect.void
  const limit = tolerance === undefined ? defaultTolerance : toMillis(tolerance)
  if (limit === undefined)
    return Effect.die(
      new TypeError(
        'Webhooks: tolerance is not a duration. Use a number of milliseconds or text such as "5 minutes"'
      )
    )
  return Effect.gen(function* () {
    const age = Math.floor((yield* now) / 1000) - seconds
    if (Math.abs(age) * 1000 <= limit) return
    const distance = `${Math.abs(age)} seconds ${age > 0 ? "in the past" : "in the future"}`
    yield* fail("StaleTimestamp", `The signed timestamp is ${distance}`)
  })
}

const utf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const readEvent = (
  body: Uint8Array,
  found: Found,
  scheme: Scheme
): Effect.Effect<WebhookEvent, WebhookVerificationError> =>
  Effect.suspend(() => {
    let json: unknown
    try {
      json = JSON.parse(utf8.decode(body))
    } catch {
      return fail("MalformedBody", "The body is not JSON in UTF-8")
    }
    const id = stringIn(json, "id")
    const type = stringIn(json, "type")
    if (id === undefined || type === undefined)
      return fail("MalformedBody", "The body is not an event: its id or type is missing")
    if (!agrees(found.eventId, id, scheme))
      return fail("EventIdMismatch", `${headerNames.eventId} differs from the id in the body`)
    if (!agrees(found.eventType, type, scheme))
      return fail("EventIdMismatch", `${headerNames.eventType} differs from the type in the body`)
    const event = decodeEvent(type, json)
    return event.ok ? Effect.succeed(event.value) : fail("MalformedBody", formatIssues(event.issues))
  })

const stringIn = (json: unknown, key: string): string | undefined => {
  const value = isRecord(json) ? json[key] : undefined
  return typeof value === "string" ? value : undefined
}

/** Version 2 requires the header. Version 1 only requires that a header which is present has the same value. */
const agrees = (header: ReadonlyArray<string> | undefined, value: string, scheme: Scheme): boolean =>
  header === undefined ? scheme === "v1" : header[0] === value

/** A verified event, and how it was delivered. */
export interface Verified {
  readonly event: WebhookEvent
  readonly delivery: Delivery
}

const currentSecrets = <E, R>(
  secrets: SecretSource<E, R>
): Effect.Effect<ReadonlyArray<Redacted.Redacted>, E, R> =>
  Effect.isEffect(secrets) ? Effect.map(secrets, toList) : Effect.succeed(toList(secrets))

const toList = (secrets: Secrets): ReadonlyArray<Redacted.Redacted> => (isList(secrets) ? secrets : [secrets])

const isList = (secrets: Secrets): secrets is ReadonlyArray<Redacted.Redacted> => Array.isArray(secrets)

const attemptOf = ([attempt = ""]: ReadonlyArray<string> = []): number | undefined =>
  /^[1-9][0-9]{0,5}$/.test(attempt) ? Number(attempt) : undefined

/** The input of `verifyDelivery`. */
export interface DeliveryOptions<ES, RS> extends StrictnessOptions {
  readonly body: Uint8Array | string
  readonly headers: HeadersInput
  readonly secrets: SecretSource<ES, RS>
}

/** Verifies the signature first, then the timestamp, and only then parses the body. */
export const verifyDelivery = <ES, RS>(
  options: DeliveryOptions<ES, RS>
): Effect.Effect<Verified, WebhookVerificationError | ES, RS> =>
  Effect.gen(function* () {
    const found = findHeaders(options.headers)
    const repeated = names.find(([name]) => (found[name]?.length ?? 0) > 1)
    if (repeated !== undefined) return yield* fail("BadSignature", `${repeated[1]} occurs more than once`)
    const signed = yield* readSignature(found, options.requireV2 === true)
    const body = toBytes(options.body)
    const secrets = yield* currentSecrets(options.secrets)
    const genuine = yield* isSignedByOneOf(secrets, signed.digest, signedBytes(body, signed.timestamp))
    if (!genuine) {
      return yield* fail("BadSignature", "The signature does not match the body under any of the secrets")
    }
    yield* checkTimestamp(signed.timestamp, options.tolerance)
    const event = yield* readEvent(body, found, signed.scheme)
    return { event, delivery: { scheme: signed.scheme, attempt: attemptOf(found.attempt) } }
  })
