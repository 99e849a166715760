/**
 * What the sandbox holds: the state that its rooms share, and the events by which they hear of each other.
 */
import type { Surface } from "../../internal/operation/operation.js"
import type { Answer } from "../exchange.js"
import type { Fault } from "./faults.js"
import { type MakeId, makeIds } from "./ids.js"
import { makeTeam, type Team } from "./team.js"

/** Whoever a key belongs to. */
export interface Actor {
  readonly keyId: string
  readonly name: string
  readonly kind: "root" | "mailbox"
  /** The mailbox of a mailbox key; `undefined` for one that reaches every mailbox. */
  readonly mailboxId: string | undefined
}

export interface Address {
  readonly email: string
  readonly name: string | null
}

export interface SentAttachment {
  readonly filename: string
  readonly content_type: string
  readonly bytes: Uint8Array
}

/** A message that left the sandbox, by whichever surface. */
export interface SentEmail {
  /** Starts with `eml_`. */
  readonly id: string
  readonly via: "sending" | "mailbox"
  readonly from: Address
  readonly to: ReadonlyArray<Address>
  readonly cc: ReadonlyArray<Address>
  readonly bcc: ReadonlyArray<Address>
  readonly reply_to: ReadonlyArray<Address>
  readonly subject: string
  readonly html: string | null
  readonly text: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: ReadonlyArray<SentAttachment>
  readonly delivery_group: ReadonlyArray<string> | null
  readonly idempotencyKey: string | undefined
  /** The `Message-ID` other servers see, in angle brackets. */
  readonly rfc5322_message_id: string
  /** Milliseconds since the epoch. */
  readonly sentAt: number
  readonly mailboxId: string | undefined
}

/** A request that reached the sandbox, without its credential. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly operation: string | undefined
  readonly status: number
  readonly requestId: string
  readonly headers: Readonly<Record<string, string>>
  readonly at: number
}

export interface SandboxLimits {
  /** Requests a minute, counted apart for each key. */
  readonly management: number
  readonly mailbox: number
  readonly sending: number
}

/** What rooms tell each other. */
export interface Events {
  /** Mail left. */
  readonly sent: (email: SentEmail) => void
  /** Mail reached a mailbox, from outside or from another one. */
  readonly arrived: (mail: ArrivedMail) => void
  /** A mailbox is to know no longer what changed before now. */
  readonly forgotten: (mailboxId: string) => void
}

/** Mail from outside. */
export interface InboundMail {
  readonly to: string
  readonly from: Address
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: ReadonlyArray<SentAttachment>
  readonly spam: boolean
  readonly receivedAt: number
}

/** Mail from outside that reached a mailbox. */
export interface ArrivedMail extends InboundMail {
  readonly id: string
  readonly mailboxId: string
  readonly rfc5322_message_id: string
  readonly size: number
}

/** What became of a message on its way out. */
export interface EmailLogRecord {
  readonly id: string
  readonly email: SentEmail
  readonly providerId: string | null
  readonly providerName: string | null
  readonly status: "pending" | "sent" | "failed" | "rejected"
  readonly reason: string | null
  readonly recipients: ReadonlyArray<{
    readonly email: string
    readonly type: "to" | "cc" | "bcc"
    readonly status: "accepted" | "rejected"
    readonly reason: string | null
  }>
  readonly size: number
  readonly createdAt: number
}

interface Window {
  readonly endsAt: number
  used: number
}

/** What a key's first request came to, to be answered again. */
export interface Remembered {
  readonly fingerprint: string
  readonly until: number
  /** When the first caller has its answer; until then the request counts as running. */
  readyAt: number | undefined
  answer: Answer | undefined
}

export interface World {
  readonly id: MakeId
  readonly limits: SandboxLimits
  readonly actors: Map<string, Actor>
  readonly windows: Map<string, Window>
  readonly remembered: Map<string, Remembered>
  readonly outbox: Array<SentEmail>
  readonly emailLog: Array<EmailLogRecord>
  readonly inboxLog: Array<ArrivedMail>
  readonly team: Team
  readonly requests: Array<SeenRequest>
  readonly faults: Array<Fault>
  readonly listeners: { [Event in keyof Events]: Array<Events[Event]> }
}

/** The key that speaks for the sandbox's mailbox, on Sending and Mailbox. */
export const mailboxKey = "smx_mbx_sandbox"

/** The key that reaches every mailbox of the sandbox, on Sending and Mailbox. */
export const agentKey = "smx_agent_sandbox"

