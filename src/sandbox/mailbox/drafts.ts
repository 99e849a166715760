/**
 * Drafts. Each write names the revision that it changes.
 */
import { draftOperations } from "../../mailbox/drafts/drafts.js"
import type { CreateDraftInput } from "../../mailbox/drafts/schemas.js"
import { fail, failField, found, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { checkIfMatch, type RawCall, type Route } from "../http/routes.js"
import { newestFirst } from "../state/team.js"
import { emptyContent, inReplyTo, preparedFrom, showDraft, updatedContent } from "./mail/draftMessages.js"
import {
  cancelSchedule,
  type ExpectedVersions,
  prepare,
  saveDraft,
  scheduleDraft,
  sendDraft
} from "./mail/draftSending.js"
import type { DraftRecord, DraftStatus } from "./state/draftRecords.js"
import { contentOf, type MessageContent } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const checkVersions = (
  draft: DraftRecord,
  { expected_revision, expected_schedule_version }: ExpectedVersions
): void => {
  if (expected_revision !== draft.revision) {
    fail("conflict", `The revision of the draft is ${draft.revision}`, { param: "expected_revision" })
  }
  if (expected_schedule_version !== undefined && expected_schedule_version !== draft.scheduleVersion) {
    fail("conflict", `The schedule version of the draft is ${draft.scheduleVersion}`, {
      param: "expected_schedule_version"
    })
  }
}

const checkStatus = (draft: DraftRecord, ...allowed: ReadonlyArray<DraftStatus>): void => {
  if (!allowed.includes(draft.status)) fail("conflict", `The status of the draft is ${draft.status}`)
}

/** Returns the content of a message that becomes a draft. */
const adoptedContent = (call: RawCall, store: MailboxStore, messageId: string): MessageContent => {
  if (call.request.headers["idempotency-key"] === undefined) {
    return fail("missing_parameter", "An idempotency key is required to adopt a message", {
      param: "Idempotency-Key"
    })
  }
  const message = store.message(messageId)
  if (!message.keywords.has("$draft")) return fail("conflict", "The message has no $draft keyword")
  return [...store.drafts.values()].some((draft) => draft.messageId === messageId)
    ? fail("conflict", "The message already belongs to a draft")
    : contentOf(message)
}

const initialContent = (call: RawCall, store: MailboxStore, input: CreateDraftInput): MessageContent => {
  const { reply_to_message_id, source } = input
  if (source?.action === "adopt") return adoptedContent(call, store, source.message_id)
  if (source !== undefined) return preparedFrom(store, store.message(source.message_id), source.action)
  return reply_to_message_id === undefined
    ? emptyContent(store)
    : inReplyTo(emptyContent(store), store.message(reply_to_message_id))
}

const newDraft = (
  call: RawCall,
  store: MailboxStore,
  input: CreateDraftInput,
  status: DraftStatus
): DraftRecord => {
  const { source } = input
  const content = updatedContent(store, initialContent(call, store, input), input)
  const isReply = source?.action === "reply" || source?.action === "reply_all"
  return {
    id: store.id("drf"),
    revision: 1,
    status,
    content: { ...content, sentAt: null },
    messageId: source?.action === "adopt" ? source.message_id : null,
    replyTo: isReply ? source.message_id : input.reply_to_message_id,
    scheduledFor: undefined,
    scheduleVersion: 0,
    cancelled: false,
    failure: null,
    lastControl: undefined,
    createdAt: call.now
  }
}

export const draftRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const find = (store: MailboxStore, id: string): DraftRecord => found(store.drafts.get(id), "draft")

  return [
    mailboxRoute(stores, draftOperations.list, (call, store) =>
      replyPage(
        pageOf(newestFirst(store.drafts.values()), call.input ?? {}, {
          idOf: ({ id }) => id,
          show: showDraft
        })
      )
    ),
    mailboxRoute(stores, draftOperations.create, (call, store) => {
      const { input, now } = call
      const isPrepared = input.source !== undefined && input.source.action !== "adopt"
      const draft = newDraft(call, store, input, isPrepared ? "preparing" : "ready")
      if (isPrepared) prepare(stores, store, draft, now)
      else saveDraft(store, draft, now)
      store.drafts.set(draft.id, draft)
      return reply(showDraft(draft), {
        location: `${new URL(call.base).pathname}/mailbox/drafts/${draft.id}`
      })
    }),
    mailboxRoute(stores, draftOperations.get, (call, store) => reply(showDraft(find(store, call.ids[0])))),
    mailboxRoute(stores, draftOperations.update, (call, store) => {
      const draft = find(store, call.ids[0])
      checkIfMatch(call, showDraft(draft))
      checkVersions(draft, call.input)
      checkStatus(draft, "ready", "failed")
      draft.content = updatedContent(store, draft.content, call.input)
      draft.revision++
      draft.status = "ready"
      draft.failure = null
      saveDraft(store, draft, call.now)
      store.drafts.weigh(draft.id)
      return reply(showDraft(draft))
    }),
    mailboxRoute(stores, draftOperations.delete, (call, store) => {
      const draft = find(store, call.ids[0])
      checkIfMatch(call, showDraft(draft))
      checkStatus(draft, "preparing", "ready", "scheduled", "failed")
      const message = draft.messageId === null ? undefined : store.messages.get(draft.messageId)
      if (message !== undefined) store.remove(message)
      store.drafts.delete(draft.id)
      stores.cancel(draft.id)
      draft.status = "deleted"
      return reply({ deleted: true, id: draft.id })
    }),
    mailboxRoute(stores, draftOperations.send, (call, store) => {
      const draft = find(store, call.ids[0])
      const { input, now } = call
      const control = JSON.stringify(["send", input])
      if (draft.lastControl === control) return reply(showDraft(draft))
      checkIfMatch(call, showDraft(draft))
      checkVersions(draft, input)
      checkStatus(draft, "ready")
      const { bcc, cc, to } = draft.content
      if (to.length + cc.length + bcc.length === 0) {
        return failField("to", "must not be empty if cc and bcc are empty")
      }
      if (draft.cancelled && input.expected_schedule_version === undefined) {
        return failField(
          "expected_schedule_version",
          "is required after a schedule was cancelled",
          "required"
        )
      }
      if (input.scheduled_for === undefined) sendDraft(stores, store, draft, now)
      else scheduleDraft(stores, store, draft, input.scheduled_for, now)
      draft.lastControl = control
      return reply(showDraft(draft))
    }),
    mailboxRoute(stores, draftOperations.schedule, (call, store) => {
      const draft = find(store, call.ids[0])
      const { input, now } = call
      const control = JSON.stringify(["schedule", input])
      if (draft.lastControl === control) return reply(showDraft(draft))
      checkIfMatch(call, showDraft(draft))
      checkVersions(draft, input)
      checkStatus(draft, "scheduled")
      if (input.scheduled_for === null) cancelSchedule(stores, draft)
      else scheduleDraft(stores, store, draft, input.scheduled_for, now)
      draft.lastControl = control
      return reply(showDraft(draft))
    })
  ]
}
