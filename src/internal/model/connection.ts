/**
 * The credential of a request, as the `connection` resources of all surfaces return it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Nullable, OpenEnum } from "../schema/schema.js"

/**
 * The identity and the permissions of the credential.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Connection = Schema.Struct({
  /** The team that owns the credential. */
  team: Schema.Struct({ id: Schema.String, name: Schema.String }),
  credential: Schema.Struct({
    /** The public id of the credential, which is not a secret. */
    id: Schema.String,
    type: OpenEnum(["api_key", "oauth", "agent_token"]),
    name: Nullable(Schema.String)
  }),
  /** A human-readable name. */
  label: Schema.String,
  /** The granted scopes, such as `email.send`. */
  permissions: Schema.Array(Schema.String),
  /** The mailboxes that the credential can access. */
  mailboxes: Schema.Array(Schema.Struct({ id: Schema.String, email: Schema.String }))
})

/**
 * The decoded `Connection`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connection extends Schema.Schema.Type<typeof Connection> {}
