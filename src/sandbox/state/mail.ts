/**
 * Sends and delivers messages.
 */
import type { ProviderRecord } from "./team.js"
import { withValues } from "./templateTags.js"
import {
  type ArrivedMail,
  type EmailLogRecord,
  type InboundMail,
  type InboxLogRecord,
  type Outcome,
  type SentEmail,
  storedBytes,
  type World
} from "./world.js"

/** The outcomes by local part. Every other address has the outcome `message.delivered`. */
const outcomes: ReadonlyMap<string, Outcome> = new Map([
  ["bounce", "message.bounced"],
  ["complaint", "message.complained"],
  ["reject", "message.rejected"],
  ["delay", "message.delivery_delayed"]
])

export const outcomeOf = (address: string): Outcome =>
  outcomes.get(address.split("@")[0] ?? "") ?? "message.delivered"

/** Returns whether a team can send, which requires an active provider. */
export const canSend = (world: World): boolean => providerOf(world) !== undefined

/** The provider that messages are sent through: the first active one. */
const providerOf = ({ team }: World): ProviderRecord | undefined =>
  [...team.providers.values()].find(({ active }) => active)

const recipientRecords = (email: SentEmail): EmailLogRecord["recipients"] =>
  (["to", "cc", "bcc"] as const).flatMap((type) =>
    email[type].map((recipient): EmailLogRecord["recipients"][number] =>
      outcomeOf(recipient.email) === "message.rejected"
        ? {
            email: recipient.email,
            type,
            status: "rejected",
            reason: "The address is on the suppression list"
          }
        : { email: recipient.email, type, status: "accepted", reason: null }
    )
  )

const loggedEmail = ({
  delivery_group,
  from,
  mailboxId,
  rfc5322_message_id,
  subject,
  to
}: SentEmail): EmailLogRecord["email"] => ({
  delivery_group,
  from,
  mailboxId,
  rfc5322_message_id,
  subject,
  to
})

const logSent = (world: World, email: SentEmail, provider: ProviderRecord | undefined): void => {
  if (provider !== undefined) provider.usedAt = email.sentAt
  const recipients = recipientRecords(email)
  const rejected = recipients.every(({ status }) => status === "rejected")
  world.emailLog.push({
    id: world.id("dlog"),
    emailId: email.id,
    email: loggedEmail(email),
    providerId: provider?.id ?? null,
    providerName: provider?.name ?? null,
    status: rejected ? "rejected" : "sent",
    reason: rejected ? "Every recipient was rejected" : null,
    recipients,
    size: email.attachments.reduce(
      (sum, { bytes }) => sum + bytes.byteLength,
      (email.html ?? email.text ?? "").length
    ),
    createdAt: email.sentAt
  })
}

const emails = (addresses: SentEmail["to"]): string => addresses.map(({ email }) => email).join(", ")

/** Sends a message, and delivers it to those of its recipients that are mailboxes of the sandbox. */
export const dispatch = (world: World, written: SentEmail): void => {
  const provider = providerOf(world)
  const email = withValues(written, provider)
  const position = world.outbox.push(email)
  logSent(world, email, provider)
  for (const listener of world.listeners.sent) listener(email)
  world.feed.publish({ kind: "email", id: email.id, mailbox: email.mailboxId, item: email, position })
  const recipients = new Set([...email.to, ...email.cc, ...email.bcc].map((recipient) => recipient.email))
  for (const to of recipients) {
    receive(world, {
      to,
      from: email.from,
      subject: email.subject,
      text: email.text,
      html: email.html,
      headers: {
        ...email.headers,
        "message-id": email.rfc5322_message_id,
        to: emails(email.to),
        ...(email.cc.length === 0 ? {} : { cc: emails(email.cc) }),
        ...(email.reply_to.length === 0 ? {} : { "reply-to": emails(email.reply_to) })
      },
      attachments: email.attachments,
      spam: false,
      receivedAt: email.sentAt
    })
  }
}

/** Delivers a message to its mailbox. Returns `undefined` if the sandbox has no active mailbox with the address. */
export const receive = (world: World, mail: InboundMail): InboxLogRecord | undefined => {
  const mailbox = [...world.team.mailboxes.values()].find(
    ({ email, status }) => status === "active" && email === mail.to.toLowerCase()
  )
  if (mailbox === undefined) return undefined
  const id = world.id("ilog")
  const arrived: ArrivedMail = {
    ...mail,
    id,
    mailboxId: mailbox.id,
    rfc5322_message_id: mail.headers["message-id"] ?? mail.headers["Message-ID"] ?? `<${id}@sandbox.test>`,
    size: storedBytes(mail)
  }
  const { addresses: _, attachments: __, headers: ___, html: ____, text: _____, ...facts } = arrived
  const messageId = world.store(arrived)
  const logged: InboxLogRecord = { ...facts, messageId: messageId ?? null }
  const position = world.inboxLog.push(logged)
  for (const listener of world.listeners.arrived) listener(arrived)
  world.feed.publish({ kind: "arrival", id: messageId ?? id, mailbox: mailbox.id, item: logged, position })
  return logged
}
