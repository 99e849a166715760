/**
 * The records of a mailbox.
 */
import type { Address } from "../../state/world.js"

export type FolderRole = "inbox" | "sent" | "drafts" | "junk" | "trash"

export interface FolderRecord {
  readonly id: string
  name: string
  /** The role of a built-in folder. */
  readonly role: FolderRole | null
  parentId: string | null
  sortOrder: number
}

/** A file that messages and drafts refer to. */
export interface BlobRecord {
  readonly id: string
  readonly filename: string
  readonly contentType: string
  readonly bytes: Uint8Array
}

export interface AttachmentRecord {
  readonly blob: BlobRecord
  readonly filename: string
  readonly contentType: string
  readonly disposition: "attachment" | "inline"
  readonly contentId: string | null
}

/** The content of a message, without its folder and keywords. */
export interface MessageContent {
  readonly from: Address | null
  readonly to: ReadonlyArray<Address>
  readonly cc: ReadonlyArray<Address>
  readonly bcc: ReadonlyArray<Address>
  readonly replyTo: ReadonlyArray<Address>
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  /** In angle brackets. */
  readonly messageId: string
  readonly inReplyTo: ReadonlyArray<string>
  readonly references: ReadonlyArray<string>
  /** The headers that have no field of their own. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly attachments: ReadonlyArray<AttachmentRecord>
  readonly sentAt: number | null
}

export interface MessageRecord extends MessageContent {
  readonly id: string
  readonly threadId: string
  readonly folderId: string
  readonly keywords: ReadonlySet<string>
  readonly size: number
  readonly receivedAt: number
  /** The order of messages that were received at the same time. */
  readonly order: number
}

/** The content of a stored message. */
export const contentOf = (message: MessageRecord): MessageContent => {
  const { folderId: _, id: __, keywords: ___, order, receivedAt, size, threadId, ...content } = message
  return content
}

export interface ThreadRecord {
  readonly id: string
  readonly messageIds: Set<string>
  /** The states of threads and messages after the last change of the thread. */
  threadState: string
  messageState: string
}

export interface SubmissionRecord {
  readonly id: string
  readonly identityId: string
  readonly messageId: string
  readonly threadId: string
  readonly from: string
  readonly recipients: ReadonlyArray<string>
  readonly sendAt: number
}

export interface IdentityRecord {
  readonly id: string
  name: string
  textSignature: string
  htmlSignature: string
}

/** A quota as the API shows it. */
export interface QuotaRecord {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly scope: "account"
  readonly resource_type: "octets" | "count"
  readonly types: ReadonlyArray<string>
  readonly used: number
  readonly warn_limit: number
  readonly soft_limit: number
  readonly hard_limit: number
}

export const sizeOf = (content: MessageContent): number =>
  content.attachments.reduce(
    (sum, { blob }) => sum + blob.bytes.byteLength,
    (content.text ?? "").length + (content.html ?? "").length
  )
