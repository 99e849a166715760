/**
 * Lists and reads of messages.
 */
import { messageOperations } from "../../../mailbox/messages/operations.js"
import { fail, failField, reply, replyPage } from "../../exchange.js"
import { pageOf } from "../../http/pages.js"
import type { Route } from "../../http/routes.js"
import { entityTagOf } from "../../state/ids.js"
import { signerOf } from "../downloads.js"
import { renderMessage } from "../mail/rfc5322.js"
import { findMessages, snippetOf, sortMessages } from "../mail/search.js"
import { showSummary } from "../mail/views.js"
import { type MailboxStores, mailboxRoute } from "../state/stores.js"
import { replyMessage, showBody, showContent } from "./shown.js"

export const listRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, messageOperations.list, (call, store) => {
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
  mailboxRoute(stores, messageOperations.count, (call, store) =>
    reply({ total: findMessages(store, call.input ?? {}).length, sync_state: store.logs.messages.state })
  ),
  mailboxRoute(stores, messageOperations.searchSnippets, (call, store) => {
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
  mailboxRoute(stores, messageOperations.queryChanges, (call, store) => {
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
  })
]

export const readRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, messageOperations.get, (call, store) =>
    replyMessage(call, store, store.message(call.ids[0]))
  ),
  mailboxRoute(stores, messageOperations.getBody, (call, store) =>
    reply(showBody(store, store.message(call.ids[0]), call.input ?? {}))
  ),
  mailboxRoute(stores, messageOperations.getContent, (call, store) =>
    reply(showContent(store, store.message(call.ids[0]), call.input ?? {}))
  ),
  mailboxRoute(stores, messageOperations.downloadRaw, (call, store) => {
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
  mailboxRoute(stores, messageOperations.batchGet, (call, store) => {
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
            content: body_mode === "clean_json" ? showContent(store, message, cleanInput) : null,
            raw_body: body_mode === "raw" ? showBody(store, message, rawInput) : null
          }
        ]
      }),
      not_found: wanted.filter((id) => !store.messages.has(id)),
      states: { email_state: store.logs.messages.state }
    })
  })
]
