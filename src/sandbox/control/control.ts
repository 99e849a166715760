/**
 * The control with which a test inspects and steers the sandbox.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type DurationInput, toMillis } from "../../internal/dialect/core.js"
import type { InstanceRef } from "../instance.js"
import { makeOAuthControl } from "../oauth/control.js"
import { checkFault, type PendingFault, pendingFault } from "../state/faults.js"
import { receive } from "../state/mail.js"
import { applyOutcome } from "../state/outcomes.js"
import { windowMillisOf } from "../state/rateWindow.js"
import type { InboundMail, InboxLogRecord, World } from "../state/world.js"
import { matchesArrival, matchesDelivery, matchesEmail, matchesRequest } from "./filters.js"
import type {
  DeliveredMessage,
  InboundInput,
  InjectedFault,
  SandboxControl,
  VerificationChange,
  Wait
} from "./model.js"
import { inboundOfRaw } from "./rawMail.js"
import { arrivals, deliveries, emails, positionAfter, requests, type Watched, waitFrom } from "./waits.js"

/** A sandbox that can return to its start. */
export interface Resettable extends InstanceRef {
  readonly reset: () => void
}

export const makeControl = (sandbox: Resettable): SandboxControl => {
  /** Works on the state as it is when the effect runs. */
  const onWorld = <A>(f: (world: World) => A): Effect.Effect<A> => Effect.sync(() => f(sandbox.current.world))
  /** Works on the state at a time. */
  const atTime = <A>(f: (world: World, now: number) => A): Effect.Effect<A> =>
    Effect.suspend(() => {
      const { world } = sandbox.current
      return Effect.map(world.clock.now, (now) => f(world, now))
    })
  return {
    outbox: onWorld(({ outbox }) => outbox.toArray()),
    requests: onWorld(({ requests }) => requests.toArray().map((request) => ({ ...request }))),
    exchange: (requestId) => onWorld(({ exchanges }) => exchanges.get(requestId)),
    counters: onWorld(({ counters, deliveries, faultsApplied, inboxLog, outbox }) => ({
      requests: counters.show(),
      emails: outbox.end,
      arrivals: inboxLog.end,
      deliveries: deliveries.end,
      faults: faultsApplied
    })),

    waitForEmail: waitFor(sandbox, emails, matchesEmail),
    waitForArrival: waitFor(sandbox, arrivals, matchesArrival),
    waitForRequest: waitFor(sandbox, requests, matchesRequest),
    waitForDelivery: waitFor(sandbox, deliveries, matchesDelivery),

    inject: (fault) =>
      onWorld((world) => {
        checkFault(fault)
        const id = world.controlId("flt")
        world.faults.push(pendingFault(id, fault))
        world.feed.publish({ kind: "fault", id })
        return id
      }),
    faults: onWorld(({ faults }) => faults.map(injectedOf)),
    unusedFaults: onWorld(unusedFaults),
    removeFault: (id) =>
      onWorld(({ faults, feed }) => {
        const index = faults.findIndex((fault) => fault.id === id)
        if (index === -1) return false
        faults.splice(index, 1)
        feed.publish({ kind: "fault", id })
        return true
      }),
    clearFaults: onWorld(({ faults, feed }) => {
      faults.length = 0
      feed.publish({ kind: "fault" })
    }),

    deliver: (mail) =>
      atTime((world, now) => {
        const arrived = receive(world, inboundOf(mail, now))
        return arrived === undefined ? undefined : deliveredOf(arrived)
      }),
    deliverRaw: (mail, options = {}) =>
      Effect.flatMap(
        atTime((_, now) => now),
        (now) =>
          Effect.map(inboundOfRaw(mail, options, now), (messages) =>
            messages.flatMap((message) => {
              const arrived = receive(sandbox.current.world, message)
              return arrived === undefined ? [] : [deliveredOf(arrived)]
            })
          )
      ),
    setOutcome: (emailId, outcome) => atTime((world, now) => applyOutcome(world, emailId, outcome, now)),
    forgetChanges: (mailbox) =>
      onWorld(({ feed, listeners, team }) => {
        const known = [...team.mailboxes.values()].find(
          ({ email, id }) => id === mailbox || email === mailbox.toLowerCase()
        )
        if (known === undefined) return false
        for (const listener of listeners.forgotten) listener(known.id)
        feed.publish({ kind: "team" })
        return true
      }),
    setVerification: (domain, change) => atTime((world, now) => setVerification(world, domain, change, now)),
    expireUploads: atTime(({ feed, listeners }, now) => {
      for (const listener of listeners.uploadsExpired) listener(now)
      feed.publish({ kind: "team" })
    }),
    expireDownloads: onWorld((world) => {
      world.downloadGeneration++
      world.feed.publish({ kind: "team" })
    }),
    expireKey: (key) =>
      onWorld(({ actors, expiredKeys, feed }) => {
        const given = Redacted.isRedacted(key) ? Redacted.value(key) : key
        const actor =
          typeof given !== "string"
            ? undefined
            : (actors.get(given) ?? [...actors.values()].find(({ keyId }) => keyId === given))
        if (actor === undefined) return false
        expiredKeys.add(actor.keyId)
        feed.publish({ kind: "team" })
        return true
      }),
    oauth: makeOAuthControl(sandbox),
    setRateLimit: ({ limits, window }) =>
      onWorld(({ feed, rate }) => {
        if (window !== undefined) rate.windowMillis = windowMillisOf(window)
        const { mailbox, management, sending } = rate.limits
        rate.limits = {
          mailbox: limits?.mailbox ?? mailbox,
          management: limits?.management ?? management,
          sending: limits?.sending ?? sending
        }
        feed.publish({ kind: "team" })
      }),

    now: atTime((_, now) => now),
    advance: (duration) =>
      atTime((world, now) => {
        const millis = millisOf("the time of an advance", duration)
        if (!(world.clock.ahead + millis <= maxAheadMillis)) {
          throw new RangeError("Sandbox: the time can be at most 100 years ahead of the clock")
        }
        world.clock.advance(millis)
        for (const listener of world.listeners.advanced) listener(now + millis)
        world.feed.publish({ kind: "clock" })
        return now + millis
      }),
    reset: Effect.sync(() => sandbox.reset())
  }
}

