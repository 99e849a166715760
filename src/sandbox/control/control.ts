/**
 * The hand that steers the sandbox from a test.
 */
import * as Effect from "effect/Effect"
import { now } from "../../internal/dialect/core.js"
import type { Fault } from "../state/faults.js"
import {
  type Address,
  type InboundMail,
  receive,
  type SeenRequest,
  type SentAttachment,
  type SentEmail,
  type World
} from "../state/world.js"

/** Mail to bring in from outside. */
export interface InboundInput {
  /** The address of one of the sandbox's mailboxes. */
  readonly to: string
  /** Default: `someone@example.org`. */
  readonly from?: string | Address | undefined
  readonly subject?: string | undefined
  readonly text?: string | undefined
  readonly html?: string | undefined
  /** Further headers, such as `In-Reply-To`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly attachments?: ReadonlyArray<SentAttachment> | undefined
  /** Puts it into the junk folder. Default: `false`. */
  readonly spam?: boolean | undefined
}

/** See `Sandbox.Control`. */
export interface SandboxControl {
  /** Every message that was sent, oldest first, by Sending or from a mailbox. */
  readonly outbox: Effect.Effect<ReadonlyArray<SentEmail>>
  /** Every request that arrived, oldest first, without its credential. */
  readonly requests: Effect.Effect<ReadonlyArray<SeenRequest>>
  /** Orders a fault for the next calls. Faults befall calls in the order they were ordered. */
  readonly inject: (fault: Fault) => Effect.Effect<void>
  /** Takes back the faults that have befallen nobody yet. */
  readonly clearFaults: Effect.Effect<void>
  /** Brings mail in from outside; `false` when no mailbox of the sandbox has the address. */
  readonly deliver: (mail: InboundInput) => Effect.Effect<boolean>
  /**
   * Lets a mailbox, named by its id or address, forget what changed in it up to now: earlier states are answered with
   * `sync_required`, and so are earlier ids of events. `false` when there is no such mailbox.
   */
  readonly forgetChanges: (mailbox: string) => Effect.Effect<boolean>
}

export const makeControl = (world: World): SandboxControl => ({
  outbox: Effect.sync(() => [...world.outbox]),
  requests: Effect.sync(() => [...world.requests]),
  inject: (fault) =>
    Effect.sync(() => {
      world.faults.push({ ...fault })
    }),
  clearFaults: Effect.sync(() => {
    world.faults.length = 0
  }),
  deliver: (mail) => Effect.map(now, (receivedAt) => receive(world, inboundOf(mail, receivedAt))),
  forgetChanges: (mailbox) =>
    Effect.sync(() => {
      const known = [...world.team.mailboxes.values()].find(
        ({ email, id }) => id === mailbox || email === mailbox.toLowerCase()
      )
      if (known === undefined) return false
      for (const listener of world.listeners.forgotten) listener(known.id)
      return true
    })
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