/** The key that speaks for the sandbox's team, on Management. */
export const rootKey = "smx_root_sandbox"

/** The mailbox that is there from the beginning. */
export const firstMailbox = { id: "mbx_sandbox", email: "agent@sandbox.test", domain: "sandbox.test" }

export const teamFacts = { id: "team_sandbox", name: "Sandbox" }

export const defaultLimits: SandboxLimits = { management: 600, mailbox: 1800, sending: 1800 }

export const makeWorld = (limits: SandboxLimits): World => {
  const id = makeIds()
  return {
    id,
    limits,
    actors: new Map<string, Actor>([
      [
        mailboxKey,
        { keyId: "smx_key_sandbox", name: "Sandbox mailbox", kind: "mailbox", mailboxId: firstMailbox.id }
      ],
      [agentKey, { keyId: "smx_key_agent", name: "Sandbox agent", kind: "mailbox", mailboxId: undefined }],
      [rootKey, { keyId: "smx_key_root", name: "Sandbox team", kind: "root", mailboxId: undefined }]
    ]),
    windows: new Map(),
    remembered: new Map(),
    outbox: [],
    emailLog: [],
    inboxLog: [],
    team: makeTeam(id, firstMailbox),
    requests: [],
    faults: [],
    listeners: { sent: [], arrived: [], forgotten: [] }
  }
}

/** Which kind of key a surface takes. */
export const kindFor = (surface: Surface): Actor["kind"] => (surface === "management" ? "root" : "mailbox")

/**
 * What becomes of mail to an address outside the sandbox, told by the part before the `@`. The others are delivered.
 */
const fates: Readonly<Record<string, Fate>> = {
  bounce: "message.bounced",
  complaint: "message.complained",
  reject: "message.rejected",
  delay: "message.delivery_delayed"
}

export type Fate =
  | "message.delivered"
  | "message.bounced"
  | "message.complained"
  | "message.rejected"
  | "message.delivery_delayed"

export const fateOf = (address: string): Fate => fates[address.split("@")[0] ?? ""] ?? "message.delivered"

const logSent = (world: World, email: SentEmail): void => {
  const provider = [...world.team.providers.values()].find(({ active }) => active)
  if (provider !== undefined) provider.usedAt = email.sentAt
  const recipients = (["to", "cc", "bcc"] as const).flatMap((type) =>
    email[type].map((recipient) => {
      const rejected = fateOf(recipient.email) === "message.rejected"
      return {
        email: recipient.email,
        type,
        status: rejected ? ("rejected" as const) : ("accepted" as const),
        reason: rejected ? "The address is on the suppression list" : null
      }
    })
  )
  const rejected = recipients.every(({ status }) => status === "rejected")
  world.emailLog.push({
    id: world.id("dlog"),
    email,
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

/** Takes a message out of the sandbox, telling every room; what goes to one of its own mailboxes arrives there. */
export const dispatch = (world: World, email: SentEmail): void => {
  world.outbox.push(email)
  logSent(world, email)
  for (const listener of world.listeners.sent) listener(email)
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
        to: email.to.map(({ email }) => email).join(", "),
        ...(email.cc.length === 0 ? {} : { cc: email.cc.map(({ email }) => email).join(", ") }),
        ...(email.reply_to.length === 0
          ? {}
          : { "reply-to": email.reply_to.map(({ email }) => email).join(", ") })
      },
      attachments: email.attachments,
      spam: false,
      receivedAt: email.sentAt
    })
  }
}

/** Brings mail to the mailbox it is for; `false` when the sandbox has no such mailbox. */
export const receive = (world: World, mail: InboundMail): boolean => {
  const mailbox = [...world.team.mailboxes.values()].find(
    ({ email, status }) => status === "active" && email === mail.to.toLowerCase()
  )
  if (mailbox === undefined) return false
  const id = world.id("ilog")
  const bodies = (mail.text ?? "").length + (mail.html ?? "").length
  const arrived: ArrivedMail = {
    ...mail,
    id,
    mailboxId: mailbox.id,
    rfc5322_message_id: mail.headers["message-id"] ?? mail.headers["Message-ID"] ?? `<${id}@sandbox.test>`,
    size: mail.attachments.reduce((sum, { bytes }) => sum + bytes.byteLength, bodies)
  }
  world.inboxLog.push(arrived)
  for (const listener of world.listeners.arrived) listener(arrived)
  return true
}
