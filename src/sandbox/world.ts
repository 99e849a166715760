/**
 * What the sandbox holds: the state that its rooms share, and the events by which they hear of each other.
 *
 * @internal
 */
import type { Surface } from "../internal/operation.js"
import type { Answer } from "./exchange.js"
import type { Fault } from "./faults.js"
import { type MakeId, makeIds } from "./ids.js"

/** Whoever a key belongs to. */
export interface Actor {
  readonly keyId: string
  readonly name: string
  readonly kind: "root" | "mailbox"
  /** The mailbox of a mailbox key. */
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
  /** Mail arrived from outside. */
  readonly inbound: (mail: InboundMail) => void
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
  readonly requests: Array<SeenRequest>
  readonly faults: Array<Fault>
  readonly listeners: { [Event in keyof Events]: Array<Events[Event]> }
}

/** The key that speaks for the sandbox's mailbox, on Sending and Mailbox. */
export const mailboxKey = "smx_mbx_sandbox"

/** The key that speaks for the sandbox's team, on Management. */
export const rootKey = "smx_root_sandbox"

/** The mailbox that is there from the beginning. */
export const firstMailbox = { id: "mbx_sandbox", email: "agent@sandbox.test", domain: "sandbox.test" }

export const team = { id: "team_sandbox", name: "Sandbox" }

export const defaultLimits: SandboxLimits = { management: 600, mailbox: 1800, sending: 1800 }

export const makeWorld = (limits: SandboxLimits): World => ({
  id: makeIds(),
  limits,
  actors: new Map<string, Actor>([
    [
      mailboxKey,
      { keyId: "smx_key_sandbox", name: "Sandbox mailbox", kind: "mailbox", mailboxId: firstMailbox.id }
    ],
    [rootKey, { keyId: "smx_key_root", name: "Sandbox team", kind: "root", mailboxId: undefined }]
  ]),
  windows: new Map(),
  remembered: new Map(),
  outbox: [],
  requests: [],
  faults: [],
  listeners: { sent: [], inbound: [] }
})

/** Which kind of key a surface takes. */
export const kindFor = (surface: Surface): Actor["kind"] => (surface === "management" ? "root" : "mailbox")

/** Takes a message out of the sandbox, telling every room. */
export const dispatch = (world: World, email: SentEmail): void => {
  world.outbox.push(email)
  for (const listener of world.listeners.sent) listener(email)
}
