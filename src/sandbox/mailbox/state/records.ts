/**
 * What a mailbox is made of.
 */
import type { Address } from "../../state/world.js"

export type FolderRole = "inbox" | "sent" | "drafts" | "junk" | "trash"

export interface FolderRecord {
  readonly id: string
  name: string
  readonly role: FolderRole | null
  parentId: string | null
  sortOrder: number
}

/** Bytes that messages and drafts refer to. */
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

/** What a message says: everything but its place and its marks. */
export interface Letter {
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
  /** Further headers, as they came. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly attachments: ReadonlyArray<AttachmentRecord>
  readonly sentAt: number | null
}

export interface MessageRecord extends Letter {
  readonly id: string
  readonly threadId: string
  readonly folderId: string
  readonly keywords: ReadonlySet<string>
  readonly size: number
  readonly receivedAt: number
  /** Tells messages of the same moment apart. */
  readonly order: number
}

/** What a message says, without the message. */
export const letterIn = (message: MessageRecord): Letter => {
  const { folderId: _, id: __, keywords: ___, order, receivedAt, size, threadId, ...letter } = message
  return letter
}

export interface ThreadRecord {
  readonly id: string
  readonly messageIds: Set<string>
  /** The states of threads and of messages at its last change. */
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

export const sizeOf = (letter: Letter): number =>
  letter.attachments.reduce(
    (sum, { blob }) => sum + blob.bytes.byteLength,
    (letter.text ?? "").length + (letter.html ?? "").length
  )
