/**
 * The registration of a client (RFC 7591).
 *
 * @since 0.2.0
 */
import * as Schema from "effect/Schema"
import { secret } from "../internal/dialect/schema.js"
import { Optional } from "../internal/schema/schema.js"
import type { ClientAuthentication } from "./clientAuthentication.js"

/**
 * What a new client says about itself.
 *
 * @since 0.2.0
 * @category models
 */
export interface ClientRegistration {
  /** The name that the owner sees at the login. */
  readonly client_name: string
  /** Where the server may send callbacks. The port of a loopback URL may be another one at the login. */
  readonly redirect_uris: ReadonlyArray<string>
  /** Default: `none`, for apps that cannot keep a secret. */
  readonly token_endpoint_auth_method?: ClientAuthentication | undefined
  /** The scopes that the client will ask for. */
  readonly scopes?: ReadonlyArray<string> | undefined
  readonly client_uri?: string | undefined
}

/**
 * A registered client. `client_id` and `client_secret` are the options of `OAuth.Client`.
 *
 * @since 0.2.0
 * @category schemas
 */
export const RegisteredClient = Schema.Struct({
  client_id: Schema.String,
  client_secret: Optional(secret),
  /** When the secret expires, in seconds since the epoch. 0 if it does not expire. */
  client_secret_expires_at: Optional(Schema.Number),
  token_endpoint_auth_method: Optional(Schema.String),
  redirect_uris: Optional(Schema.Array(Schema.String)),
  scope: Optional(Schema.String)
})

/**
 * The decoded `RegisteredClient`.
 *
 * @since 0.2.0
 * @category models
 */
export interface RegisteredClient extends Schema.Schema.Type<typeof RegisteredClient> {}
