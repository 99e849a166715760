/**
 * Drafts as a mailbox keeps them.
 */
import type { Letter } from "./records.js"

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
  letter: Letter
  /** The message in the drafts folder, or the sent copy. */
  messageId: string | null
  /** The message in the mailbox that it answers. */
  readonly replyTo: string | undefined
  scheduledFor: number | undefined
  scheduleVersion: number
  /** A schedule was cancelled, so that a send has to say that it knows. */
  cancelled: boolean
  failure: "preparation_failed" | "authorisation_revoked" | "send_rejected" | null
  /** The last accepted sending or scheduling, so that a repeat of it changes nothing. */
  lastControl: string | undefined
  readonly createdAt: number
}
