/**
 * Tokens, as a server issues them and as a store keeps them.
 *
 * @since 0.2.0
 */
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { check, decoder, encoder, literals, secret, unchecked } from "../internal/dialect/schema.js"
import { ResponseDecodeError } from "../internal/model/errors.js"
import { Optional } from "../internal/schema/schema.js"
import { parseJson } from "../internal/values/json.js"

/** How long an access token lives if the server does not say it, in seconds. */
const defaultLifetime = 900

const tokenCharacters = /^[A-Za-z0-9._~+/-]+=*$/

/** The response of the token endpoint. */
export const TokenResponse = Schema.Struct({
  access_token: secret,
  token_type: check(Schema.String, (type) =>
    type.toLowerCase() === "bearer" ? undefined : "must be Bearer"
  ),
  expires_in: Optional(Schema.Number),
  refresh_token: Optional(secret),
  scope: Optional(Schema.String)
})

export interface TokenResponse extends Schema.Schema.Type<typeof TokenResponse> {}

/** The tokens of a grant. Times are in milliseconds since the epoch. */
export const StoredTokens = Schema.Struct({
  version: literals(1),
  /** `refreshing`: a request with the refresh token was sent, or is about to be sent. */
  state: literals("ready", "refreshing"),
  issuer: Schema.String,
  client_id: Schema.String,
  access_token: secret,
  refresh_token: Optional(secret),
  scope: Schema.String,
  obtained_at: Schema.Number,
  expires_at: Schema.Number
})

export interface StoredTokens extends Schema.Schema.Type<typeof StoredTokens> {}

const decode = decoder(StoredTokens)
const encode = encoder(StoredTokens)

/** Reads the text of a store. `undefined` for a text that the SDK has not written. */
export const readTokens = (text: string): StoredTokens | undefined => {
  const coded = decode(parseJson(text))
  return coded.ok ? coded.value : undefined
}

/** The text that a store keeps. It contains the tokens. */
export const textOf = (tokens: StoredTokens): string => {
  const coded = encode(tokens)
  return JSON.stringify(coded.ok ? coded.value : {})
}

/** Whether an access token can be sent in a header. */
const isSendable = (token: Redacted.Redacted): boolean => tokenCharacters.test(Redacted.value(token))

/** The tokens of a response to a request that was sent at `at`, or the error of a response that cannot be used. */
export const tokensOf = (
  response: TokenResponse,
  facts: {
    readonly operation: string
    readonly issuer: string
    readonly client_id: string
    /** The scope of a response that names none. */
    readonly scope: string
    readonly at: number
  }
): StoredTokens | ResponseDecodeError => {
  const { at, client_id, issuer, operation } = facts
  const { access_token, expires_in = defaultLifetime, refresh_token } = response
  const misfit = (issue: string) =>
    new ResponseDecodeError({ operation, status: 200, requestId: undefined, issue }, unchecked)
  if (!isSendable(access_token)) return misfit("access_token must be a bearer token")
  if (!(expires_in > 0)) return misfit("expires_in must be a number greater than zero")
  return {
    version: 1,
    state: "ready",
    issuer,
    client_id,
    access_token,
    refresh_token,
    scope: response.scope ?? facts.scope,
    obtained_at: at,
    expires_at: at + expires_in * 1000
  }
}
