/**
 * The state of the sandbox, and the events through which its modules communicate.
 */
import type { LocalResponse } from "../../internal/dialect/shared/localClient.js"
import type { Surface } from "../../internal/operation/operation.js"
import { BoundedMap, Ring } from "./bounded.js"
import type { PendingFault } from "./faults.js"
import { type MakeId, makeIds, makeRandom } from "./ids.js"
import { makeTeam, type Team } from "./team.js"

/** The owner of an API key. */
export interface Actor {
  readonly keyId: string
  readonly name: string
  readonly kind: "root" | "mailbox"
  /** The mailbox of the key, or `undefined` if the key can access every mailbox. */
  readonly mailboxId: string | undefined
}

/** An email address with a display name. */
export interface Address {
  readonly email: string
  readonly name: string | null
}

/** A file of a message. */
export interface SentAttachment {
  readonly filename: string
  readonly content_type: string
  readonly bytes: Uint8Array
}

/** A message that was sent, through Sending or from a mailbox. */
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
  /** The `Message-ID` of the message, in angle brackets. */
  readonly rfc5322_message_id: string
  /** Milliseconds since the epoch. */
  readonly sentAt: number
  readonly mailboxId: string | undefined
}

/** A request that the sandbox received, without its credential. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  /** The query string. The values of secret parameters are replaced by `redacted`. */
  readonly query: string
  /** The operation, such as `sending.emails.send`, or `undefined` if there is none at the path. */
  readonly operation: string | undefined
  /**
   * The status of the response. It is 0 if a fault broke the connection, and `undefined` if the response is not known
   * yet or the client closed the connection first.
   */
  readonly status: number | undefined
  readonly requestId: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** An entry of the request log. Its status is set when the response is known. */
export interface RequestRecord extends Omit<SeenRequest, "status"> {
  status: number | undefined
}

/** The rate limits of the surfaces, in requests per window. Each key is counted separately. */
export interface SandboxLimits {
  readonly management: number
  readonly mailbox: number
  readonly sending: number
}

/** The rate limits as they are now. */
export interface RateLimits {
  limits: SandboxLimits
  /** The length of a window in milliseconds. */
  windowMillis: number
}

/** The limits of the server. */
export interface ServerLimits {
  readonly maxBodyBytes: number
  readonly bodyTimeoutMillis: number
  /** The number of requests that the request log keeps. */
  readonly maxRequests: number
  /** The number of newest messages that the outbox, the logs and each mailbox keep. */
  readonly maxEmails: number
  /** The number of bytes that the outbox, each mailbox and each list of uploaded files keep. */
  readonly maxStoredBytes: number
  /** The number of newest deliveries that each webhook keeps, and of those that may be pending at once. */
  readonly maxDeliveries: number
  readonly webhookTimeoutMillis: number
  /** The host names, other than loopback ones, for which requests are accepted. */
  readonly allowedHosts: ReadonlyArray<string>
  /** The origins, other than loopback ones, whose pages may use the API, and those whose pages may use the control. */
  readonly allowedOrigins: ReadonlyArray<string>
}

/** The events that modules publish for each other. */
export interface Events {
  /** A message was sent. */
  readonly sent: (email: SentEmail) => void
  /** A message arrived in a mailbox. */
  readonly arrived: (mail: ArrivedMail) => void
  /** A mailbox has to forget the changes that happened up to now. */
  readonly forgotten: (mailboxId: string) => void
}

/** A message on its way to a mailbox. */
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

/** A message that arrived in a mailbox. */
export interface ArrivedMail extends InboundMail {
  readonly id: string
  readonly mailboxId: string
  readonly rfc5322_message_id: string
  readonly size: number
}

/** A message that arrived, as its log shows it. The log does not keep the content. */
export type InboxLogRecord = Omit<ArrivedMail, "text" | "html" | "headers" | "attachments">

/** The log entry of a sent message. The log does not keep the content. */
export interface EmailLogRecord {
  readonly id: string
  readonly email: Pick<
    SentEmail,
    "from" | "to" | "subject" | "rfc5322_message_id" | "delivery_group" | "mailboxId"
  >
  readonly providerId: string | null
  readonly providerName: string | null
  readonly status: "pending" | "sent" | "failed" | "rejected"
  readonly reason: string | null
  readonly recipients: ReadonlyArray<RecipientRecord>
  readonly size: number
  readonly createdAt: number
}

