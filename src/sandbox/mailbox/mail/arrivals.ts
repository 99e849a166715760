/**
 * Messages that arrive: they are stored in a folder and published as events.
 */
import { iso } from "../../state/team.js"
import { type ArrivedMail, teamFacts } from "../../state/world.js"
import type { MessageRecord } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"
import { storeBlob } from "./messageInput.js"
import { receivedContent } from "./rfc5322.js"
import { showSummary } from "./views.js"

const maxEventBytes = 65_536

/**
 * Stores a message that arrived, publishes its event, and returns its id. The event has the same facts as the webhook
 * delivery.
 */
export const arrive = (store: MailboxStore, mail: ArrivedMail): string => {
  const content = receivedContent(mail, (file) => storeBlob(store, file))
  const message = store.add(content, {
    folder: mail.spam ? "junk" : "inbox",
    keywords: mail.spam ? ["$junk"] : [],
    receivedAt: mail.receivedAt
  })
  const type = mail.spam ? "message.received.spam" : "message.received"
  const shown = showEventMessage(message)
  const data = {
    event_type: type,
    team_public_id: teamFacts.id,
    mailbox_id: store.mailbox.id,
    message_id: mail.rfc5322_message_id,
    message_id_kind: "rfc5322",
    sender: mail.from.email,
    recipients: [mail.to],
    is_spam: mail.spam,
    message: shown,
    occurred_at: iso(mail.receivedAt)
  }
  store.events.add(type, data, (shown.body.text ?? "").length + (shown.body.html ?? "").length)
  return message.id
}

const showEventMessage = (message: MessageRecord) => {
  const text = message.text === null ? null : firstBytes(message.text, maxEventBytes)
  const html = message.html === null ? null : firstBytes(message.html, maxEventBytes)
  return {
    ...showSummary(message),
    rfc5322_message_id: message.messageId,
    body: {
      text,
      html,
      is_truncated: text !== message.text || html !== message.html,
      max_bytes: maxEventBytes
    }
  }
}

/** The longest start of a text that fits into the given number of bytes in UTF-8. Characters stay whole. */
export const firstBytes = (text: string, max: number): string => {
  const bytes = new TextEncoder().encode(text)
  return bytes.byteLength <= max ? text : new TextDecoder().decode(bytes.subarray(0, max), { stream: true })
}
