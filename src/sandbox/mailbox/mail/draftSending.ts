/**
 * Saves, prepares, schedules and sends drafts.
 */
import type { TimestampInput } from "../../../internal/model/call.js"
import { ApiFailure, failField } from "../../exchange.js"
import { day, millisOf } from "../../state/team.js"
import type { DraftRecord } from "../state/draftRecords.js"
import type { MailboxStore } from "../state/store.js"
import type { MailboxStores, Task } from "../state/stores.js"
import { isRejected, isUncertain, submit } from "./submit.js"

/** How long it takes to prepare a draft from another message. */
const preparingMillis = 200
/** How long a draft stays `uncertain`. */
const uncertainMillis = 5_000
const maxAheadMillis = 30 * day

export interface ExpectedVersions {
  readonly expected_revision: number
  readonly expected_schedule_version?: number | undefined
}

/** Saves the content of a draft as a message in the drafts folder. */
export const saveDraft = (store: MailboxStore, draft: DraftRecord, now: number): void => {
  const message = draft.messageId === null ? undefined : store.messages.get(draft.messageId)
  if (message === undefined) {
    const placement = { folder: "drafts", keywords: ["$draft", "$seen"], receivedAt: now } as const
    draft.messageId = store.add(draft.content, placement).id
  } else store.change(message, draft.content)
}

/** Completes a draft that is prepared from another message, after a while. */
export const prepare = (
  stores: MailboxStores,
  store: MailboxStore,
  draft: DraftRecord,
  now: number
): void => {
  stores.schedule(taskOf(store, draft, now + preparingMillis, "prepare"))
}

const taskOf = (store: MailboxStore, draft: DraftRecord, at: number, kind: Task["kind"]): Task => ({
  mailboxId: store.mailbox.id,
  draft,
  at,
  kind
})

/** Runs a task of a draft. */
export const runTask = (
  stores: MailboxStores,
  { at, draft, kind, mailboxId, scheduleVersion }: Task
): void => {
  const store = stores.byId(mailboxId)
  if (store === undefined) return
  switch (kind) {
    case "prepare":
      if (draft.status !== "preparing" || !store.drafts.has(draft.id)) return
      draft.status = "ready"
      saveDraft(store, draft, at)
      return
    case "submit":
      submitDraft(stores, store, draft, at)
      return
    case "send":
      // The schedule may have been moved or cancelled.
      if (draft.status !== "scheduled" || draft.scheduleVersion !== scheduleVersion) return
      try {
        sendDraft(stores, store, draft, at)
      } catch (thrown) {
        if (!(thrown instanceof ApiFailure)) throw thrown
        failDraft(draft)
      }
  }
}

/** Sends a draft now. */
export const sendDraft = (
  stores: MailboxStores,
  store: MailboxStore,
  draft: DraftRecord,
  now: number
): void => {
  if (isRejected(draft.content)) failDraft(draft)
  else if (isUncertain(draft.content)) {
    stores.schedule(taskOf(store, draft, now + uncertainMillis, "submit"))
    draft.status = "uncertain"
  } else submitDraft(stores, store, draft, now)
}

const failDraft = (draft: DraftRecord): void => {
  draft.status = "failed"
  draft.failure = "send_rejected"
}

/** Submits a draft. The copy in Sent replaces the message in the drafts folder. */
const submitDraft = (stores: MailboxStores, store: MailboxStore, draft: DraftRecord, now: number): void => {
  const saved = draft.messageId === null ? undefined : store.messages.get(draft.messageId)
  const copy = submit(stores, store, draft.content, { now })
  if (saved !== undefined) store.remove(saved)
  draft.status = "queued"
  draft.messageId = copy.id
}

/** Schedules a draft, or moves its schedule. */
export const scheduleDraft = (
  stores: MailboxStores,
  store: MailboxStore,
  draft: DraftRecord,
  scheduledFor: TimestampInput,
  now: number
): void => {
  const at = scheduledTime(scheduledFor, now)
  const version = draft.scheduleVersion + 1
  stores.schedule({ ...taskOf(store, draft, at, "send"), scheduleVersion: version })
  draft.scheduledFor = at
  draft.status = "scheduled"
  draft.scheduleVersion = version
}

/** Makes a scheduled draft ready again. */
export const cancelSchedule = (stores: MailboxStores, draft: DraftRecord): void => {
  stores.cancel(draft.id)
  draft.status = "ready"
  draft.scheduledFor = undefined
  draft.cancelled = true
  draft.scheduleVersion++
}

const scheduledTime = (input: TimestampInput, now: number): number => {
  const millis = millisOf(input)
  if (!(millis > now)) return failField("scheduled_for", "must be in the future")
  return millis <= now + maxAheadMillis
    ? millis
    : failField("scheduled_for", "must be within the next 30 days")
}