/** How far the time may be ahead of the clock, so that every time stays a valid date. */
export const maxAheadMillis = 100 * 365.25 * 86_400_000

const defaultTimeout: DurationInput = 10_000

/** A duration in milliseconds. Throws a `RangeError` if it is not one. */
const millisOf = (what: string, duration: DurationInput): number => {
  const millis = toMillis(duration)
  if (millis === undefined) throw new RangeError(`Sandbox: ${what} must be a duration that is not negative`)
  return millis
}

const waitFor =
  <Item, Filter extends object>(
    sandbox: InstanceRef,
    watched: Watched<Item>,
    matches: (filter: Filter) => (item: Item) => boolean
  ): Wait<Item, Filter> =>
  (matching, { after, timeout = defaultTimeout } = {}) =>
    Effect.suspend(() => {
      const predicate =
        typeof matching === "function" ? matching : matching === undefined ? () => true : matches(matching)
      return waitFrom(sandbox, watched, predicate, {
        millis: millisOf("the timeout of a wait", timeout),
        position: positionAfter(watched, sandbox.current.world, after)
      })
    }).pipe(Effect.map(({ item }) => item))

export const injectedOf = ({ fault, hits, id }: PendingFault): InjectedFault => ({ ...fault, id, hits })

/** The faults that did not apply to a call. */
export const unusedFaults = ({ faults }: World): ReadonlyArray<InjectedFault> =>
  faults.filter(({ hits }) => hits === 0).map(injectedOf)

/** Logs the faults that did not apply to a call. */
export const warnOfUnusedFaults = (sandbox: InstanceRef): Effect.Effect<void> =>
  Effect.suspend(() => {
    const unused = unusedFaults(sandbox.current.world)
    if (unused.length === 0) return Effect.void
    const shown = unused.map(
      ({ id, kind, operation }) => `${kind._tag} of ${operation ?? "any operation"} (${id})`
    )
    return Effect.logWarning(`The sandbox has injected faults that no call has met: ${shown.join(", ")}`)
  })

const setVerification = (
  world: World,
  domain: string,
  { duration, verification }: VerificationChange,
  now: number
): boolean => {
  const record = [...world.team.domains.values()].find(
    (known) => known.id === domain || known.domain === domain.toLowerCase()
  )
  if (record === undefined) return false
  const millis =
    duration === undefined ? Number.POSITIVE_INFINITY : millisOf("the duration of a verification", duration)
  if (verification === "pass") {
    record.override = undefined
    record.verifiedAt ??= now
  } else record.override = { status: verification === "hold" ? "pending" : "failed", until: now + millis }
  world.feed.publish({ kind: "team" })
  return true
}

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
