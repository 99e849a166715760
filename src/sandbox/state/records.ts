/**
 * The records of messages and requests.
 */

/** An email address with a display name. */
export interface Address {
  readonly email: string
  readonly name: string | null
}

/** A file of a message. */
export interface SentAttachment {
  readonly filename: string
  readonly content_type: string
  readonly bytes: Uint8Array
  /** Default: `attachment`. */
  readonly disposition?: "attachment" | "inline" | undefined
  /** The `Content-ID` without angle brackets, by which the HTML of the message refers to the file. */
  readonly content_id?: string | undefined
}

/** A message that was sent, through Sending or from a mailbox. */
export interface SentEmail {
  /** Starts with `eml_`. */
  readonly id: string
  readonly via: "sending" | "mailbox"
  readonly from: Address
  readonly to: ReadonlyArray<Address>
  readonly cc: ReadonlyArray<Address>
  readonly bcc: ReadonlyArray<Address>
  readonly reply_to: ReadonlyArray<Address>
  readonly subject: string
  readonly html: string | null
  readonly text: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: ReadonlyArray<SentAttachment>
  readonly delivery_group: ReadonlyArray<string> | null
  readonly idempotencyKey: string | undefined
  /** The `Message-ID` of the message, in angle brackets. */
  readonly rfc5322_message_id: string
  /** Milliseconds since the epoch. */
  readonly sentAt: number
  readonly mailboxId: string | undefined
}

/** A request that the sandbox received, without its credential. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  /** The query string. The values of secret parameters are replaced by `redacted`. */
  readonly query: string
  /** The operation, such as `sending.emails.send`, or `undefined` if there is none at the path. */
  readonly operation: string | undefined
  /**
   * The status of the response. It is 0 if a fault broke the connection, and `undefined` if the response is not known
   * yet or the client closed the connection first.
   */
  readonly status: number | undefined
  /**
   * `running` until the response is known, then `responded`. `abandoned` if the client closed the connection first, as after
   * a timeout.
   */
  readonly state: "running" | "responded" | "abandoned"
  readonly requestId: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** An entry of the request log. Its status is set when the response is known. */
export interface RequestRecord extends Omit<SeenRequest, "status" | "state"> {
  status: number | undefined
  state: SeenRequest["state"]
}

/** A message on its way to a mailbox. */
export interface InboundMail {
  readonly to: string
  readonly from: Address
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: ReadonlyArray<SentAttachment>
  readonly spam: boolean
  readonly receivedAt: number
  /** The addresses of the headers. Default: those that the headers contain as text. */
  readonly addresses?: {
    readonly to: ReadonlyArray<Address>
    readonly cc: ReadonlyArray<Address>
    readonly replyTo: ReadonlyArray<Address>
  }
}

/** A message that arrived in a mailbox. */
export interface ArrivedMail extends InboundMail {
  readonly id: string
  readonly mailboxId: string
  readonly rfc5322_message_id: string
  readonly size: number
}

/** A message that arrived, as its log shows it. The log does not keep the content. */
export interface InboxLogRecord
  extends Omit<ArrivedMail, "text" | "html" | "headers" | "attachments" | "addresses"> {
  /** The id of the message in its mailbox. */
  readonly messageId: string | null
}

/** The log entry of a sent message. The log does not keep the content. */
export interface EmailLogRecord {
  readonly id: string
  readonly emailId: string
  readonly email: Pick<
    SentEmail,
    "from" | "to" | "subject" | "rfc5322_message_id" | "delivery_group" | "mailboxId"
  >
  readonly providerId: string | null
  readonly providerName: string | null
  status: "pending" | "sent" | "failed" | "rejected"
  reason: string | null
  recipients: ReadonlyArray<RecipientRecord>
  readonly size: number
  readonly createdAt: number
}

interface RecipientRecord {
  readonly email: string
  readonly type: "to" | "cc" | "bcc"
  readonly status: "accepted" | "rejected"
  readonly reason: string | null
}
