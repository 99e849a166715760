/**
 * Messages and their content as the API shows them, with states and download URLs.
 */
import type { CleanContentInput } from "../../../mailbox/filters.js"
import { reply } from "../../exchange.js"
import type { RawCall } from "../../http/routes.js"
import { entityTagOf } from "../../state/ids.js"
import { signerOf } from "../downloads.js"
import { cleanContent, type RawBodyInput, rawBody } from "../mail/content.js"
import { showMessage } from "../mail/views.js"
import type { MessageRecord } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"

/** The part of a message that its ETag is made from. It omits the download URLs, which expire. */
export const versionedMessage = (message: MessageRecord) => showMessage(message)

export const replyMessage = (call: RawCall, store: MailboxStore, message: MessageRecord) =>
  reply(showMessage(message, signerOf(call, store)), {
    headers: { etag: entityTagOf(versionedMessage(message)) }
  })

/** The state of the messages after the last change of the thread. */
const emailState = (store: MailboxStore, message: MessageRecord): string | null =>
  store.threads.get(message.threadId)?.messageState ?? null

export const showContent = (store: MailboxStore, message: MessageRecord, input: CleanContentInput) => {
  const content = cleanContent(message, input)
  return { ...content, states: { ...content.states, email_state: emailState(store, message) } }
}

export const showBody = (store: MailboxStore, message: MessageRecord, input: RawBodyInput) => ({
  ...rawBody(message, input),
  states: { email_state: emailState(store, message) }
})
