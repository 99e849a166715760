/**
 * Updates and deletions of messages, one by one and in batches.
 */
import { messageOperations } from "../../../mailbox/messages/operations.js"
import { fail, failField, reply } from "../../exchange.js"
import { checkIfMatch, type Route } from "../../http/routes.js"
import { keywordOf } from "../mail/search.js"
import type { MessageRecord } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"
import { type MailboxStores, mailboxRoute } from "../state/stores.js"
import { replyMessage, versionedMessage } from "./shown.js"

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

export const writeRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, messageOperations.update, (call, store) => {
    const message = store.message(call.ids[0])
    checkIfMatch(call, versionedMessage(message))
    checkKeywords(call.input)
    return replyMessage(call, store, store.change(message, { keywords: keywordsAfter(message, call.input) }))
  }),
  mailboxRoute(stores, messageOperations.delete, (call, store) => {
    const message = store.message(call.ids[0])
    checkIfMatch(call, versionedMessage(message))
    discard(store, message, call.input?.permanent === true)
    return reply({ deleted: true, id: message.id })
  }),
  mailboxRoute(stores, messageOperations.batchUpdate, (call, store) => {
    checkKeywords(call.input)
    const { done, rest } = batch(store, call.input, (message) => {
      store.change(message, { keywords: keywordsAfter(message, call.input) })
    })
    return reply({ updated: done, ...rest })
  }),
  mailboxRoute(stores, messageOperations.batchDelete, (call, store) => {
    const permanent = call.input.permanent === true
    const { done, rest } = batch(store, call.input, (message) => discard(store, message, permanent))
    return reply({ deleted: done, ...rest })
  })
]
