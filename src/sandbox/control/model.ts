/**
 * The types of the control.
 */
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { DurationInput } from "../../internal/dialect/core.js"
import type { OAuthControl } from "../oauth/control.js"
import type { SeenDelivery } from "../state/deliveryLog.js"
import type { SeenExchange } from "../state/exchanges.js"
import type { Fault } from "../state/faults.js"
import type { SentOutcome } from "../state/outcomes.js"
import type { Address, SandboxLimits, SeenRequest, SentAttachment, SentEmail } from "../state/world.js"
import type { InboundMailError, SandboxTimeoutError } from "./errors.js"
import type { ArrivalFilter, DeliveryFilter, EmailFilter, RequestFilter, SeenArrival } from "./filters.js"

/** A message from outside the sandbox. */
export interface InboundInput {
  /** The address of a mailbox of the sandbox. */
  readonly to: string
  /** Default: `someone@example.org`. */
  readonly from?: string | Address | undefined
  /** Default: empty. */
  readonly subject?: string | undefined
  readonly text?: string | undefined
  readonly html?: string | undefined
  /** Further headers, such as `In-Reply-To`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly attachments?: ReadonlyArray<SentAttachment> | undefined
  /** Whether the message is put into the junk folder. Default: `false`. */
  readonly spam?: boolean | undefined
}

/** The options of `deliverRaw`. */
export interface RawMailOptions {
  /** The addresses that the message is delivered to. Default: those in the headers of the message. */
  readonly to?: string | ReadonlyArray<string> | undefined
  /** Whether the message is put into the junk folder. Default: `false`. */
  readonly spam?: boolean | undefined
}

/** A message that arrived in a mailbox. */
export interface DeliveredMessage {
  /** The id of the message in its mailbox, which starts with `msg_`. */
  readonly id: string
  readonly mailboxId: string
}

/** A change of the rate limit. What is left out stays as it is. */
export interface RateLimitChange {
  /** The limits in requests per key, surface and window. */
  readonly limits?: { readonly [Surface in keyof SandboxLimits]?: number | undefined } | undefined
  /** The length of the windows that begin from now on, at least 1 second. */
  readonly window?: DurationInput | undefined
}

/** What the verification of a domain reports. */
export interface VerificationChange {
  /** `pass` verifies the domain. `hold` leaves it pending, and `fail` makes it fail. */
  readonly verification: "pass" | "hold" | "fail"
  /** How long `hold` and `fail` last, in the time of the sandbox. Default: without end. */
  readonly duration?: DurationInput | undefined
}

/** A fault that was injected. */
export interface InjectedFault extends Fault {
  /** Starts with `flt_`. */
  readonly id: string
  /** The number of calls that the fault applied to. */
  readonly hits: number
}

/** What has happened in a sandbox since its start or its last reset. */
export interface SandboxCounters {
  /**
   * The number of requests by operation and status, such as `{ "sending.emails.send": { "200": 2, "429": 1 } }`. Status `0`
   * stands for a connection that a fault broke, and `abandoned` for one that the client closed before the response. `none` is
   * the operation of requests that belong to none. Requests to the control are not counted.
   */
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The number of messages that were sent. */
  readonly emails: number
  /** The number of messages that arrived in mailboxes. */
  readonly arrivals: number
  /** The number of attempts to deliver events to webhooks. */
  readonly deliveries: number
  /** The number of calls that a fault applied to. */
  readonly faults: number
}

/** The options of a wait. */
export interface SeenOptions {
  /** How long to wait, measured by `Clock`. Default: 10 seconds. */
  readonly timeout?: DurationInput | undefined
  /** The id of an earlier item, such as the result of an earlier wait: only later items match. */
  readonly after?: string | undefined
}

/**
 * Waits for something to happen. What has happened already counts, so a wait may start before or after the program under
 * test does its work.
 */
export type Wait<Item, Filter> = (
  matching?: Filter | ((item: Item) => boolean),
  options?: SeenOptions
) => Effect.Effect<Item, SandboxTimeoutError>

/** Inspects and steers a sandbox. It is provided as `Sandbox.Control`. */
export interface SandboxControl {
  /**
   * The messages that were sent, through Sending or from a mailbox, oldest first. The newest 10,000 are kept, with at
   * most 256 MiB of content, unless `maxEmails` or `maxStoredBytes` of the sandbox are set.
   */
  readonly outbox: Effect.Effect<ReadonlyArray<SentEmail>>
  /**
   * The requests that the sandbox received, without their credentials, oldest first. A request is recorded when it
   * arrives. The newest 10,000 are kept, unless `maxRequests` of the sandbox is set.
   */
  readonly requests: Effect.Effect<ReadonlyArray<SeenRequest>>
  /**
   * The bodies of a request and of its response, given the request id, and the fault that applied to it. Secrets are replaced.
   * Succeeds with `undefined` if they are not kept. At most 64 KiB of each body are kept, and 32 MiB in all.
   */
  readonly exchange: (requestId: string) => Effect.Effect<SeenExchange | undefined>
  /** What has happened since the start or the last reset. */
  readonly counters: Effect.Effect<SandboxCounters>

