/**
 * Messages: found, read, marked, thrown away and sent.
 */
import type { CleanContentInput } from "../../mailbox/filters.js"
import { messageOperations } from "../../mailbox/messages/messages.js"
import { refuse, refuseField, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { type Call, checkIfMatch, type RawCall, type Route } from "../http/routes.js"
import { entityTagOf } from "../state/ids.js"
import { signerOf } from "./downloads.js"
import { cleanContent, rawBody } from "./mail/content.js"
import { renderMessage } from "./mail/rfc5322.js"
import { findMessages, keywordOf, snippetOf, sortMessages } from "./mail/search.js"
import { letterToSend } from "./mail/sendMessage.js"
import { submit } from "./mail/submit.js"
import { showMessage, showSummary } from "./mail/views.js"
import type { MessageRecord } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const maxKeywords = 50

interface MarkChange {
  readonly seen?: boolean | undefined
  readonly flagged?: boolean | undefined
  readonly keywords?: { readonly [keyword: string]: boolean } | undefined
}

const keywordPattern = /^[\x21\x23-\x27\x2b-\x5a\x5e-\x7a\x7c\x7e\x5f]{1,255}$/

/** The keywords after a change of marks. */
const marksAfter = (
  message: MessageRecord,
  { flagged, keywords = {}, seen }: MarkChange
): ReadonlySet<string> => {
  const after = new Set(message.keywords)
  const set = (keyword: string, on: boolean) => (on ? after.add(keyword) : after.delete(keyword))
  for (const [keyword, on] of Object.entries(keywords)) set(keywordOf(keyword), on)
  if (seen !== undefined) set("$seen", seen)
  if (flagged !== undefined) set("$flagged", flagged)
  return after
}

const checkMarks = ({ keywords = {} }: MarkChange): void => {
  const names = Object.keys(keywords)
  if (names.length > maxKeywords) refuseField("keywords", `must have at most ${maxKeywords} keywords`)
  if (!names.every((name) => keywordPattern.test(name)))
    refuseField("keywords", "has a name that is no keyword")
}

const checkState = (store: MailboxStore, state: string | undefined): void => {
  if (state !== undefined && state !== store.logs.messages.state) {
    refuse("conflict", "The messages are no longer in the state of if_in_state", { param: "if_in_state" })
  }
}

/** Moves a message to the trash, where a repeat leaves it, or deletes it for good. */
export const discard = (store: MailboxStore, message: MessageRecord, permanent: boolean): void => {
  const trash = store.folderOf("trash").id
  if (permanent) store.remove(message)
  else if (message.folderId !== trash) store.change(message, { folderId: trash })
}

export const messageRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const operations = messageOperations

  /** What an ETag stands for: all but the addresses of attachments, which expire. */
  const stable = (message: MessageRecord) => showMessage(message)

  const shown = (call: RawCall, store: MailboxStore, message: MessageRecord) =>
    reply(showMessage(message, signerOf(call, store)), { headers: { etag: entityTagOf(stable(message)) } })

  const content = (store: MailboxStore, message: MessageRecord, input: CleanContentInput) => {
    const clean = cleanContent(message, input)
    return { ...clean, states: { ...clean.states, email_state: emailState(store, message) } }
  }

  const body = (store: MailboxStore, message: MessageRecord, input: Parameters<typeof rawBody>[1]) => ({
    ...rawBody(message, input),
    states: { email_state: emailState(store, message) }
  })

  /** Runs a batch over ids, each by itself. */
  const batch = (
    store: MailboxStore,
    { ids, if_in_state }: { readonly ids: ReadonlyArray<string>; readonly if_in_state?: string | undefined },
    act: (message: MessageRecord) => void
  ) => {
    checkState(store, if_in_state)
    const old_state = store.logs.messages.state
    const found = [...new Set(ids)].flatMap((id) => store.messages.get(id) ?? [])
    const not_found = [...new Set(ids)].filter((id) => !store.messages.has(id))
    for (const message of found) act(message)
    return {
      done: found.map(({ id }) => id),
      rest: { failed: [], not_found, states: { old_state, new_state: store.logs.messages.state } }
    }
  }

  return [
    mailboxRoute(stores, operations.list, (call, store) => {
      const input = call.input ?? {}
      if (input.thread_id !== undefined && !store.threads.has(input.thread_id)) {
        return refuse("not_found", "There is no such thread", { param: "thread_id" })
      }
      const sign = signerOf(call, store)
      const page = pageOf(sortMessages(findMessages(store, input), input), input, {
        idOf: ({ id }) => id,
        show: (message) => showSummary(message, sign)
      })
      return replyPage(page, { meta: { sync_state: store.logs.messages.state } })
    }),
    mailboxRoute(stores, operations.count, (call, store) =>
      reply({ total: findMessages(store, call.input ?? {}).length, sync_state: store.logs.messages.state })
    ),
    mailboxRoute(stores, operations.searchSnippets, (call, store) => {
      const { limit = 50, message_ids, q, ...filter } = call.input
      const messages =
        message_ids === undefined
          ? sortMessages(findMessages(store, { ...filter, q }), {})
          : message_ids.flatMap((id) => store.messages.get(id) ?? [])
      return reply({
        snippets: messages.slice(0, limit).map((message) => snippetOf(message, q)),
        not_found: (message_ids ?? []).filter((id) => !store.messages.has(id)),
        sync_state: store.logs.messages.state
      })
    }),
    mailboxRoute(stores, operations.queryChanges, (call, store) => {
      const { calculate_total, limit, since_query_state, up_to_id, ...list } = call.input ?? {}
      const ids = sortMessages(findMessages(store, list), list).map(({ id }) => id)
      return reply(
        store.queryStates.changes(ids, {
          bound: ["messages", list],
          since: since_query_state,
          limit,
          upToId: up_to_id,
          calculateTotal: calculate_total
        })
      )
    }),
    mailboxRoute(stores, operations.get, (call, store) => shown(call, store, store.message(call.ids[0]))),
    mailboxRoute(stores, operations.getBody, (call, store) =>
      reply(body(store, store.message(call.ids[0]), call.input ?? {}))
    ),
    mailboxRoute(stores, operations.getContent, (call, store) =>
      reply(content(store, store.message(call.ids[0]), call.input ?? {}))
    ),
    mailboxRoute(stores, operations.downloadRaw, (call, store) => {
      const message = store.message(call.ids[0])
      const bytes = renderMessage(message)
      return {
        body: { kind: "bytes", bytes, contentType: "message/rfc822" },
        headers: {
          etag: entityTagOf([message.id, message.messageId, bytes.byteLength]),
          "content-length": String(bytes.byteLength),
          "content-disposition": `attachment; filename="${message.id}.eml"`
        }
      }
    }),
    mailboxRoute(stores, operations.update, (call, store) => {
      const message = store.message(call.ids[0])
      checkIfMatch(call, stable(message))
      checkMarks(call.input)
      return shown(call, store, store.change(message, { keywords: marksAfter(message, call.input) }))
    }),
    mailboxRoute(stores, operations.delete, (call, store) => {
      const message = store.message(call.ids[0])
      checkIfMatch(call, stable(message))
      discard(store, message, call.input?.permanent === true)
      return reply({ deleted: true, id: message.id })
    }),
    mailboxRoute(stores, operations.batchGet, (call, store) => {
      const { body_mode = "none", ids, part, ...input } = call.input
      if (part === "both" && body_mode !== "raw") return refuseField("part", "both goes with body_mode raw")
      if (part === "auto" && body_mode === "raw")
        return refuseField("part", "auto goes with body_mode clean_json")
      const sign = signerOf(call, store)
      const wanted = [...new Set(ids)]
      return reply({
        messages: wanted.flatMap((id) => {
          const message = store.messages.get(id)
          if (message === undefined) return []
          const clean = part === "both" ? input : { ...input, part }
          return [
            {
              message: showSummary(message, sign),
              content: body_mode === "clean_json" ? content(store, message, clean) : null,
              raw_body: body_mode === "raw" ? body(store, message, { ...input, part }) : null
            }
          ]
        }),
        not_found: wanted.filter((id) => !store.messages.has(id)),
        states: { email_state: store.logs.messages.state }
      })
    }),
    mailboxRoute(stores, operations.batchUpdate, (call, store) => {
      checkMarks(call.input)
      const { done, rest } = batch(store, call.input, (message) => {
        store.change(message, { keywords: marksAfter(message, call.input) })
      })
      return reply({ updated: done, ...rest })
    }),
    mailboxRoute(stores, operations.batchDelete, (call, store) => {
      const permanent = call.input.permanent === true
      const { done, rest } = batch(store, call.input, (message) => discard(store, message, permanent))
      return reply({ deleted: done, ...rest })
    }),
    mailboxRoute(
      stores,
      operations.send,
      (call: Call<ReadonlyArray<string>, Parameters<typeof letterToSend>[1]>, store) => {
        const message = submit(stores, store, letterToSend(store, call.input, call.now), {
          now: call.now,
          idempotencyKey: call.request.headers["idempotency-key"]
        })
        return reply({ message_id: message.id, status: "queued" })
      }
    )
  ]
}

/** The state in which a message was last changed, as its thread knows it. */
const emailState = (store: MailboxStore, message: MessageRecord): string | null =>
  store.threads.get(message.threadId)?.messageState ?? null
