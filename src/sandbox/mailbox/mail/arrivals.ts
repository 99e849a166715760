/**
 * Mail that arrives: put into its folder, and told to whoever listens.
 */
import { iso } from "../../state/team.js"
import { type ArrivedMail, teamFacts } from "../../state/world.js"
import type { MessageRecord } from "../state/records.js"
import type { MailboxStore } from "../state/store.js"
import { letterOf } from "./rfc5322.js"
import { keepBlob } from "./sendMessage.js"
import { showSummary } from "./views.js"

const maxEventBytes = 65_536

/** Takes mail in, and logs the event of it: the same facts that a webhook is told. */
export const arrive = (store: MailboxStore, mail: ArrivedMail): void => {
  const message = store.add(
    letterOf(mail, (file) => keepBlob(store, file)),
    {
      folder: mail.spam ? "junk" : "inbox",
      keywords: mail.spam ? ["$junk"] : [],
      receivedAt: mail.receivedAt
    }
  )
  const type = mail.spam ? "message.received.spam" : "message.received"
  store.events.add(type, {
    event_type: type,
    team_public_id: teamFacts.id,
    mailbox_id: store.mailbox.id,
    message_id: mail.rfc5322_message_id,
    message_id_kind: "rfc5322",
    sender: mail.from.email,
    recipients: [mail.to],
    is_spam: mail.spam,
    message: realtimeMessage(message),
    occurred_at: iso(mail.receivedAt)
  })
}

const realtimeMessage = (message: MessageRecord) => {
  const text = capped(message.text)
  const html = capped(message.html)
  return {
    ...showSummary(message),
    rfc5322_message_id: message.messageId,
    body: {
      text: text.text,
      html: html.text,
      is_truncated: text.cut || html.cut,
      max_bytes: maxEventBytes
    }
  }
}

const capped = (text: string | null): { readonly text: string | null; readonly cut: boolean } => {
  if (text === null) return { text, cut: false }
  const capped = firstBytes(text, maxEventBytes)
  return { text: capped, cut: capped !== text }
}

/** As much of a text as fits into so many bytes, without half a character. */
export const firstBytes = (text: string, max: number): string => {
  const bytes = new TextEncoder().encode(text)
  return bytes.byteLength <= max ? text : new TextDecoder().decode(bytes.subarray(0, max), { stream: true })
}
