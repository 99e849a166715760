/**
 * Which credential a surface takes, and the header it becomes.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { catchAll } from "../dialect/core.js"
import { ConfigurationError } from "../model/errors.js"
import type { Surface } from "../operation/operation.js"

/** The token of one attempt, or why there is none. */
export type Authorize = Effect.Effect<string, TokenProblem>

/** `unavailable`: the caller's effect failed. `malformed`: what it gave cannot stand in a header. */
export type TokenProblem = "unavailable" | "malformed"

/** An access token as it is, or an effect that gives a fresh one for each attempt. */
export type AccessToken = Redacted.Redacted | Effect.Effect<Redacted.Redacted, unknown>

export interface Credential {
  readonly apiKey?: Redacted.Redacted | undefined
  readonly accessToken?: AccessToken | undefined
}

const prefixes: Record<Surface, ReadonlyArray<string>> = {
  sending: ["smx_mbx_", "smx_agent_"],
  mailbox: ["smx_mbx_", "smx_agent_"],
  management: ["smx_root_"]
}

const keyCharacters = /^[\x21-\x7e]+$/
const tokenCharacters = /^[A-Za-z0-9._~+/-]+=*$/

/** Checks a layer's credential. The problem it reports never quotes it. */
export const authorizeWith = (
  surface: Surface,
  { apiKey, accessToken }: Credential
): Effect.Effect<Authorize, ConfigurationError> => {
  const refuse = (option: string, issue: string) =>
    Effect.fail(new ConfigurationError({ surface, option, issue }))
  if (apiKey !== undefined && accessToken !== undefined) {
    return refuse("accessToken", "and apiKey are both given: give exactly one of them")
  }
  if (apiKey !== undefined) {
    if (!Redacted.isRedacted(apiKey)) return refuse("apiKey", "must be Redacted: wrap it with Redacted.make")
    const problem = apiKeyProblem(surface, String(Redacted.value(apiKey)))
    return problem === undefined
      ? Effect.succeed(Effect.succeed(Redacted.value(apiKey)))
      : refuse("apiKey", problem)
  }
  if (accessToken === undefined) return refuse("apiKey", "is missing: give an apiKey or an accessToken")
  if (Redacted.isRedacted(accessToken)) {
    const token = Redacted.value(accessToken)
    return tokenCharacters.test(token)
      ? Effect.succeed(Effect.succeed(token))
      : refuse(
          "accessToken",
          "is not a bearer token: give the bare token, without a scheme, spaces or quotes"
        )
  }
  if (!Effect.isEffect(accessToken)) {
    return refuse("accessToken", "must be Redacted, or an Effect of Redacted: wrap it with Redacted.make")
  }
  return Effect.succeed(
    Effect.flatMap(
      catchAll(accessToken, () => Effect.fail<TokenProblem>("unavailable")),
      (redacted): Authorize => {
        if (!Redacted.isRedacted(redacted)) return Effect.fail("malformed")
        const token = Redacted.value(redacted)
        return tokenCharacters.test(token) ? Effect.succeed(token) : Effect.fail("malformed")
      }
    )
  )
}

const apiKeyProblem = (surface: Surface, key: string): string | undefined => {
  if (key === "") return "is empty"
  const expected = prefixes[surface]
  if (!expected.some((prefix) => key.startsWith(prefix) && key.length > prefix.length)) {
    return `is of the wrong kind: ${surface} takes a key that starts with ${expected.join(" or ")}`
  }
  return keyCharacters.test(key)
    ? undefined
    : "holds characters that no key has, such as a line break or a space"
}
