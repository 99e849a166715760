/**
 * The state of the sandbox, and the events through which its modules communicate.
 */
import { type Mutex, makeMutex } from "../../internal/dialect/concurrency.js"
import type { LocalResponse } from "../../internal/dialect/shared/localClient.js"
import type { Surface } from "../../internal/operation/operation.js"
import { Authority } from "../oauth/authority.js"
import { BoundedMap, Ring } from "./bounded.js"
import { SandboxClock } from "./clock.js"
import { RequestCounters } from "./counters.js"
import type { SeenDelivery } from "./deliveryLog.js"
import { Exchanges } from "./exchanges.js"
import { type Fault, type PendingFault, pendingFault } from "./faults.js"
import { ChangeFeed } from "./feed.js"
import { type IdSource, makeIds, makeRandom } from "./ids.js"
import type { ArrivedMail, EmailLogRecord, InboxLogRecord, RequestRecord, SentEmail } from "./records.js"
import { type Saved, SavedParts, savedMap, savedSet, savedValue } from "./saved.js"
import { type SendingRules, sendingRules } from "./sendingRules.js"
import { makeTeam, type PendingDelivery, savedWebhooks, type Team, type WebhookEventData } from "./team.js"

export type {
  Address,
  ArrivedMail,
  EmailLogRecord,
  InboundMail,
  InboxLogRecord,
  RequestRecord,
  SeenRequest,
  SentAttachment,
  SentEmail
} from "./records.js"

