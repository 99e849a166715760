/**
 * The proof of work that a server asks for before it registers an agent: PBKDF2 with SHA-256.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { now } from "../../internal/dialect/core.js"
import {
  check,
  encodeBase64,
  literals,
  TaggedError,
  unchecked,
  unknownRecord
} from "../../internal/dialect/schema.js"
import { Optional } from "../../internal/schema/schema.js"
import { toHex } from "../../internal/values/bytes.js"
import { isRecord } from "../../internal/values/json.js"

/**
 * The parts of a challenge that the proof is made from. The shape of a challenge is not published, so a challenge may have
 * more parts, which are sent back as they came.
 *
 * @since 0.2.0
 * @category schemas
 */
export const ChallengeParameters = Schema.Struct({
  /** Such as `PBKDF2/SHA-256`. */
  algorithm: Optional(Schema.String),
  /** Hexadecimal. It begins the password of each derivation, before the counter. */
  nonce: Schema.String,
  /** Hexadecimal. */
  salt: Schema.String,
  /** The number of iterations of each derivation. */
  cost: check(Schema.Number, (cost) =>
    Number.isSafeInteger(cost) && cost > 0 ? undefined : "must be a positive integer"
  ),
  /** The length of a derived key in bytes. */
  keyLength: Optional(Schema.Number),
  /** The hexadecimal digits with which the derived key of the solution begins. */
  keyPrefix: Schema.String,
  /** When the challenge expires, in seconds since the epoch. */
  expiresAt: Optional(Schema.Number)
})

/**
 * The decoded `ChallengeParameters`.
 *
 * @since 0.2.0
 * @category models
 */
export interface ChallengeParameters extends Schema.Schema.Type<typeof ChallengeParameters> {}

/**
 * A challenge as the server sent it.
 *
 * @since 0.2.0
 * @category models
 */
export interface Challenge {
  readonly parameters: ChallengeParameters
  /** The challenge to send back with the solution, unchanged. */
  readonly raw: Readonly<Record<string, unknown>>
}

/**
 * The solution of a challenge: the first counter whose derived key has the prefix.
 *
 * @since 0.2.0
 * @category models
 */
export interface Solution {
  readonly counter: number
  /** Hexadecimal. */
  readonly derivedKey: string
}

/**
 * A challenge cannot be solved: it asks for an algorithm that the SDK does not have, its parameters are malformed, it takes
 * too many attempts, it expired, or the runtime has no Web Crypto.
 *
 * @since 0.2.0
 * @category errors
 */
export class ProofOfWorkError extends TaggedError<ProofOfWorkError>("effect-sendmux/ProofOfWorkError")(
  "ProofOfWorkError",
  {
    reason: literals("UnsupportedAlgorithm", "InvalidChallenge", "TooManyAttempts", "Expired", "NoWebCrypto")
  }
) {
  override get message(): string {
    return `The proof of work is not possible: ${explanations[this.reason]}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

const explanations: Readonly<Record<ProofOfWorkError["reason"], string>> = {
  UnsupportedAlgorithm: "the server asks for an algorithm other than PBKDF2/SHA-256. Use the option solve",
  InvalidChallenge: "the parameters of the challenge are malformed. Use the option solve",
  TooManyAttempts: "no counter up to the limit has the prefix that the server asks for",
  Expired: "the challenge expired before a solution was found",
  NoWebCrypto: "this runtime has no PBKDF2 of Web Crypto"
}

const failed = (reason: ProofOfWorkError["reason"]) =>
  Effect.fail(new ProofOfWorkError({ reason }, unchecked))

/** The number of derivations that run at the same time. More would fill the threads that also do file and DNS work. */
const parallel = 2

/** The largest number of attempts: a longer search would take hours. */
const maxCounter = 10_000_000

const hexPattern = /^(?:[0-9a-f]{2})*$/i

const bytesOfHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))

/**
 * Derives the key of a counter, in hexadecimal. The runtime computes it on another thread.
 *
 * @internal
 */
export const deriveKey = async (
  { cost, keyLength = 32, nonce, salt }: ChallengeParameters,
  counter: number
): Promise<string> => {
  const prefix = bytesOfHex(nonce)
  const password = new Uint8Array(prefix.byteLength + 4)
  password.set(prefix)
  new DataView(password.buffer).setUint32(prefix.byteLength, counter)
  const { subtle } = globalThis.crypto
  const key = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"])
  const settings = { name: "PBKDF2", hash: "SHA-256", salt: bytesOfHex(salt), iterations: cost }
  return toHex(await subtle.deriveBits(settings, key, keyLength * 8))
}

const problemOf = (parameters: ChallengeParameters): ProofOfWorkError["reason"] | undefined => {
  const { algorithm = "PBKDF2/SHA-256", keyLength = 32, keyPrefix, nonce, salt } = parameters
  if (!/^PBKDF2(?:[/-]SHA-?256)?$/i.test(algorithm)) return "UnsupportedAlgorithm"
  const isValid =
    hexPattern.test(nonce) &&
    hexPattern.test(salt) &&
    /^[0-9a-f]*$/i.test(keyPrefix) &&
    Number.isSafeInteger(keyLength) &&
    keyLength > 0 &&
    keyLength <= 1024
  if (!isValid) return "InvalidChallenge"
  return globalThis.crypto?.subtle === undefined ? "NoWebCrypto" : undefined
}

/**
 * Solves a challenge. The derivations run on threads of the runtime, so that the main loop stays free, and an interruption
 * ends the search.
 *
 * @since 0.2.0
 * @category constructors
 */
export const solveChallenge = ({ parameters }: Challenge): Effect.Effect<Solution, ProofOfWorkError> =>
  Effect.gen(function* () {
    const problem = problemOf(parameters)
    if (problem !== undefined) return yield* failed(problem)
    const prefix = parameters.keyPrefix.toLowerCase()
    const expiresAt = (parameters.expiresAt ?? Number.POSITIVE_INFINITY) * 1000
    for (let first = 0; first < maxCounter; first += parallel) {
      if ((yield* now) >= expiresAt) return yield* failed("Expired")
      const counters = Array.from({ length: parallel }, (_, index) => first + index)
      const keys = yield* Effect.tryPromise({
        try: () => Promise.all(counters.map((counter) => deriveKey(parameters, counter))),
        catch: () => new ProofOfWorkError({ reason: "NoWebCrypto" }, unchecked)
      })
      for (const [index, derivedKey] of keys.entries()) {
        if (derivedKey.startsWith(prefix)) return { counter: first + index, derivedKey }
      }
    }
    return yield* failed("TooManyAttempts")
  })

/** The text that proves the work: base64 of the challenge and its solution. */
export const proofOf = ({ raw }: Challenge, solution: Solution): string =>
  encodeBase64(
    JSON.stringify({
      challenge: raw,
      solution: { counter: solution.counter, derivedKey: solution.derivedKey }
    })
  )

/**
 * The response with a challenge. What is not known of its shape is in this schema only.
 *
 * @internal
 */
export const ChallengeResponse = unknownRecord

/**
 * Finds the challenge in a response: the response itself or its field `challenge`, with the parameters in it or in its field
 * `parameters`.
 *
 * @internal
 */
export const challengeIn = (
  response: Readonly<Record<string, unknown>>
): { readonly raw: Readonly<Record<string, unknown>>; readonly parameters: unknown } => {
  const inner = response["challenge"]
  const raw = isRecord(inner) ? inner : response
  const parameters = raw["parameters"]
  return { raw, parameters: isRecord(parameters) ? parameters : raw }
}
