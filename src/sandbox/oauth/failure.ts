/**
 * Failures of the authorization server, in the form of OAuth.
 */
import * as Effect from "effect/Effect"
import type { LocalResponse } from "../../internal/dialect/shared/localClient.js"

export interface OAuthFailureDetails {
  readonly status?: number | undefined
  /** In seconds. */
  readonly retryAfter?: number | undefined
  readonly rateLimitScope?: string | undefined
}

/** Thrown by a handler, at any depth. */
export class OAuthFailure {
  constructor(
    readonly code: string,
    readonly description: string,
    readonly details: OAuthFailureDetails = {}
  ) {}
}

/** Ends a request with a failure. */
export const refuse = (code: string, description: string, details?: OAuthFailureDetails): never => {
  throw new OAuthFailure(code, description, details)
}

export const jsonResponse = (status: number, body: object): LocalResponse => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body)
})

/** How a client has to authenticate: with an access token, or with its own credentials. */
const authenticationFor = (code: string): string =>
  code === "invalid_token" ? 'Bearer realm="sandbox", error="invalid_token"' : 'Basic realm="sandbox"'

export const failureOf = ({ code, description, details }: OAuthFailure): LocalResponse => {
  const { rateLimitScope, retryAfter, status = 400 } = details
  const response = jsonResponse(status, {
    error: code,
    error_description: description,
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
    ...(rateLimitScope === undefined ? {} : { rate_limit_scope: rateLimitScope })
  })
  return {
    ...response,
    headers: {
      ...response.headers,
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      ...(status === 401 ? { "www-authenticate": authenticationFor(code) } : {})
    }
  }
}

/** Runs code that may throw an `OAuthFailure`. */
export const attempt = <A>(step: () => A): Effect.Effect<A, OAuthFailure> =>
  Effect.try({
    try: step,
    catch: (thrown) => {
      if (thrown instanceof OAuthFailure) return thrown
      throw thrown
    }
  })
