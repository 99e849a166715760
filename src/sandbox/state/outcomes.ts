/**
 * What becomes of a sent message later.
 */
import type { WebhookEventData } from "./team.js"
import type { Outcome, SentEmail, World } from "./world.js"

/** What becomes of a message after it was sent. */
export interface SentOutcome {
  readonly outcome: "delivered" | "bounced" | "complained" | "rejected" | "delayed"
  /** The recipient that the outcome is for. Default: every recipient. */
  readonly recipient?: string | undefined
  /** Default: `Permanent`. */
  readonly bounce_type?: "Permanent" | "Transient" | "Undetermined" | undefined
  /** Default: `General`. */
  readonly bounce_subtype?: string | undefined
  /** Default: `abuse`. */
  readonly complaint_type?: string | undefined
  /** Default: `The address is on the suppression list`. */
  readonly reject_reason?: string | undefined
  /** Default: `MailboxFull`. */
  readonly delay_type?: string | undefined
}

const eventTypes: Readonly<Record<SentOutcome["outcome"], Outcome>> = {
  delivered: "message.delivered",
  bounced: "message.bounced",
  complained: "message.complained",
  rejected: "message.rejected",
  delayed: "message.delivery_delayed"
}

const given = (data: { readonly [Name in keyof WebhookEventData]?: WebhookEventData[Name] | undefined }) =>
  Object.fromEntries(
    Object.entries(data).filter(([, value]) => value !== undefined)
  ) as Partial<WebhookEventData>

/** Applies an outcome to the log and the webhooks. Returns `false` if the message or the recipient is unknown. */
export const applyOutcome = (world: World, emailId: string, input: SentOutcome, at: number): boolean => {
  const email = world.outbox.toArray().find(({ id }) => id === emailId)
  if (email === undefined) return false
  const all = [...email.to, ...email.cc, ...email.bcc].map((address) => address.email)
  const wanted = input.recipient?.toLowerCase()
  const recipients = wanted === undefined ? all : all.filter((address) => address.toLowerCase() === wanted)
  if (recipients.length === 0) return false
  updateLog(world, email, input, new Set(recipients), recipients.length === all.length)
  world.feed.publish({ kind: "log", id: emailId })
  const { bounce_subtype, bounce_type, complaint_type, delay_type, reject_reason } = input
  const data = given({ bounce_subtype, bounce_type, complaint_type, delay_type, reject_reason })
  for (const recipient of recipients) {
    for (const listener of world.listeners.outcome) {
      listener(email, recipient, eventTypes[input.outcome], at, data)
    }
  }
  return true
}

/** The status of a message changes only with the outcome of all its recipients. */
const updateLog = (
  world: World,
  email: SentEmail,
  { bounce_subtype = "General", bounce_type = "Permanent", outcome, reject_reason }: SentOutcome,
  recipients: ReadonlySet<string>,
  isWhole: boolean
): void => {
  const log = world.emailLog.toArray().find(({ emailId }) => emailId === email.id)
  if (log === undefined) return
  const reason = reject_reason ?? "The address is on the suppression list"
  if (outcome === "rejected" || outcome === "delivered") {
    log.recipients = log.recipients.map((recipient) =>
      recipients.has(recipient.email)
        ? outcome === "rejected"
          ? { ...recipient, status: "rejected", reason }
          : { ...recipient, status: "accepted", reason: null }
        : recipient
    )
  }
  if (!isWhole) return
  switch (outcome) {
    case "bounced":
      log.status = "failed"
      log.reason = `The message bounced (${bounce_type}, ${bounce_subtype})`
      return
    case "rejected":
      log.status = "rejected"
      log.reason = "Every recipient was rejected"
      return
    case "delayed":
      log.status = "pending"
      log.reason = "The delivery is delayed"
      return
    case "delivered":
      log.status = "sent"
      log.reason = null
      return
    case "complained":
      return
  }
}
