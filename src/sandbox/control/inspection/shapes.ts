/**
 * The responses of the inspection endpoints. The page of the command line program is typed by them too.
 */

/** An email address with a display name. */
export interface ShownAddress {
  readonly email: string
  readonly name: string | null
}

/** A file of a message. Its bytes are at `attachments/{index}` of the message. */
export interface ShownAttachment {
  readonly index: number
  readonly filename: string
  readonly content_type: string
  readonly size_bytes: number
  readonly content_id: string | null
  /** Whether a page can show the file as an image. Other files are offered as downloads only. */
  readonly is_image: boolean
}

/** What the lists of messages show. */
export interface MessageSummary {
  readonly id: string
  readonly from: ShownAddress | null
  readonly to: ReadonlyArray<ShownAddress>
  readonly cc: ReadonlyArray<ShownAddress>
  readonly bcc: ReadonlyArray<ShownAddress>
  readonly subject: string
  readonly preview: string
  /** When the message was sent or received. */
  readonly at: string
  readonly size_bytes: number
  readonly attachment_count: number
}

/** A message that was sent. */
export interface SentSummary extends MessageSummary {
  readonly via: "sending" | "mailbox"
  /** The status of its newest log entry. */
  readonly status: string | null
}

/** A message in a mailbox. */
export interface StoredSummary extends MessageSummary {
  readonly folder: string | null
  readonly is_unread: boolean
  readonly is_draft: boolean
}

/** A message with everything besides its bodies and the bytes of its files. */
export interface MessageDetails {
  readonly reply_to: ReadonlyArray<ShownAddress>
  readonly message_id: string
  readonly headers: ReadonlyArray<{ readonly name: string; readonly value: string }>
  readonly attachments: ReadonlyArray<ShownAttachment>
  readonly has_html: boolean
  readonly has_text: boolean
  /** The links of the bodies that can be followed, each once. At most 100. */
  readonly links: ReadonlyArray<string>
  /** The number of images and other files that the HTML body loads from the network. They are not loaded. */
  readonly remote_count: number
}

export interface SentMessage extends SentSummary, MessageDetails {
  readonly idempotency_key: string | null
  readonly recipients: ReadonlyArray<ShownRecipient>
}

export interface StoredMessage extends StoredSummary, MessageDetails {
  readonly mailbox_id: string
  readonly thread_id: string
}

export interface ShownMailbox {
  readonly id: string
  readonly email: string
  readonly display_name: string | null
  readonly status: string
  readonly message_count: number
  readonly unread_count: number
}

export interface ShownRecipient {
  readonly email: string
  readonly type: string
  readonly status: string
  readonly reason: string | null
}

/** An entry of the logs of sent and of received messages. */
export interface ShownLog {
  readonly id: string
  readonly direction: "sent" | "received"
  readonly at: string
  readonly from: string
  readonly to: ReadonlyArray<string>
  readonly subject: string
  readonly status: string
  readonly reason: string | null
  readonly provider: string | null
  readonly size_bytes: number
  readonly message_id: string
  readonly recipients: ReadonlyArray<ShownRecipient>
  /** The message in the outbox, if it is still kept. */
  readonly email_id: string | null
  readonly mailbox_id: string | null
}

export interface ShownWebhook {
  readonly id: string
  readonly name: string | null
  readonly url: string
  readonly event_types: ReadonlyArray<string>
  readonly mailbox_ids: ReadonlyArray<string>
  readonly enabled: boolean
  readonly failing: boolean
  /** The events that are being delivered or wait for their next attempt. */
  readonly pending: number
  readonly delivery_count: number
  readonly created_at: string
}

/** One attempt to deliver an event. */
export interface ShownDelivery {
  readonly id: string
  readonly event_id: string
  readonly event_type: string
  readonly result: string
  readonly attempt: number
  readonly max_attempts: number
  readonly response_status: number | null
  readonly response_body: string | null
  readonly response_ms: number
  readonly error: string | null
  readonly next_retry_at: string | null
  readonly at: string
  /** The body of the request. */
  readonly payload: unknown
}

export interface RequestSummary {
  readonly id: string
  readonly at: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly operation: string | null
  /** 0 if a fault broke the connection, and null if there is no response yet or the client closed the connection first. */
  readonly status: number | null
  /** The fault that applied to the request. */
  readonly fault: { readonly id: string; readonly kind: string } | null
}

/** A body of a request or a response. The first 64 KiB are kept, and secrets are replaced by `redacted`. */
export interface ShownBody {
  readonly content_type: string | null
  readonly size_bytes: number | null
  /** Null for a body that is not text. */
  readonly text: string | null
  readonly truncated: boolean
}

export interface ShownRequest extends RequestSummary {
  readonly request: {
    readonly headers: Readonly<Record<string, string>>
    readonly body: ShownBody | null
  }
  /** Null if there is no response. */
  readonly response: {
    readonly headers: Readonly<Record<string, string>>
    readonly body: ShownBody | null
  } | null
  /** Whether the bodies are still kept. The oldest ones are dropped first. */
  readonly is_kept: boolean
}

export interface ShownDomain {
  readonly id: string
  readonly domain: string
  readonly mode: string
  readonly verification_status: string
  /** Whether the control holds the verification or lets it fail. */
  readonly is_held: boolean
  /** Until when it does so, or null if it has no end. */
  readonly held_until: string | null
  readonly held_for_ms: number | null
  readonly verified_at: string | null
  readonly created_at: string
}