/** The owner of an API key or of an access token. */
export interface Actor {
  readonly keyId: string
  readonly name: string
  /** `team` can use every surface, as far as its scopes allow it. */
  readonly kind: "root" | "mailbox" | "team"
  /** The mailbox of the key, or `undefined` if the key can access every mailbox. */
  readonly mailboxId: string | undefined
  /** Whether every call to a mailbox has to name it, even if there is only one. */
  readonly namesMailbox?: boolean
  /** What an access token allows, and until when. */
  readonly token?: {
    readonly kind: "app" | "agent"
    readonly scopes: ReadonlyArray<string>
    readonly expiresAt: number
  }
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

/** The outcome of a delivery to an address outside the sandbox. */
export type Outcome =
  | "message.delivered"
  | "message.bounced"
  | "message.complained"
  | "message.rejected"
  | "message.delivery_delayed"

/** The events that modules publish for each other. */
export interface Events {
  /** A message was sent. */
  readonly sent: (email: SentEmail) => void
  /** A message arrived in a mailbox. */
  readonly arrived: (mail: ArrivedMail) => void
  /** A mailbox has to forget the changes that happened up to now. */
  readonly forgotten: (mailboxId: string) => void
  /** A message that was sent has an outcome for a recipient. */
  readonly outcome: (
    email: SentEmail,
    recipient: string,
    outcome: Outcome,
    at: number,
    data: Partial<WebhookEventData>
  ) => void
  /** The grants to upload files and the uploaded files have to expire. */
  readonly uploadsExpired: (at: number) => void
  /** The time of the sandbox was moved forward, to the given time. */
  readonly advanced: (at: number) => void
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
  readonly id: IdSource
  /** Makes ids for what only the control knows, so that using it does not change the ids of the API. */
  readonly controlId: IdSource
  readonly clock: SandboxClock
  /** A reset replaces the feed of the world that it ends, so that late changes of that world are not published. */
  feed: ChangeFeed
  readonly rate: RateLimits
  /** Makes numbers in [0, 1), for faults with a probability. */
  readonly random: () => number
  readonly server: ServerLimits
  readonly rules: SendingRules
  /** The owners of the API keys, by key. */
  readonly actors: Map<string, Actor>
  /** The logins, the access tokens and the agents. */
  readonly authority: Authority
  /** The windows of the rate limits, by surface and key. */
  readonly windows: Map<string, Window>
  readonly idempotencyRecords: BoundedMap<string, IdempotencyRecord>
  readonly outbox: Ring<SentEmail>
  readonly emailLog: Ring<EmailLogRecord>
  readonly inboxLog: Ring<InboxLogRecord>
  readonly team: Team
  readonly requests: Ring<RequestRecord>
  /** What the requests and their responses contained. */
  readonly exchanges: Exchanges
  /** The attempts to deliver events. */
  readonly deliveries: Ring<SeenDelivery>
  /** The events that are being delivered or wait for their next attempt. */
  readonly pendingDeliveries: Set<PendingDelivery>
  /** Signs one delivery at a time. */
  readonly signing: Mutex
  /** Stores a message in its mailbox and returns its id there. The mailbox module sets it. */
  store: (mail: ArrivedMail) => string | undefined
  readonly faults: Array<PendingFault>
  /** The number of calls that a fault applied to. */
  faultsApplied: number
  readonly counters: RequestCounters
  /** The ids of the keys that have expired. */
  readonly expiredKeys: Set<string>
  /** Download URLs of an earlier generation have expired. */
  downloadGeneration: number
  readonly listeners: { [Event in keyof Events]: Array<Events[Event]> }
  /** The parts of the state that a restart keeps. Every module adds its own. */
  readonly saved: SavedParts
}

/** The key of the first mailbox, for Sending and Mailbox. */
export const mailboxKey = "smx_mbx_sandbox"

/** The key that can access every mailbox, for Sending and Mailbox. */
export const agentKey = "smx_agent_sandbox"

/** The key of the team, for Management. */
export const rootKey = "smx_root_sandbox"

/** The credential of an integration, for Management and Mailbox. Its calls have to name their mailbox. */
export const integrationKey = "smx_int_sandbox"

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

export interface WorldOptions {
  readonly server?: ServerLimits | undefined
  readonly windowMillis?: number | undefined
  /** Where the ids and the choices of faults begin. */
  readonly seed?: number | undefined
  readonly feed?: ChangeFeed | undefined
  readonly rules?: SendingRules | undefined
  /** The faults that are pending from the beginning. */
  readonly faults?: ReadonlyArray<Fault> | undefined
}

export const makeWorld = (
  limits: SandboxLimits,
  {
    faults = [],
    feed = new ChangeFeed(),
    rules = sendingRules(),
    seed,
    server = defaultServerLimits,
    windowMillis = defaultWindowMillis
  }: WorldOptions = {}
): World => {
  const id = makeIds(seed)
  const controlId = makeIds(0xc0de)
  const { maxEmails, maxStoredBytes } = server
  const world: World = {
    id,
    controlId,
    clock: new SandboxClock(),
    feed,
    rate: { limits, windowMillis },
    random: makeRandom(seed === undefined ? undefined : seed ^ 0xfa17),
    server,
    rules,
    actors: new Map<string, Actor>([
      [
        mailboxKey,
        { keyId: "smx_key_sandbox", name: "Sandbox mailbox", kind: "mailbox", mailboxId: firstMailbox.id }
      ],
      [agentKey, { keyId: "smx_key_agent", name: "Sandbox agent", kind: "mailbox", mailboxId: undefined }],
      [rootKey, { keyId: "smx_key_root", name: "Sandbox team", kind: "root", mailboxId: undefined }],
      [
        integrationKey,
        {
          keyId: "smx_key_integration",
          name: "Sandbox integration",
          kind: "team",
          mailboxId: undefined,
          namesMailbox: true
        }
      ]
    ]),
    authority: new Authority(seed),
    windows: new Map(),
    idempotencyRecords: new BoundedMap({ maxEntries: maxIdempotencyKeys }),
    outbox: new Ring<SentEmail>({ maxEntries: maxEmails, maxWeight: maxStoredBytes, weightOf: storedBytes }),
    emailLog: new Ring({ maxEntries: maxEmails }),
    inboxLog: new Ring({ maxEntries: maxEmails }),
    team: makeTeam(id, firstMailbox),
    requests: new Ring({ maxEntries: server.maxRequests }),
    exchanges: new Exchanges(server.maxRequests),
    deliveries: new Ring({ maxEntries: server.maxDeliveries }),
    pendingDeliveries: new Set(),
    signing: makeMutex(),
    store: () => undefined,
    faults: faults.map((fault) => pendingFault(controlId("flt"), fault)),
    faultsApplied: 0,
    counters: new RequestCounters(),
    expiredKeys: new Set(),
    downloadGeneration: 0,
    listeners: { sent: [], arrived: [], forgotten: [], outcome: [], uploadsExpired: [], advanced: [] },
    saved: new SavedParts()
  }
  addWorld(world)
  return world
}

/** Adds the parts of the world to those that a restart keeps. Rate limits and faults begin again, because they are options. */
const addWorld = (world: World): void => {
  const { saved, server, team } = world
  saved.add("clock", world.clock)
  saved.add("windows", savedMap(world.windows))
  saved.add("actors", savedMap(world.actors))
  saved.add("authority", world.authority)
  saved.add("expiredKeys", savedSet(world.expiredKeys))
  saved.add("mailboxes", savedMap(team.mailboxes))
  saved.add("domains", savedMap(team.domains))
  saved.add("providers", savedMap(team.providers))
  saved.add("webhooks", savedWebhooks(team.webhooks, server.maxDeliveries))
  saved.add("idempotency", savedIdempotency(world.idempotencyRecords))
  saved.add("outbox", world.outbox)
  saved.add("emailLog", world.emailLog)
  saved.add("inboxLog", world.inboxLog)
  saved.add("requests", world.requests)
  saved.add("exchanges", world.exchanges)
  saved.add("counters", world.counters)
  saved.add("deliveries", world.deliveries)
  saved.add(
    "faultsApplied",
    savedValue(
      () => world.faultsApplied,
      (applied) => {
        world.faultsApplied = applied
      }
    )
  )
  saved.add(
    "downloadGeneration",
    savedValue(
      () => world.downloadGeneration,
      (generation) => {
        world.downloadGeneration = generation
      }
    )
  )
}

/** The records whose first request has a response. That of any other request will never be made after a restart. */
const savedIdempotency = (
  records: World["idempotencyRecords"]
): Saved<ReadonlyArray<readonly [string, IdempotencyRecord]>> => ({
  snapshot: () => records.snapshot().filter(([, { response }]) => response !== undefined),
  restore: (entries) => records.restore(entries)
})

/** The kind of key that a surface requires. */
export const kindFor = (surface: Surface): "root" | "mailbox" =>
  surface === "management" ? "root" : "mailbox"