  /** Waits for a message to be sent, through Sending or from a mailbox. */
  readonly waitForEmail: Wait<SentEmail, EmailFilter>
  /** Waits for a message to arrive in a mailbox. */
  readonly waitForArrival: Wait<SeenArrival, ArrivalFilter>
  /**
   * Waits for a request to arrive. With a `status` it waits until the response is known. A predicate is tried when the request
   * arrives, and again when its response is known.
   */
  readonly waitForRequest: Wait<SeenRequest, RequestFilter>
  /** Waits for an attempt to deliver an event to a webhook. */
  readonly waitForDelivery: Wait<SeenDelivery, DeliveryFilter>

  /**
   * Injects a fault into the next calls, and returns its id. Faults apply in the order in which they were injected.
   *
   * Dies with a `RangeError` if the fault could never apply, such as one whose operation does not exist.
   */
  readonly inject: (fault: Fault) => Effect.Effect<string>
  /** The faults that may still apply to a call, in the order in which they were injected. */
  readonly faults: Effect.Effect<ReadonlyArray<InjectedFault>>
  /**
   * The faults that did not apply to any call. When the scope of the sandbox closes, they are also logged as a warning,
   * because a test with such a fault does not test what it seems to.
   */
  readonly unusedFaults: Effect.Effect<ReadonlyArray<InjectedFault>>
  /** Removes a fault. Succeeds with `false` if it is not pending. */
  readonly removeFault: (id: string) => Effect.Effect<boolean>
  /** Removes the faults that did not apply to a call yet, and those that apply without limit. */
  readonly clearFaults: Effect.Effect<void>

  /**
   * Delivers a message from outside the sandbox. Succeeds with `undefined` if no active mailbox of the sandbox has the
   * address.
   */
  readonly deliver: (mail: InboundInput) => Effect.Effect<DeliveredMessage | undefined>
  /**
   * Delivers a message in the format of RFC 5322 to each active mailbox of the sandbox that it is addressed to. The result is
   * empty if there is none. Fails if the message cannot be read, or if it names no recipient and `to` is not set.
   */
  readonly deliverRaw: (
    mail: string | Uint8Array,
    options?: RawMailOptions
  ) => Effect.Effect<ReadonlyArray<DeliveredMessage>, InboundMailError>
  /**
   * Reports what becomes of a sent message, given its id: its log changes, and webhooks receive the event. Succeeds with
   * `false` if the outbox does not contain the message, or the message does not have the recipient.
   */
  readonly setOutcome: (emailId: string, outcome: SentOutcome) => Effect.Effect<boolean>
  /**
   * Makes a mailbox, given by its id or address, forget its changes up to now. A call with an earlier state or an
   * earlier event id then receives `sync_required`. Succeeds with `false` if there is no such mailbox.
   */
  readonly forgetChanges: (mailbox: string) => Effect.Effect<boolean>
  /**
   * Sets what the verification of a domain reports, given its id or name: to `domains.verify` and to reads. Succeeds with
   * `false` if there is no such domain.
   */
  readonly setVerification: (domain: string, change: VerificationChange) => Effect.Effect<boolean>
  /** Makes the upload URLs and the uploaded files of all surfaces expire. Files of sent messages stay. */
  readonly expireUploads: Effect.Effect<void>
  /** Makes the download URLs of attachments that were issued up to now expire. */
  readonly expireDownloads: Effect.Effect<void>
  /** Makes an API key, given as such or by its id, expire. Succeeds with `false` if there is no such key. */
  readonly expireKey: (key: string | Redacted.Redacted) => Effect.Effect<boolean>
  /** Changes the rate limit. Windows that have begun keep their length. */
  readonly setRateLimit: (change: RateLimitChange) => Effect.Effect<void>
  /** Plays the people who log in and who own agents. */
  readonly oauth: OAuthControl

  /** The time of the sandbox in milliseconds since the epoch: that of `Clock`, moved forward by `advance`. */
  readonly now: Effect.Effect<number>
  /**
   * Moves the time of the sandbox forward, and returns the new time. Windows of the rate limit, idempotency keys, grants and
   * keys age, and what is due then happens: drafts that are scheduled are sent at their times, and deliveries are repeated.
   * Deliveries take place in the background; `waitForDelivery` waits for one. `Clock` is not changed, so timeouts and retries
   * of the program under test are not affected, and deliveries are signed with the time of `Clock`.
   *
   * Dies with a `RangeError` if the duration is negative or infinite.
   */
  readonly advance: (duration: DurationInput) => Effect.Effect<number>
  /**
   * Returns the sandbox to its state at the start: without messages, faults and changes of the team, with the same ids in the
   * same order, and with the time of `Clock`. Deliveries in progress are cancelled, and event streams end.
   */
  readonly reset: Effect.Effect<void>
}
