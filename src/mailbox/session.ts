/**
 * The capabilities, limits and current states of a mailbox.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Methods } from "../internal/methods/methods.js"
import type { ConditionalMethod } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { Nullable, OpenEnum, Optional } from "../internal/schema/schema.js"
import { syncTypes } from "./changes/schemas.js"
import type { MailboxOptions } from "./options.js"

/**
 * The capabilities, limits and current states of a mailbox.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MailboxSession = Schema.Struct({
  /** The supported methods, by resource. */
  capabilities: Schema.Struct({
    attachments: Schema.Struct({
      download: Schema.Boolean,
      metadata: Schema.Boolean,
      parsing: Schema.Boolean,
      range_download: Schema.Boolean,
      send_with_uploaded_blob: Schema.Boolean,
      upload: Schema.Boolean
    }),
    folders: Schema.Struct({
      changes: Schema.Boolean,
      create: Schema.Boolean,
      delete: Schema.Boolean,
      detail: Schema.Boolean,
      list: Schema.Boolean,
      query_changes: Schema.Boolean,
      update: Schema.Boolean
    }),
    identities: Schema.Struct({
      changes: Schema.Boolean,
      create: Schema.Boolean,
      delete: Schema.Boolean,
      list: Schema.Boolean,
      update: Schema.Boolean
    }),
    messages: Schema.Struct({
      batch_get: Schema.Boolean,
      batch_update: Schema.Boolean,
      changes: Schema.Boolean,
      clean_content: Schema.Boolean,
      count: Schema.Boolean,
      delete: Schema.Boolean,
      detail: Schema.Boolean,
      keywords: Schema.Boolean,
      list: Schema.Boolean,
      permanent_delete: Schema.Boolean,
      query_changes: Schema.Boolean,
      raw_body: Schema.Boolean,
      search_snippets: Schema.Boolean,
      /** The fields of a message that can be changed. */
      update_fields: Schema.Array(OpenEnum(["seen", "flagged", "keywords"]))
    }),
    quotas: Schema.Struct({
      changes: Schema.Boolean,
      list: Schema.Boolean,
      update: Schema.Boolean,
      usage: Schema.Boolean
    }),
    submissions: Schema.Struct({
      changes: Schema.Boolean,
      detail: Schema.Boolean,
      list: Schema.Boolean,
      send: Schema.Boolean
    }),
    sync: Schema.Struct({
      query_changes: Schema.Array(OpenEnum(["messages", "folders"])),
      typed_changes: Schema.Boolean,
      types: Schema.Array(OpenEnum(syncTypes))
    }),
    threads: Schema.Struct({
      changes: Schema.Boolean,
      clean_content: Schema.Boolean,
      detail: Schema.Boolean,
      list: Schema.Boolean,
      messages: Schema.Boolean
    })
  }),
  /** The paths of the API, by resource. */
  endpoints: Schema.Struct({
    folders: Schema.Array(Schema.String),
    mailbox: Schema.Array(Schema.String),
    messages: Schema.Array(Schema.String),
    submissions: Schema.Array(Schema.String),
    sync: Schema.Array(Schema.String),
    threads: Schema.Array(Schema.String),
    usage: Schema.Array(Schema.String)
  }),
  /** Whether features with restricted access are available to this mailbox. */
  gated: Schema.Struct({
    attachment_parsing: Schema.Boolean,
    blob_copy: Schema.Boolean,
    blob_lookup: Schema.Boolean,
    events: Schema.Boolean,
    filter_script_writes: Schema.Boolean,
    identity_mutation: Schema.Boolean,
    message_copy: Schema.Boolean,
    message_import: Schema.Boolean,
    message_parse: Schema.Boolean,
    quota_mutation: Schema.Boolean,
    raw_protocol: Schema.Boolean,
    vacation_response: Schema.Boolean
  }),
  /** Bytes, characters and counts that the server keeps to. */
  limits: Schema.Struct({
    /** How many days ahead a draft can be scheduled. Servers older than autumn 2026 do not send it. */
    draft_schedule_days_max: Optional(Schema.Number),
    attachment_upload_bytes_max: Schema.Number,
    batch_ids_max: Schema.Number,
    body_chars_max: Schema.Number,
    changes_limit_max: Schema.Number,
    inline_attachment_bytes_max: Schema.Number,
    keywords_per_update_max: Schema.Number,
    list_limit_max: Schema.Number,
    message_body_chars_default: Schema.Number,
    outbound_raw_message_bytes_max: Schema.Number,
    thread_body_chars_default: Schema.Number
  }),
  mailbox: Schema.Struct({
    display_name: Nullable(Schema.String),
    email: Schema.String,
    id: Schema.String
  }),
  /** The current state of each resource type, for `sync.changes`. */
  states: Schema.Struct({
    folders: Schema.String,
    identities: Schema.String,
    messages: Schema.String,
    quotas: Schema.String,
    submissions: Schema.String,
    threads: Schema.String
  })
})

/**
 * The capabilities, limits and current states of a mailbox.
 *
 * @since 0.1.0
 * @category models
 */
export interface MailboxSession extends Schema.Schema.Type<typeof MailboxSession> {}

/** @internal */
export const sessionOperations = {
  get: operation("mailbox.session.get", {
    http: "GET",
    path: "/mailbox/session",
    data: MailboxSession,
    flags: ["conditional", "mailboxId"]
  })
}

/**
 * The methods of `mailbox.session`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Session {
  /**
   * Reads the capabilities, limits and current states of the mailbox: `GET /mailbox/session`.
   *
   * Fails with `insufficient_permissions` if the credential cannot access a mailbox.
   */
  readonly get: ConditionalMethod<[options?: MailboxOptions], MailboxSession>
}

/** @internal */
export const makeSession = (methods: Methods): Session => ({
  get: methods.conditional(sessionOperations.get)
})
