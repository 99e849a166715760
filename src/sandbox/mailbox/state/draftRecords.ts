/**
 * The records of drafts.
 */
import type { MessageContent } from "./records.js"

export type DraftStatus =
  | "preparing"
  | "ready"
  | "scheduled"
  | "sending"
  | "queued"
  | "uncertain"
  | "failed"
  | "deleted"

export interface DraftRecord {
  readonly id: string
  revision: number
  status: DraftStatus
  content: MessageContent
  /** The message in the drafts folder, or the copy in Sent. */
  messageId: string | null
  /** The message of the mailbox that the draft replies to. */
  readonly replyTo: string | undefined
  scheduledFor: number | undefined
  scheduleVersion: number
  /** Whether a schedule was cancelled. A send then has to name the current schedule version. */
  cancelled: boolean
  failure: "preparation_failed" | "authorisation_revoked" | "send_rejected" | null
  /** The last accepted send or schedule call, so that repeating it changes nothing. */
  lastControl: string | undefined
  readonly createdAt: number
}
