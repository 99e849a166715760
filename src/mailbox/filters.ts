/**
 * Inputs that several resources of a mailbox share: paging, sorting, filters, and the options of prepared content.
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
// paging and sorting
// -----------------------------------------------------------------------------

/** @internal */
export const pageFields = {
  /** The position at which to start: the `nextCursor` of a page. Default: the start of the list. */
  cursor: OptionalInput(Text({ min: 1 })),
  /** The number of items on each page, 1 to 100. Default: 50 for most lists. */
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
 * The start and the page size of a paginated list.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PageInput = Schema.Struct(pageFields)

/**
 * The start and the page size of a paginated list.
 *
 * @since 0.1.0
 * @category models
 */
export interface PageInput extends Schema.Schema.Type<typeof PageInput> {}

// -----------------------------------------------------------------------------
// message filters
// -----------------------------------------------------------------------------

/** @internal */
export const messageFilterFields = {
  /** The folder of the messages. */
  folder_id: OptionalInput(Text({ min: 1 })),
  /** Words that occur anywhere in the message. */
  q: OptionalInput(Schema.String),
  /** A part of the address or of the display name of the sender. */
  from: OptionalInput(Schema.String),
  /** A part of the address or of the display name of a recipient in `To`. */
  to: OptionalInput(Schema.String),
  /** A part of the address or of the display name of a recipient in `Cc`. */
  cc: OptionalInput(Schema.String),
  /** A part of the address or of the display name of a recipient in `Bcc`. */
  bcc: OptionalInput(Schema.String),
  /** Words that occur in the subject. */
  subject: OptionalInput(Schema.String),
  /** Words that occur in the body. */
  body: OptionalInput(Schema.String),
  /** The name of a header that the message has. */
  header_name: OptionalInput(Text({ min: 1, singleLine: true })),
  /** The value of the header `header_name`, which is required in this case. */
  header_value: OptionalInput(Text({ singleLine: true })),
  min_size_bytes: OptionalInput(WholeNumber(0)),
  max_size_bytes: OptionalInput(WholeNumber(0)),
  /** A keyword that the message has, such as `$seen` or a custom keyword. */
  keyword: OptionalInput(Text({ min: 1 })),
  /** A keyword that the message does not have. */
  not_keyword: OptionalInput(Text({ min: 1 })),
  after: OptionalInput(TimestampInput),
  before: OptionalInput(TimestampInput),
  /** `true` selects messages with attachments. `false` is sent to the API, but may not exclude them. */
  has_attachment: OptionalInput(Schema.Boolean),
  is_unread: OptionalInput(Schema.Boolean)
}

const MessageFilterStruct = Schema.Struct(messageFilterFields)

/**
 * The filters of a list of messages. A message must match all of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageFilter extends Schema.Schema.Type<typeof MessageFilterStruct> {}

/**
 * Returns the problem with a combination of filters, if there is one.
 *
 * @internal
 */
export const filterProblem = (
  filter: MessageFilter & { readonly thread_id?: string | undefined }
): string | undefined => {
  if (filter.header_value !== undefined && filter.header_name === undefined) {
    return "header_value requires header_name, which is the name of the header"
  }
  if (filter.thread_id === undefined) return undefined
  const others = messageFilterNames.filter((name) => filter[name] !== undefined)
  return others.length === 0
    ? undefined
    : `thread_id cannot be combined with other filters: remove ${others.join(", ")}`
}

const isFilterName = (name: string): name is keyof MessageFilter => name in messageFilterFields

const messageFilterNames = Object.keys(messageFilterFields).filter(isFilterName)

/**
 * The filters of a list of messages. A message must match all of them.
 *
 * @since 0.1.0
 * @category schemas
 */
export const MessageFilter = Checked(MessageFilterStruct, filterProblem)

// -----------------------------------------------------------------------------
// prepared content
// -----------------------------------------------------------------------------

/** @internal */
export const cleanContentFields = {
  /** The maximum number of characters of the body, 1 to 1,000,000. */
  max_body_chars: OptionalInput(WholeNumber(1, 1_000_000)),
  /** Whether to remove the signature of the sender. */
  strip_signature: OptionalInput(Schema.Boolean),
  /** Whether to remove quoted messages. */
  strip_quotes: OptionalInput(Schema.Boolean),
  /** Whether to list the links in the body. */
  include_links: OptionalInput(Schema.Boolean),
  /** Whether to return the HTML in addition to the text. */
  include_html: OptionalInput(Schema.Boolean),
  /** Which headers to return: none, the threading and reply headers (`selected`), or all. */
  include_headers: OptionalInput(Literals("none", "selected", "full")),
  /** Whether to return the metadata of the attachments. */
  include_attachments: OptionalInput(Literals("none", "metadata"))
}

/**
 * How to prepare the content of a message for reading.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CleanContentInput = Schema.Struct({
  /** The part from which the text is derived. `auto` selects the better one. */
  part: OptionalInput(Literals("auto", "text", "html")),
  ...cleanContentFields
})

/**
 * How to prepare the content of a message for reading.
 *
 * @since 0.1.0
 * @category models
 */
export interface CleanContentInput extends Schema.Schema.Type<typeof CleanContentInput> {}
