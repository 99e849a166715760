/**
 * The credential of a surface, checked when its layer is built.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { catchAll } from "../dialect/core.js"
import { ConfigurationError } from "../model/errors.js"
import type { AccessToken } from "../model/options.js"
import type { Surface } from "../operation/operation.js"
import { stringIn } from "../values/json.js"

/** How an attempt obtains its token: a fixed one, or an effect that runs for each attempt. */
export type Authorize =
  | { readonly token: string; readonly secrets: ReadonlyArray<string> }
  | { readonly renew: Effect.Effect<string, TokenProblem> }

/**
 * `loginRequired`: the caller's effect failed, and will fail until somebody logs in. `unavailable`: it failed otherwise.
 * `malformed`: its result cannot be sent in a header.
 */
export type TokenProblem = "unavailable" | "loginRequired" | "malformed"

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

/** Checks a layer's credential. Its errors never quote it. */
export const authorizeWith = (
  surface: Surface,
  { apiKey, accessToken }: Credential
): Effect.Effect<Authorize, ConfigurationError> => {
  const refuse = (option: string, issue: string) =>
    Effect.fail(new ConfigurationError({ surface, option, issue }))
  if (apiKey !== undefined && accessToken !== undefined) {
    return refuse("accessToken", "and apiKey are both set: set exactly one of them")
  }
  if (apiKey !== undefined) {
    if (!Redacted.isRedacted(apiKey)) return refuse("apiKey", "must be Redacted: wrap it with Redacted.make")
    const problem = apiKeyProblem(surface, String(Redacted.value(apiKey)))
    return problem === undefined ? Effect.succeed(fixed(Redacted.value(apiKey))) : refuse("apiKey", problem)
  }
  if (accessToken === undefined) return refuse("apiKey", "is missing: set an apiKey or an accessToken")
  if (Redacted.isRedacted(accessToken)) {
    const token = Redacted.value(accessToken)
    return tokenCharacters.test(token)
      ? Effect.succeed(fixed(token))
      : refuse("accessToken", "is not a bearer token: use the bare token, without a scheme, spaces or quotes")
  }
  if (!Effect.isEffect(accessToken)) {
    return refuse("accessToken", "must be Redacted, or an Effect of Redacted: wrap it with Redacted.make")
  }
  // The class of the error would be a part of every bundle.
  const token = catchAll(accessToken, (error) =>
    Effect.fail<TokenProblem>(stringIn(error, "_tag") === "LoginRequired" ? "loginRequired" : "unavailable")
  )
  const renew = Effect.flatMap(token, (redacted): Effect.Effect<string, TokenProblem> => {
    if (!Redacted.isRedacted(redacted)) return Effect.fail("malformed")
    const bare = Redacted.value(redacted)
    return tokenCharacters.test(bare) ? Effect.succeed(bare) : Effect.fail("malformed")
  })
  return Effect.succeed({ renew })
}

const fixed = (token: string): Authorize => ({ token, secrets: [token] })

const apiKeyProblem = (surface: Surface, key: string): string | undefined => {
  if (key === "") return "is empty"
  const expected = prefixes[surface]
  if (!expected.some((prefix) => key.startsWith(prefix) && key.length > prefix.length)) {
    return `is of the wrong kind: ${surface} accepts a key that starts with ${expected.join(" or ")}. Set any other credential, such as an OAuth token or an integration credential, as accessToken`
  }
  return keyCharacters.test(key)
    ? undefined
    : "contains characters that no key has, such as a line break or a space"
}
