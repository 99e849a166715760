/**
 * Who a credential is and what it may do: the same answer on every surface.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Nullable, OpenEnum } from "../schema/schema.js"

/**
 * A credential as the API sees it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Connection = Schema.Struct({
  /** The team the credential belongs to. */
  team: Schema.Struct({ id: Schema.String, name: Schema.String }),
  credential: Schema.Struct({
    /** The credential's public id; not a secret. */
    id: Schema.String,
    type: OpenEnum(["api_key", "oauth", "agent_token"]),
    name: Nullable(Schema.String)
  }),
  /** A name for people. */
  label: Schema.String,
  /** The scopes it holds, such as `email.send`. */
  permissions: Schema.Array(Schema.String),
  /** The mailboxes it reaches. */
  mailboxes: Schema.Array(Schema.Struct({ id: Schema.String, email: Schema.String }))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Connection extends Schema.Schema.Type<typeof Connection> {}
