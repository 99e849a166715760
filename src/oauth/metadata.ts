/**
 * The description that an authorization server publishes of itself (RFC 8414).
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ResponseDecodeError } from "../internal/model/errors.js"
import { Optional } from "../internal/schema/schema.js"
import { isLoopback } from "../internal/values/loopback.js"
import type { OAuthRequestError } from "./errors.js"
import { send, type Transport } from "./request.js"

/**
 * What an authorization server says about itself.
 *
 * @since 0.2.0
 * @category schemas
 */
export const ServerMetadata = Schema.Struct({
  /** The identifier of the server, which its callbacks repeat as `iss`. */
  issuer: Schema.String,
  authorization_endpoint: Schema.String,
  token_endpoint: Schema.String,
  registration_endpoint: Optional(Schema.String),
  revocation_endpoint: Optional(Schema.String),
  scopes_supported: Optional(Schema.Array(Schema.String)),
  token_endpoint_auth_methods_supported: Optional(Schema.Array(Schema.String)),
  code_challenge_methods_supported: Optional(Schema.Array(Schema.String)),
  /** Whether every callback has an `iss` (RFC 9207). */
  authorization_response_iss_parameter_supported: Optional(Schema.Boolean)
})

/**
 * The decoded `ServerMetadata`.
 *
 * @since 0.2.0
 * @category models
 */
export interface ServerMetadata extends Schema.Schema.Type<typeof ServerMetadata> {}

/** Where a server publishes its description: the well-known path comes before the path of the issuer. */
export const discoveryUrl = (issuer: string): string => {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/oauth-authorization-server${pathname === "/" ? "" : pathname}`
}

/** Whether a secret may be sent to a URL. */
export const isSecure = (url: string, allowInsecure: boolean): boolean =>
  URL.canParse(url) && (/^https:/i.test(url) || (/^http:/i.test(url) && (allowInsecure || isLoopback(url))))

/** Fetches the description of a server and checks what the safety of a login depends on. */
export const fetchMetadata = (
  transport: Transport,
  issuer: string,
  allowInsecure: boolean
): Effect.Effect<ServerMetadata, OAuthRequestError> => {
  const operation = "oauth.discover"
  const request = { operation, url: discoveryUrl(issuer), body: undefined, secrets: [] }
  return Effect.flatMap(send(transport, request, ServerMetadata), (metadata) => {
    const problem = problemOf(metadata, issuer, allowInsecure)
    return problem === undefined
      ? Effect.succeed(metadata)
      : Effect.fail(new ResponseDecodeError({ operation, status: 200, requestId: undefined, issue: problem }))
  })
}

const problemOf = (metadata: ServerMetadata, issuer: string, allowInsecure: boolean): string | undefined => {
  if (metadata.issuer !== issuer) return "issuer must be the issuer whose description was requested"
  for (const key of [
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "revocation_endpoint"
  ] as const) {
    const url = metadata[key]
    if (url !== undefined && !isSecure(url, allowInsecure)) return `${key} must be an https URL`
  }
  const methods = metadata.code_challenge_methods_supported
  return methods !== undefined && !methods.includes("S256")
    ? "code_challenge_methods_supported must contain S256"
    : undefined
}
