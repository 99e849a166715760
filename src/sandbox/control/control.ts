/**
 * The control with which a test inspects and steers the sandbox.
 */
import * as Effect from "effect/Effect"
import type { DurationInput } from "../../internal/dialect/core.js"
import type { InstanceRef } from "../instance.js"
import { type Fault, pendingFault } from "../state/faults.js"
import { receive } from "../state/mail.js"
import { windowMillisOf } from "../state/rateWindow.js"
import type {
  Address,
  InboundMail,
  InboxLogRecord,
  SandboxLimits,
  SeenRequest,
  SentAttachment,
  SentEmail
} from "../state/world.js"

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
  /** Injects a fault into the next calls, and returns its id. Faults apply in the order in which they were injected. */
  readonly inject: (fault: Fault) => Effect.Effect<string>
  /** Removes the faults that did not apply to a call yet, and those that apply without limit. */
  readonly clearFaults: Effect.Effect<void>
  /**
   * Delivers a message from outside the sandbox. Succeeds with `undefined` if no active mailbox of the sandbox has the
   * address.
   */
  readonly deliver: (mail: InboundInput) => Effect.Effect<DeliveredMessage | undefined>
  /**
   * Makes a mailbox, given by its id or address, forget its changes up to now. A call with an earlier state or an
   * earlier event id then receives `sync_required`. Succeeds with `false` if there is no such mailbox.
   */
  readonly forgetChanges: (mailbox: string) => Effect.Effect<boolean>
  /** Changes the rate limit. Windows that have begun keep their length. */
  readonly setRateLimit: (change: RateLimitChange) => Effect.Effect<void>
}

export const makeControl = (sandbox: InstanceRef): SandboxControl => ({
  outbox: Effect.sync(() => sandbox.current.world.outbox.toArray()),
  requests: Effect.sync(() => sandbox.current.world.requests.toArray().map((request) => ({ ...request }))),
  inject: (fault) =>
    Effect.sync(() => {
      const { world } = sandbox.current
      const id = world.controlId("flt")
      world.faults.push(pendingFault(id, fault))
      world.feed.publish({ kind: "fault", id })
      return id
    }),
  clearFaults: Effect.sync(() => {
    const { world } = sandbox.current
    world.faults.length = 0
    world.feed.publish({ kind: "fault" })
  }),
  deliver: (mail) =>
    Effect.suspend(() => {
      const { world } = sandbox.current
      return Effect.map(world.clock.now, (receivedAt) => {
        const arrived = receive(world, inboundOf(mail, receivedAt))
        return arrived === undefined ? undefined : deliveredOf(arrived)
      })
    }),
  forgetChanges: (mailbox) =>
    Effect.sync(() => {
      const { world } = sandbox.current
      const known = [...world.team.mailboxes.values()].find(
        ({ email, id }) => id === mailbox || email === mailbox.toLowerCase()
      )
      if (known === undefined) return false
      for (const listener of world.listeners.forgotten) listener(known.id)
      return true
    }),
  setRateLimit: ({ limits, window }) =>
    Effect.sync(() => {
      const { world } = sandbox.current
      if (window !== undefined) world.rate.windowMillis = windowMillisOf(window)
      const { mailbox, management, sending } = world.rate.limits
      world.rate.limits = {
        mailbox: limits?.mailbox ?? mailbox,
        management: limits?.management ?? management,
        sending: limits?.sending ?? sending
      }
    })
})

const deliveredOf = ({ id, mailboxId, messageId }: InboxLogRecord): DeliveredMessage => ({
  id: messageId ?? id,
  mailboxId
})

const inboundOf = (mail: InboundInput, receivedAt: number): InboundMail => ({
  to: mail.to,
  from: typeof mail.from === "object" ? mail.from : { email: mail.from ?? "someone@example.org", name: null },
  subject: mail.subject ?? "",
  text: mail.text ?? null,
  html: mail.html ?? null,
  headers: mail.headers ?? {},
  attachments: mail.attachments ?? [],
  spam: mail.spam ?? false,
  receivedAt
})
