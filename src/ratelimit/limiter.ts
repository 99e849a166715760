/**
 * The implementation of `RateLimit`: one gate for each credential.
 */
import * as Effect from "effect/Effect"
import { type DurationInput, toMillis } from "../internal/dialect/core.js"
import type { Gate, Limited, Limiter } from "../internal/model/limiter.js"
import { sha256Hex } from "../internal/request/content.js"
import { makeBucket } from "./bucket.js"
import { makeLeases } from "./leases.js"
import type { Sharing } from "./sharing.js"
import { makeWindow } from "./window.js"

/**
 * How requests are paced.
 *
 * @since 0.2.0
 * @category options
 */
export interface RateLimitOptions {
  /**
   * The longest time that a call waits for the limit in total. A call that would have to wait longer fails at once with an
   * `APIError` whose code is `rate_limit_exceeded`. Default: the budget of the call's retry policy, or 60 seconds for a
   * policy that `Retry.policy` did not make.
   */
  readonly maxWait?: DurationInput | undefined
  /**
   * The length of the windows in which the server counts requests. The limit and the rest of a window come from the
   * responses, but not its length. Default: 60 seconds, as the API documents.
   */
  readonly window?: DurationInput | undefined
}

/** The options in milliseconds. */
export interface LimiterSettings {
  readonly maxWait: number | undefined
  readonly length: number
}

const defaultLength = 60_000

/** Checks the options. Throws a `RangeError` that names the option. */
export const checkedOptions = (name: string, { maxWait, window }: RateLimitOptions): LimiterSettings => {
  const length = window === undefined ? defaultLength : toMillis(window)
  if (length === undefined || !(length >= 1_000 && Number.isFinite(length))) {
    throw new RangeError(`${name}: window must be a duration of at least 1 second`)
  }
  if (maxWait === undefined) return { maxWait, length }
  const longest = toMillis(maxWait)
  if (longest === undefined) throw new RangeError(`${name}: maxWait must be a duration of zero or more`)
  return { maxWait: longest, length }
}

/** The limits that the API documents, in requests per minute. They apply until a response states another. */
const documented: Readonly<Record<string, number>> = { management: 600, mailbox: 1_800, sending: 1_800 }

/** Makes a limiter, whose limits are shared with other processes if `sharing` is given. */
export const makeLimiter = ({ length, maxWait }: LimiterSettings, sharing?: Sharing): Limiter => {
  const gates = new Map<string, Gate>()

  const makeGate = (surface: string, id: string | undefined): Gate =>
    makeBucket({
      name: surface,
      length,
      maxWait,
      window: makeWindow({
        length,
        assumedLimit: documented[surface] ?? 600,
        alwaysProbes: sharing !== undefined
      }),
      leasesOf:
        sharing === undefined || id === undefined
          ? undefined
          : (window, changed) => makeLeases(sharing, id, window, changed)
    })

  return {
    gateOf: (limited) =>
      Effect.map(idOf(limited), (id) => {
        // The tokens of an effect change, so a layer that has one is identified by itself.
        if (id === undefined) return makeGate(limited.surface, undefined)
        const known = gates.get(id)
        if (known !== undefined) return known
        const gate = makeGate(limited.surface, id)
        gates.set(id, gate)
        return gate
      })
  }
}

/** A digest that identifies a credential. `undefined` for an unknown token, and on a runtime without WebCrypto. */
const idOf = ({ baseUrl, surface, token }: Limited): Effect.Effect<string | undefined> =>
  token === undefined
    ? Effect.succeed(undefined)
    : Effect.map(
        sha256Hex(new TextEncoder().encode(`effect-sendmux rate limit ${surface} ${baseUrl} ${token}`)),
        (digest) => digest?.slice(0, 32)
      )
