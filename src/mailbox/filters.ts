/**
 * What narrows a list of messages, and what shapes their clean form.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import {
  Checked,
  Literals,
  OptionalInput,
  Text,
  TimestampInput,
  WholeNumber
} from "../internal/schema/schema.js"

// -----------------------------------------------------------------------------
// paging and order
// -----------------------------------------------------------------------------

/** @internal */
export const pageFields = {
  /** The `nextCursor` of the page before. */
  cursor: OptionalInput(Text({ min: 1 })),
  /** Items in a page, 1 to 100; the server's default is mostly 50. */
  limit: OptionalInput(WholeNumber(1, 100))
}

/** @internal */
export const Direction = Literals("asc", "desc")

/** @internal */
export const messageOrderFields = {
  sort_by: OptionalInput(Literals("received_at", "sent_at", "subject", "from", "to", "size_bytes")),
  sort_direction: OptionalInput(Direction)
}

/**
 * A list without filters.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PageInput = Schema.Struct(pageFields)

/**
 * @since 0.1.0
 * @category models
 */
export interface PageInput extends Schema.Schema.Type<typeof PageInput> {}

// -----------------------------------------------------------------------------
// message filters
// -----------------------------------------------------------------------------

/** @internal */
export const messageFilterFields = {
  /** Messages in this folder. */
  folder_id: OptionalInput(Text({ min: 1 })),
  /** Words anywhere in the message. */
  q: OptionalInput(Schema.String),
  /** Part of the sender's address or display name. */
  from: OptionalInput(Schema.String),
  /** Part of the address or display name of somebody in `To`. */
  to: OptionalInput(Schema.String),
  /** Part of the address or display name of somebody in `Cc`. */
  cc: OptionalInput(Schema.String),
  /** Part of the address or display name of somebody in `Bcc`. */
  bcc: OptionalInput(Schema.String),
  /** Words in the subject. */
  subject: OptionalInput(Schema.String),
  /** Words in the body. */
  body: OptionalInput(Schema.String),
  /** Messages that have this header. */
  header_name: OptionalInput(Text({ min: 1, singleLine: true })),
  /** What the header named by `header_name` says. */
  header_value: OptionalInput(Text({ singleLine: true })),
  min_size_bytes: OptionalInput(WholeNumber(0)),
  max_size_bytes: OptionalInput(WholeNumber(0)),
  /** Messages with this keyword, such as `$seen` or one of your own. */
  keyword: OptionalInput(Text({ min: 1 })),
  /** Messages without this keyword. */
  not_keyword: OptionalInput(Text({ min: 1 })),
  after: OptionalInput(TimestampInput),
  before: OptionalInput(TimestampInput),
  /** `true` for messages with attachments; `false` is passed on and need not exclude them. */
  has_attachment: OptionalInput(Schema.Boolean),
  is_unread: OptionalInput(Schema.Boolean)
}

/** The fields of a filter; `MessageFilter` checks what they say together. */
export const MessageFilterStruct = Schema.Struct(messageFilterFields)

/**
 * What a message must be for a list to hold it; several rules must all hold.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageFilter extends Schema.Schema.Type<typeof MessageFilterStruct> {}

/**
 * The rules between filters: a header's value needs its name, and a thread stands alone.
 *
 * @internal
 */
export const filterProblem = (
  filter: MessageFilter & { readonly thread_id?: string | undefined }
): string | undefined => {
  if (filter.header_value !== undefined && filter.header_name === undefined) {
    return "header_value needs header_name, the header whose value it is"
  }
  if (filter.thread_id === undefined) return undefined
  const others = messageFilterNames.filter((name) => filter[name] !== undefined)
  return others.length === 0
    ? undefined
    : `thread_id cannot be combined with other filters: leave out ${others.join(", ")}`
}

const isFilterName = (name: string): name is keyof MessageFilter => name in messageFilterFields

const messageFilterNames = Object.keys(messageFilterFields).filter(isFilterName)

/**
 * What a message must be, as an input that is checked before anything is sent.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageFilter = Checked(MessageFilterStruct, filterProblem)

// -----------------------------------------------------------------------------
// clean content
// -----------------------------------------------------------------------------

/** @internal */
export const cleanContentFields = {
  /** Characters of body, 1 to 1,000,000. */
  max_body_chars: OptionalInput(WholeNumber(1, 1_000_000)),
  /** Leaves out the sender's signature. */
  strip_signature: OptionalInput(Schema.Boolean),
  /** Leaves out the quoted messages before. */
  strip_quotes: OptionalInput(Schema.Boolean),
  /** Lists the links of the body. */
  include_links: OptionalInput(Schema.Boolean),
  /** Gives the HTML beside the text. */
  include_html: OptionalInput(Schema.Boolean),
  /** Which headers to give: none, those of threading and replying, or all. */
  include_headers: OptionalInput(Literals("none", "selected", "full")),
  include_attachments: OptionalInput(Literals("none", "metadata"))
}

/**
 * How a body is made clean.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CleanContentInput = Schema.Struct({
  /** The part to start from; `auto` takes the better one. */
  part: OptionalInput(Literals("auto", "text", "html")),
  ...cleanContentFields
})

/**
 * @since 0.1.0
 * @category models
 */
export interface CleanContentInput extends Schema.Schema.Type<typeof CleanContentInput> {}
