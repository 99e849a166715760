/**
 * Drafts: prepared, edited, scheduled and sent, each write bound to the revision it builds on.
 */
import type { TimestampInput } from "../../internal/model/call.js"
import { draftOperations } from "../../mailbox/drafts/drafts.js"
import type { CreateDraftInput } from "../../mailbox/drafts/schemas.js"
import { found, Refusal, refuse, refuseField, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { checkIfMatch, type RawCall, type Route } from "../http/routes.js"
import { millisOf, newestFirst } from "../state/team.js"
import { answering, emptyLetter, preparedFrom, showDraft, withContent } from "./mail/draftMessages.js"
import { isHopeless, isUncertain, submit } from "./mail/submit.js"
import type { DraftRecord } from "./state/draftRecords.js"
import { type Letter, letterIn } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

/** How long a draft is prepared from another message. */
const preparingMillis = 200
/** How long it stays unknown whether a draft was sent, where that is so. */
const uncertainMillis = 5_000
const maxAheadMillis = 30 * 86_400_000

/** Saves what a draft says as a message in the drafts folder. */
const save = (store: MailboxStore, draft: DraftRecord, now: number): void => {
  const message = draft.messageId === null ? undefined : store.messages.get(draft.messageId)
  if (message === undefined) {
    const placing = { folder: "drafts", keywords: ["$draft", "$seen"], receivedAt: now } as const
    draft.messageId = store.add(draft.letter, placing).id
  } else store.change(message, draft.letter)
}

/** Sends a draft: the message in the drafts folder gives way to the copy in Sent. */
const sendDraft = (stores: MailboxStores, store: MailboxStore, draft: DraftRecord, now: number): void => {
  if (isHopeless(draft.letter)) {
    Object.assign(draft, { status: "failed", failure: "send_rejected" })
    return
  }
  if (isUncertain(draft.letter)) {
    draft.status = "uncertain"
    stores.plan({ at: now + uncertainMillis, happen: (at) => complete(stores, store, draft, at) }, now)
    return
  }
  complete(stores, store, draft, now)
}

/** Puts a draft on its way; one that cannot go any more has failed. */
const complete = (stores: MailboxStores, store: MailboxStore, draft: DraftRecord, now: number): void => {
  const saved = draft.messageId === null ? undefined : store.messages.get(draft.messageId)
  const copy = submit(stores, store, draft.letter, { now })
  if (saved !== undefined) store.remove(saved)
  Object.assign(draft, { status: "queued", messageId: copy.id })
}

/** Sends a scheduled draft at its time, unless it was moved or cancelled by then. */
const planSending = (stores: MailboxStores, store: MailboxStore, draft: DraftRecord, now: number): void => {
  const version = draft.scheduleVersion
  const happen = (at: number) => {
    if (draft.status !== "scheduled" || draft.scheduleVersion !== version) return
    try {
      sendDraft(stores, store, draft, at)
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
      Object.assign(draft, { status: "failed", failure: "send_rejected" })
    }
  }
  stores.plan({ at: draft.scheduledFor ?? now, happen }, now)
}

const checkVersions = (
  draft: DraftRecord,
  { expected_revision, expected_schedule_version }: ExpectedVersions
): void => {
  if (expected_revision !== draft.revision) {
    refuse("conflict", "The draft has another revision", { param: "expected_revision" })
  }
  if (expected_schedule_version !== undefined && expected_schedule_version !== draft.scheduleVersion) {
    refuse("conflict", "The draft has another schedule version", { param: "expected_schedule_version" })
  }
}

interface ExpectedVersions {
  readonly expected_revision: number
  readonly expected_schedule_version?: number | undefined
}

const timeAhead = (time: TimestampInput, now: number): number => {
  const millis = millisOf(time)
  if (!(millis > now)) return refuseField("scheduled_for", "must lie ahead")
  return millis <= now + maxAheadMillis ? millis : refuseField("scheduled_for", "must be within 30 days")
}

const checkStatus = (draft: DraftRecord, ...allowed: ReadonlyArray<DraftRecord["status"]>): void => {
  if (!allowed.includes(draft.status)) refuse("conflict", `The draft is ${draft.status}`)
}

export const draftRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const operations = draftOperations

  const find = (store: MailboxStore, id: string): DraftRecord => found(store.drafts.get(id), "draft")

  const adopt = (call: RawCall, store: MailboxStore, messageId: string): Letter => {
    if (call.request.headers["idempotency-key"] === undefined) {
      return refuse("missing_parameter", "To adopt a message takes an idempotency key", {
        param: "Idempotency-Key"
      })
    }
    const message = store.message(messageId)
    if (!message.keywords.has("$draft")) return refuse("conflict", "The message is not a draft")
    const adopted = [...store.drafts.values()].some((draft) => draft.messageId === messageId)
    return adopted ? refuse("conflict", "The message belongs to a draft already") : letterIn(message)
  }

  const begin = (call: RawCall, store: MailboxStore, input: CreateDraftInput): Letter => {
    const { reply_to_message_id, source } = input
    if (source?.action === "adopt") return adopt(call, store, source.message_id)
    if (source !== undefined) return preparedFrom(store, store.message(source.message_id), source.action)
    return reply_to_message_id === undefined
      ? emptyLetter(store)
      : answering(emptyLetter(store), store.message(reply_to_message_id))
  }

  return [
    mailboxRoute(stores, operations.list, (call, store) =>
      replyPage(
        pageOf(newestFirst(store.drafts.values()), call.input ?? {}, {
          idOf: ({ id }) => id,
          show: showDraft
        })
      )
    ),
    mailboxRoute(stores, operations.create, (call, store) => {
      const { input, now } = call
      const { source } = input
      const letter = withContent(store, begin(call, store, input), input)
      const answers = source !== undefined && (source.action === "reply" || source.action === "reply_all")
      const takesTime = source !== undefined && source.action !== "adopt"
      const draft: DraftRecord = {
        id: store.id("drf"),
        revision: 1,
        status: takesTime ? "preparing" : "ready",
        letter: { ...letter, sentAt: null },
        messageId: source?.action === "adopt" ? source.message_id : null,
        replyTo: answers ? source.message_id : input.reply_to_message_id,
        scheduledFor: undefined,
        scheduleVersion: 0,
        cancelled: false,
        failure: null,
        lastControl: undefined,
        createdAt: now
      }
      store.drafts.set(draft.id, draft)
      if (takesTime) {
        const happen = (at: number) => {
          if (draft.status !== "preparing" || !store.drafts.has(draft.id)) return
          draft.status = "ready"
          save(store, draft, at)
        }
        stores.plan({ at: now + preparingMillis, happen }, now)
      } else save(store, draft, now)
      return reply(showDraft(draft), {
        location: `${new URL(call.base).pathname}/mailbox/drafts/${draft.id}`
      })
    }),
    mailboxRoute(stores, operations.get, (call, store) => reply(showDraft(find(store, call.ids[0])))),
    mailboxRoute(stores, operations.update, (call, store) => {
      const draft = find(store, call.ids[0])
      checkIfMatch(call, showDraft(draft))
      checkVersions(draft, call.input)
      checkStatus(draft, "ready", "failed")
      draft.letter = withContent(store, draft.letter, call.input)
      draft.revision++
      Object.assign(draft, { status: "ready", failure: null })
      save(store, draft, call.now)
      return reply(showDraft(draft))
    }),
    mailboxRoute(stores, operations.delete, (call, store) => {
      const draft = find(store, call.ids[0])
      checkIfMatch(call, showDraft(draft))
      checkStatus(draft, "preparing", "ready", "scheduled", "failed")
      const message = draft.messageId === null ? undefined : store.messages.get(draft.messageId)
      if (message !== undefined) store.remove(message)
      store.drafts.delete(draft.id)
      draft.status = "deleted"
      return reply({ deleted: true, id: draft.id })
    }),
    mailboxRoute(stores, operations.send, (call, store) => {
      const draft = find(store, call.ids[0])
      const { input, now } = call
      const control = JSON.stringify(["send", input])
      if (draft.lastControl === control) return reply(showDraft(draft))
      checkIfMatch(call, showDraft(draft))
      checkVersions(draft, input)
      checkStatus(draft, "ready")
      const { letter } = draft
      if (letter.to.length + letter.cc.length + letter.bcc.length === 0) {
        return refuseField("to", "must name somebody, if cc and bcc do not")
      }
      if (draft.cancelled && input.expected_schedule_version === undefined) {
        return refuseField("expected_schedule_version", "is needed once a schedule was cancelled", "required")
      }
      if (input.scheduled_for === undefined) sendDraft(stores, store, draft, now)
      else {
        draft.scheduledFor = timeAhead(input.scheduled_for, now)
        draft.status = "scheduled"
        draft.scheduleVersion++
        planSending(stores, store, draft, now)
      }
      draft.lastControl = control
      return reply(showDraft(draft))
    }),
    mailboxRoute(stores, operations.schedule, (call, store) => {
      const draft = find(store, call.ids[0])
      const { input, now } = call
      const control = JSON.stringify(["schedule", input])
      if (draft.lastControl === control) return reply(showDraft(draft))
      checkIfMatch(call, showDraft(draft))
      checkVersions(draft, input)
      checkStatus(draft, "scheduled")
      if (input.scheduled_for === null) {
        Object.assign(draft, { status: "ready", scheduledFor: undefined, cancelled: true })
        draft.scheduleVersion++
      } else {
        draft.scheduledFor = timeAhead(input.scheduled_for, now)
        draft.scheduleVersion++
        planSending(stores, store, draft, now)
      }
      draft.lastControl = control
      return reply(showDraft(draft))
    })
  ]
}