interface RecipientRecord {
  readonly email: string
  readonly type: "to" | "cc" | "bcc"
  readonly status: "accepted" | "rejected"
  readonly reason: string | null
}

interface Window {
  readonly endsAt: number
  used: number
}

/** The first request with an idempotency key, and its response. */
export interface IdempotencyRecord {
  readonly fingerprint: string
  readonly until: number
  /** When the first caller receives the response. Until then the request counts as running. */
  readyAt: number | undefined
  response: LocalResponse | undefined
}

export interface World {
  readonly id: MakeId
  readonly rate: RateLimits
  /** Makes numbers in [0, 1), for faults with a probability. */
  readonly random: () => number
  readonly server: ServerLimits
  /** The owners of the API keys, by key. */
  readonly actors: Map<string, Actor>
  /** The windows of the rate limits, by surface and key. */
  readonly windows: Map<string, Window>
  readonly idempotencyRecords: BoundedMap<string, IdempotencyRecord>
  readonly outbox: Ring<SentEmail>
  readonly emailLog: Ring<EmailLogRecord>
  readonly inboxLog: Ring<InboxLogRecord>
  readonly team: Team
  readonly requests: Ring<RequestRecord>
  readonly faults: Array<PendingFault>
  readonly listeners: { [Event in keyof Events]: Array<Events[Event]> }
}

/** The key of the first mailbox, for Sending and Mailbox. */
export const mailboxKey = "smx_mbx_sandbox"

/** The key that can access every mailbox, for Sending and Mailbox. */
export const agentKey = "smx_agent_sandbox"

/** The key of the team, for Management. */
export const rootKey = "smx_root_sandbox"

/** The mailbox that exists from the beginning. */
export const firstMailbox = { id: "mbx_sandbox", email: "agent@sandbox.test", domain: "sandbox.test" }

export const teamFacts = { id: "team_sandbox", name: "Sandbox" }

export const defaultLimits: SandboxLimits = { management: 600, mailbox: 1800, sending: 1800 }

export const defaultServerLimits: ServerLimits = {
  maxBodyBytes: 33_554_432,
  bodyTimeoutMillis: 30_000,
  maxRequests: 10_000,
  maxEmails: 10_000,
  maxStoredBytes: 268_435_456,
  maxDeliveries: 1000,
  webhookTimeoutMillis: 10_000,
  allowedHosts: [],
  allowedOrigins: []
}

/** The number of newest idempotency keys that are known. A response to a send is small. */
const maxIdempotencyKeys = 10_000

/** The size of the content of a message: the bodies in characters, and the files in bytes. */
export const storedBytes = ({
  attachments,
  html,
  text
}: Pick<SentEmail, "attachments" | "html" | "text">): number =>
  attachments.reduce((sum, { bytes }) => sum + bytes.byteLength, (html?.length ?? 0) + (text?.length ?? 0))

/** The length of a window of the rate limit in milliseconds. */
export const defaultWindowMillis = 60_000

export const makeWorld = (
  limits: SandboxLimits,
  server: ServerLimits = defaultServerLimits,
  windowMillis: number = defaultWindowMillis
): World => {
  const id = makeIds()
  const { maxEmails, maxStoredBytes } = server
  return {
    id,
    rate: { limits, windowMillis },
    random: makeRandom(),
    server,
    actors: new Map<string, Actor>([
      [
        mailboxKey,
        { keyId: "smx_key_sandbox", name: "Sandbox mailbox", kind: "mailbox", mailboxId: firstMailbox.id }
      ],
      [agentKey, { keyId: "smx_key_agent", name: "Sandbox agent", kind: "mailbox", mailboxId: undefined }],
      [rootKey, { keyId: "smx_key_root", name: "Sandbox team", kind: "root", mailboxId: undefined }]
    ]),
    windows: new Map(),
    idempotencyRecords: new BoundedMap({ maxEntries: maxIdempotencyKeys }),
    outbox: new Ring<SentEmail>({ maxEntries: maxEmails, maxWeight: maxStoredBytes, weightOf: storedBytes }),
    emailLog: new Ring({ maxEntries: maxEmails }),
    inboxLog: new Ring({ maxEntries: maxEmails }),
    team: makeTeam(id, firstMailbox),
    requests: new Ring({ maxEntries: server.maxRequests }),
    faults: [],
    listeners: { sent: [], arrived: [], forgotten: [] }
  }
}

/** The kind of key that a surface requires. */
export const kindFor = (surface: Surface): Actor["kind"] => (surface === "management" ? "root" : "mailbox")
