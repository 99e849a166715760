/**
 * Waits for what happens in the sandbox, without a race: what has happened and what will happen is looked at in one step.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { async, maxTimerMillis, timeoutFail } from "../../internal/dialect/core.js"
import type { InstanceRef } from "../instance.js"
import type { Ring } from "../state/bounded.js"
import type { SeenDelivery } from "../state/deliveryLog.js"
import type { Change } from "../state/feed.js"
import type { SeenRequest, SentEmail, World } from "../state/world.js"
import { SandboxTimeoutError } from "./errors.js"
import { arrivalOf, type SeenArrival } from "./filters.js"

/** An item and its position, which is that of the item after it: a wait from there does not find it again. */
export interface Seen<out A> {
  readonly item: A
  readonly position: number
}

/** A kind of what can be waited for. */
export interface Watched<A> {
  readonly kind: SandboxTimeoutError["kind"]
  readonly list: (world: World) => Pick<Ring<unknown>, "start" | "end">
  /** The kept items from a position on. */
  readonly from: (world: World, position: number) => ReadonlyArray<A>
  /** The item of a change, or `undefined` if the change is of another kind. */
  readonly ofChange: (change: Change) => { readonly item: A; readonly position: number } | undefined
  readonly idOf: (item: A) => string
  /** A line for an error. It contains no secrets. */
  readonly describe: (item: A) => string
}

const itemsFrom = <A>(ring: Ring<A>, position: number): ReadonlyArray<A> =>
  ring.slice(position, Number.POSITIVE_INFINITY).items

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text)

export const emails: Watched<SentEmail> = {
  kind: "email",
  list: ({ outbox }) => outbox,
  from: ({ outbox }, position) => itemsFrom(outbox, position),
  ofChange: (change) => (change.kind === "email" ? change : undefined),
  idOf: ({ id }) => id,
  describe: ({ from, subject, to }) =>
    `"${short(subject)}" from ${from.email} to ${to.map(({ email }) => email).join(", ")}`
}

export const arrivals: Watched<SeenArrival> = {
  kind: "arrival",
  list: ({ inboxLog }) => inboxLog,
  from: ({ inboxLog }, position) => itemsFrom(inboxLog, position).map(arrivalOf),
  ofChange: (change) =>
    change.kind === "arrival" ? { item: arrivalOf(change.item), position: change.position } : undefined,
  idOf: ({ id }) => id,
  describe: ({ from, subject, to }) => `"${short(subject)}" from ${from.email} in ${to}`
}

export const requests: Watched<SeenRequest> = {
  kind: "request",
  list: ({ requests }) => requests,
  from: ({ requests }, position) => itemsFrom(requests, position).map((request) => ({ ...request })),
  ofChange: (change) =>
    change.kind === "request" || change.kind === "response"
      ? { item: { ...change.item }, position: change.position }
      : undefined,
  idOf: ({ requestId }) => requestId,
  describe: ({ method, operation, path, state, status }) =>
    `${operation ?? `${method} ${short(path)}`} (${status === undefined ? state : `status ${status}`})`
}

export const deliveries: Watched<SeenDelivery> = {
  kind: "delivery",
  list: ({ deliveries }) => deliveries,
  from: ({ deliveries }, position) => itemsFrom(deliveries, position),
  ofChange: (change) => (change.kind === "delivery" ? change : undefined),
  idOf: ({ id }) => id,
  describe: ({ attempt, status, type, webhook }) =>
    `${type} to ${webhook}, attempt ${attempt} (${status === null ? "no response" : `status ${status}`})`
}

/** The number of items that an error names. */
const maxNamed = 10

const timeoutError = <A>(
  { describe, from, kind }: Watched<A>,
  world: World,
  position: number,
  millis: number
): SandboxTimeoutError => {
  const others = from(world, position)
  return new SandboxTimeoutError({
    kind,
    waited: Duration.millis(millis),
    count: others.length,
    seen: others.slice(-maxNamed).reverse().map(describe)
  })
}

/** Waits for an item at a position or after it. */
export const waitFrom = <A>(
  sandbox: InstanceRef,
  watched: Watched<A>,
  matches: (item: A) => boolean,
  { millis, position }: { readonly millis: number; readonly position: number }
): Effect.Effect<Seen<A>, SandboxTimeoutError> => {
  let start = position
  const found = async<Seen<A>>((resume) => {
    const { world } = sandbox.current
    const first = Math.max(position, watched.list(world).start)
    const known = watched.from(world, first)
    const index = known.findIndex(matches)
    const item = known[index]
    if (item !== undefined) {
      resume(Effect.succeed({ item, position: first + index + 1 }))
      return
    }
    const stop = world.feed.subscribe((change) => {
      // After a reset, positions begin again.
      if (change.kind === "reset") start = 0
      const next = watched.ofChange(change)
      if (next === undefined || next.position < start) return
      const tested = test(matches, next.item)
      if (tested === false) return
      stop()
      resume(tested === true ? Effect.succeed({ item: next.item, position: next.position + 1 }) : tested)
    })
    return Effect.sync(stop)
  })
  if (millis === Number.POSITIVE_INFINITY) return found
  return timeoutFail(found, Math.min(millis, maxTimerMillis), () =>
    timeoutError(watched, sandbox.current.world, start, millis)
  )
}

/** The result of a predicate. What it throws belongs to the wait, and not to the request that is being handled. */
const test = <A>(matches: (item: A) => boolean, item: A): boolean | Effect.Effect<never> => {
  try {
    return matches(item)
  } catch (thrown) {
    return Effect.die(thrown)
  }
}

/** The position after the item with an id. An id that is no longer known stands for the oldest item. */
export const positionAfter = <A>(watched: Watched<A>, world: World, id: string | undefined): number => {
  if (id === undefined) return 0
  const { start } = watched.list(world)
  return start + watched.from(world, start).findIndex((item) => watched.idOf(item) === id) + 1
}
