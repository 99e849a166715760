/**
 * Messages: lists, content, updates, deletions and sending.
 */
import type { CleanContentInput } from "../../mailbox/filters.js"
import type { SendMessageInput } from "../../mailbox/messages/inputs.js"
import { messageOperations } from "../../mailbox/messages/messages.js"
import { fail, failField, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { checkIfMatch, type RawCall, type Route, type SandboxCall } from "../http/routes.js"
import { entityTagOf } from "../state/ids.js"
import { signerOf } from "./downloads.js"
import { cleanContent, type RawBodyInput, rawBody } from "./mail/content.js"
import { contentToSend } from "./mail/messageInput.js"
import { renderMessage } from "./mail/rfc5322.js"
import { findMessages, keywordOf, snippetOf, sortMessages } from "./mail/search.js"
import { submit } from "./mail/submit.js"
import { showMessage, showSummary } from "./mail/views.js"
import type { MessageRecord } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const maxKeywords = 50

interface KeywordsInput {
  readonly seen?: boolean | undefined
  readonly flagged?: boolean | undefined
  readonly keywords?: { readonly [keyword: string]: boolean } | undefined
}

const keywordPattern = /^[\x21\x23-\x27\x2b-\x5a\x5e-\x7a\x7c\x7e\x5f]{1,255}$/

/** The keywords of a message after an update. */
const keywordsAfter = (
  message: MessageRecord,
  { flagged, keywords = {}, seen }: KeywordsInput
): ReadonlySet<string> => {
  const after = new Set(message.keywords)
  const set = (keyword: string, on: boolean) => (on ? after.add(keyword) : after.delete(keyword))
  for (const [keyword, on] of Object.entries(keywords)) set(keywordOf(keyword), on)
  if (seen !== undefined) set("$seen", seen)
  if (flagged !== undefined) set("$flagged", flagged)
  return after
}

const checkKeywords = ({ keywords = {} }: KeywordsInput): void => {
  const names = Object.keys(keywords)
  if (names.length > maxKeywords) failField("keywords", `must have at most ${maxKeywords} entries`)
  if (!names.every((name) => keywordPattern.test(name))) {
    failField("keywords", "must contain only valid keyword names")
  }
}

const checkState = (store: MailboxStore, state: string | undefined): void => {
  if (state !== undefined && state !== store.logs.messages.state) {
    fail("conflict", "The state of the messages has changed", { param: "if_in_state" })
  }
}

/** Moves a message to the trash or deletes it permanently. A message in the trash stays there. */
const discard = (store: MailboxStore, message: MessageRecord, permanent: boolean): void => {
  const trash = store.folderOf("trash").id
  if (permanent) store.remove(message)
  else if (message.folderId !== trash) store.change(message, { folderId: trash })
}

export const messageRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const operations = messageOperations

  /** The part of a message that its ETag is made from. It omits the download URLs, which expire. */
  const versioned = (message: MessageRecord) => showMessage(message)

  const replyMessage = (call: RawCall, store: MailboxStore, message: MessageRecord) =>
    reply(showMessage(message, signerOf(call, store)), { headers: { etag: entityTagOf(versioned(message)) } })

  const content = (store: MailboxStore, message: MessageRecord, input: CleanContentInput) => {
    const clean = cleanContent(message, input)
    return { ...clean, states: { ...clean.states, email_state: emailState(store, message) } }
  }

  const body = (store: MailboxStore, message: MessageRecord, input: RawBodyInput) => ({
    ...rawBody(message, input),
    states: { email_state: emailState(store, message) }
  })

  /** Applies an action to each message of a batch. */
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
        return fail("not_found", "There is no thread with this id", { param: "thread_id" })
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
          query: ["messages", list],
          since: since_query_state,
          limit,
          upToId: up_to_id,
          calculateTotal: calculate_total
        })
      )
    }),
    mailboxRoute(stores, operations.get, (call, store) =>
      replyMessage(call, store, store.message(call.ids[0]))
    ),
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
      checkIfMatch(call, versioned(message))
      checkKeywords(call.input)
      return replyMessage(
        call,
        store,
        store.change(message, { keywords: keywordsAfter(message, call.input) })
      )
    }),
    mailboxRoute(stores, operations.delete, (call, store) => {
      const message = store.message(call.ids[0])
      checkIfMatch(call, versioned(message))
      discard(store, message, call.input?.permanent === true)
      return reply({ deleted: true, id: message.id })
    }),
    mailboxRoute(stores, operations.batchGet, (call, store) => {
      const { body_mode = "none", ids, part, ...input } = call.input
      if (part === "both" && body_mode !== "raw") {
        return failField("part", "can be both only if body_mode is raw")
      }
      if (part === "auto" && body_mode === "raw") {
        return failField("part", "cannot be auto if body_mode is raw")
      }
      const sign = signerOf(call, store)
      const wanted = [...new Set(ids)]
      return reply({
        messages: wanted.flatMap((id) => {
          const message = store.messages.get(id)
          if (message === undefined) return []
          const cleanInput = part === "both" ? input : { ...input, part }
          const rawInput = part === "auto" ? input : { ...input, part }
          return [
            {
              message: showSummary(message, sign),
              content: body_mode === "clean_json" ? content(store, message, cleanInput) : null,
              raw_body: body_mode === "raw" ? body(store, message, rawInput) : null
            }
          ]
        }),
        not_found: wanted.filter((id) => !store.messages.has(id)),
        states: { email_state: store.logs.messages.state }
      })
    }),
    mailboxRoute(stores, operations.batchUpdate, (call, store) => {
      checkKeywords(call.input)
      const { done, rest } = batch(store, call.input, (message) => {
        store.change(message, { keywords: keywordsAfter(message, call.input) })
      })
      return reply({ updated: done, ...rest })
    }),
    mailboxRoute(stores, operations.batchDelete, (call, store) => {
      const permanent = call.input.permanent === true
      const { done, rest } = batch(store, call.input, (message) => discard(store, message, permanent))
      return reply({ deleted: done, ...rest })
    }),
    mailboxRoute(stores, operations.send, (call: SandboxCall<[], SendMessageInput>, store) => {
      const message = submit(stores, store, contentToSend(store, call.input, call.now), {
        now: call.now,
        idempotencyKey: call.request.headers["idempotency-key"]
      })
      return reply({ message_id: message.id, status: "queued" })
    })
  ]
}

/** The state of the messages after the last change of the thread. */
const emailState = (store: MailboxStore, message: MessageRecord): string | null =>
  store.threads.get(message.threadId)?.messageState ?? null
