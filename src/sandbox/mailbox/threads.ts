/**
 * Threads: their participants, messages and content.
 */
import { threadOperations } from "../../mailbox/threads.js"
import { found, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import type { Route } from "../http/routes.js"
import { digest } from "../state/ids.js"
import { signerOf } from "./downloads.js"
import { cleanContent, defaultThreadBodyChars } from "./mail/content.js"
import { findMessages, timeIn } from "./mail/search.js"
import { showSummary, showThread } from "./mail/views.js"
import type { MessageRecord, ThreadRecord } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

export const threadRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const operations = threadOperations
  const find = (store: MailboxStore, id: string) => found(store.threads.get(id), "thread")

  /** The messages of a thread, oldest first by default. */
  const inOrder = (store: MailboxStore, thread: ThreadRecord, sort: "asc" | "desc" | undefined) => {
    const messages = store.messagesOf(thread)
    return sort === "desc" ? [...messages].reverse() : messages
  }

  const idOf = ({ id }: MessageRecord | ThreadRecord) => id

  return [
    mailboxRoute(stores, operations.list, (call, store) => {
      const input = call.input ?? {}
      const after = timeIn("after", input.after) ?? Number.NEGATIVE_INFINITY
      const before = timeIn("before", input.before) ?? Number.POSITIVE_INFINITY
      const { folder_id, has_attachment, is_unread, participant, q } = input
      const matching = new Set(
        findMessages(store, { q, folder_id, has_attachment }).map(({ threadId }) => threadId)
      )
      const rows = [...store.threads.values()]
        .map((thread) => ({
          thread,
          shown: showThread(store, thread),
          last: store.messagesOf(thread).at(-1)
        }))
        .filter(({ last, shown, thread }) => {
          const at = last?.receivedAt ?? 0
          const isParticipant = ({ email, name }: { readonly email: string; readonly name: string | null }) =>
            `${name ?? ""} ${email}`.toLowerCase().includes(participant?.toLowerCase() ?? "")
          return (
            matching.has(thread.id) &&
            at >= after &&
            at < before &&
            (participant === undefined || shown.participants.some(isParticipant)) &&
            (is_unread === undefined || shown.unread_count > 0 === is_unread)
          )
        })
      const sign = input.sort_direction === "asc" ? 1 : -1
      const sorted = rows.sort(
        (a, b) =>
          sign *
          ((a.last?.receivedAt ?? 0) - (b.last?.receivedAt ?? 0) ||
            (a.last?.order ?? 0) - (b.last?.order ?? 0))
      )
      const { cursor: _, limit: __, ...query } = input
      const ids = sorted.map(({ thread }) => thread.id)
      return replyPage(
        pageOf(sorted, input, { idOf: ({ thread }) => thread.id, show: ({ shown }) => shown }),
        { meta: { query_state: store.queryStates.stateOf(["threads", query], ids) } }
      )
    }),
    mailboxRoute(stores, operations.get, (call, store) => {
      const thread = find(store, call.ids[0])
      return reply({
        ...showThread(store, thread),
        message_ids: store.messagesOf(thread).map(({ id }) => id)
      })
    }),
    mailboxRoute(stores, operations.getContent, (call, store) => {
      const thread = find(store, call.ids[0])
      const { cursor: _, limit: __, sort, ...clean } = call.input ?? {}
      const states = { thread_state: thread.threadState, email_state: thread.messageState }
      return replyPage(
        pageOf(inOrder(store, thread, sort), call.input ?? {}, {
          idOf,
          show: (message) => {
            const content = cleanContent(message, clean, defaultThreadBodyChars)
            return { ...content, states: { ...content.states, email_state: thread.messageState } }
          },
          defaultLimit: 25
        }),
        {
          meta: {
            thread_id: thread.id,
            participants: showThread(store, thread).participants,
            states: { ...states, option_hash: digest(JSON.stringify(clean)) }
          }
        }
      )
    }),
    mailboxRoute(stores, operations.listMessages, (call, store) => {
      const thread = find(store, call.ids[0])
      const sign = signerOf(call, store)
      return replyPage(
        pageOf(inOrder(store, thread, call.input?.sort), call.input ?? {}, {
          idOf,
          show: (message) => showSummary(message, sign)
        }),
        { meta: { thread_id: thread.id, sync_state: store.logs.messages.state } }
      )
    })
  ]
}
