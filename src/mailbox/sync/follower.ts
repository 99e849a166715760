/**
 * One look after the other at a mailbox: a snapshot where there is no state, then what changed since.
 *
 * A snapshot is read page by page while others go on writing. Its state is taken before it, so that what happens
 * meanwhile is found in the changes; three things would still go wrong, and are looked after page by page:
 *
 * - A removal moves the items behind it forward, past the place from which the next page is read. So the changes are
 *   read after each page, and when there are any the reading goes back by a page.
 * - An item may be created, listed and removed between two looks at the changes, which then need not name it. So
 *   when anything has changed around a page, its items are looked up again.
 * - The state may expire. Then the snapshot begins anew; with a server that forgets each state at once, at the next
 *   look.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import { catchAll, retryWhile } from "../../internal/dialect/core.js"
import { paginate } from "../../internal/dialect/stream.js"
import { PaginationError, type SendmuxStreamError } from "../../internal/model/errors.js"
import { policy, type RetryPolicy } from "../../internal/timing/retry.js"
import type { SyncType } from "../changes/schemas.js"
import type { MailboxOptions } from "../options.js"
import { type AskChanges, askFor, currentStates, type SyncStates } from "./readChanges.js"
import type { Sources, SyncEvent } from "./sources.js"

interface Following extends AskChanges {
  readonly sources: Sources
  readonly types: ReadonlyArray<SyncType>
  readonly since: SyncStates
  readonly limit: number
  readonly retry: RetryPolicy | undefined
  readonly options: MailboxOptions
}

/** What to do next in a look. */
type Phase =
  /** Take the states of types that have none, and begin their snapshots. */
  | { readonly _tag: "Begin"; readonly types: ReadonlyArray<SyncType> }
  | Listing
  | { readonly _tag: "CatchUp"; readonly types: ReadonlyArray<SyncType> }

/** Read a page of a snapshot. */
interface Listing {
  readonly _tag: "List"
  readonly type: SyncType
  /** The types whose snapshots come after this one. */
  readonly rest: ReadonlyArray<SyncType>
  /** The cursors of the pages up to this one. */
  readonly cursors: readonly [...before: ReadonlyArray<string | undefined>, current: string | undefined]
  /** How many items a page has. */
  readonly size: number
  /** How often the reading went back because of changes that name no removal. */
  readonly restless: number
}

type Step = readonly [ReadonlyArray<SyncEvent>, Option.Option<Phase>]

type Looking<A> = Effect.Effect<A, SendmuxStreamError>

/** A mailbox whose states never rest must not keep a snapshot from ending. */
const maxRestless = 100

/** How many snapshots one look begins. */
const maxBegun = 3

const patient = policy({
  maxAttempts: Number.POSITIVE_INFINITY,
  baseDelay: 1_000,
  maxDelay: 60_000,
  budget: Number.POSITIVE_INFINITY
})

const passes = (error: SendmuxStreamError): boolean =>
  error._tag === "TransportError" || (error._tag === "APIError" && error.retryable)

/** A stream that is one look; it remembers how far the looks before it came. */
export const follower = (following: Following): Stream.Stream<SyncEvent, SendmuxStreamError> => {
  const { changes, limit, options, sources, types } = following
  /** The states of the types whose copies are whole. */
  let states: SyncStates = Object.fromEntries(
    types.flatMap((type) => (following.since[type] === undefined ? [] : [[type, following.since[type]]]))
  )
  /** The states of the types whose snapshots are being read. */
  let tokens: SyncStates = {}
  /** Whether somebody was told that the copy is new, with the states as they are. */
  let announced = false
  /** How many snapshots this look has begun. */
  let begun = 0

  const checkpoint = (caughtUp: boolean): SyncEvent => {
    announced = caughtUp
    return { _tag: "Checkpoint", states, caughtUp }
  }

  /** What was lost is read anew, if not in this look then in the next. */
  const restart = (lost: ReadonlyArray<SyncType>): Option.Option<Phase> => {
    states = without(states, lost)
    return begun < maxBegun ? Option.some<Phase>({ _tag: "Begin", types: lost }) : Option.none()
  }

  const begin = (lost: ReadonlyArray<SyncType>): Looking<Step> =>
    Effect.map(currentStates({ changes }, lost, limit, options), (current) => {
      tokens = { ...tokens, ...current }
      states = without(states, lost)
      announced = false
      begun++
      const resets = lost.map((type) => sources[type].reset(states))
      return [resets, Option.some(listOrCatchUp(lost))]
    })

  const listOrCatchUp = ([type, ...rest]: ReadonlyArray<SyncType>): Phase =>
    type === undefined
      ? { _tag: "CatchUp", types }
      : { _tag: "List", type, rest, cursors: [undefined], size: 0, restless: 0 }

  /** What changed since the token of a snapshot, up to now. `undefined` when the token has expired. */
  const advance = (type: SyncType): Looking<Advance | undefined> =>
    Effect.gen(function* () {
      const events: Array<SyncEvent> = []
      let token = tokens[type]
      let moved = 0
      for (;;) {
        const [change] = yield* askFor({ changes }, [type], { [type]: token }, limit, options)
        if (change === undefined || change._tag === "ResyncRequired") return undefined
        events.push(...(yield* eventsOf(type, change)))
        moved += change.removed.length + (sources[type].updatesMove ? change.updated.length : 0)
        token = change.newState
        if (!change.hasMore) return { events, token, moved }
      }
    })

  const eventsOf = (type: SyncType, change: Named): Looking<ReadonlyArray<SyncEvent>> =>
    Effect.gen(function* () {
      const source = sources[type]
      const created: ReadonlyArray<SyncEvent> = yield* source.changed("Created", change.created)
      const updated: ReadonlyArray<SyncEvent> = yield* source.changed("Updated", change.updated)
      return [...created, ...updated, ...source.removed(change.removed)]
    })

  const list = (listing: Listing): Looking<Step> =>
    Effect.gen(function* () {
      const { cursors, rest, type } = listing
      const source = sources[type]
      const page = yield* source.page(cursors[cursors.length - 1])
      if (page.next !== undefined && cursors.includes(page.next)) {
        const operation = `mailbox.${type}.list`
        return yield* new PaginationError({ operation, reason: "RepeatedCursor", requestId: undefined })
      }
      const since = yield* advance(type)
      if (since === undefined) return [[], restart([type, ...rest])]
      const changed = since.token !== tokens[type]
      const ids = page.items.map(({ id }) => id)
      const lookedUp: ReadonlyArray<SyncEvent> = changed ? yield* source.changed("Updated", ids) : []
      const gone = lookedUp.filter(({ _tag }) => _tag === "Removed")
      tokens = { ...tokens, [type]: since.token }
      const events: ReadonlyArray<SyncEvent> = [...page.items, ...since.events, ...gone]
      const moved = since.moved + gone.length
      const size = Math.max(listing.size, ids.length)
      const isOnlyPage = cursors.length === 1 && page.next === undefined
      if (!isOnlyPage && changed && (moved > 0 || listing.restless < maxRestless)) {
        const again = moved < size ? backOne(cursors) : ([undefined] as const)
        const restless = listing.restless + (moved > 0 ? 0 : 1)
        return [events, Option.some({ ...listing, cursors: again, size, restless })]
      }
      if (page.next !== undefined) {
        return [events, Option.some({ ...listing, cursors: [...cursors, page.next], size })]
      }
      states = { ...states, [type]: since.token }
      return [[...events, checkpoint(false)], Option.some(listOrCatchUp(rest))]
    })

  const catchUp = (pending: ReadonlyArray<SyncType>): Looking<Step> =>
    Effect.gen(function* () {
      const answers = yield* askFor({ changes }, pending, states, limit, options)
      const events: Array<SyncEvent> = []
      const lost: Array<SyncType> = []
      const more: Array<SyncType> = []
      let reached = states
      for (const answer of answers) {
        const { type } = answer
        if (answer._tag === "ResyncRequired") lost.push(type)
        else {
          events.push(...(yield* eventsOf(type, answer)))
          reached = { ...reached, [type]: answer.newState }
          if (answer.hasMore) more.push(type)
        }
      }
      const isNew = events.length > 0 || types.some((type) => reached[type] !== states[type])
      states = reached
      const done = lost.length === 0 && more.length === 0
      if (isNew || (done && !announced)) events.push(checkpoint(done))
      if (lost.length > 0) return [events, restart(lost)]
      return [events, more.length > 0 ? Option.some({ _tag: "CatchUp", types: more }) : Option.none()]
    })

  const take = (phase: Phase): Looking<Step> => {
    switch (phase._tag) {
      case "Begin":
        return begin(phase.types)
      case "List":
        return list(phase)
      case "CatchUp":
        return catchUp(phase.types)
    }
  }

  const first = (): Phase => {
    const missing = types.filter((type) => states[type] === undefined)
    return missing.length > 0 ? { _tag: "Begin", types: missing } : { _tag: "CatchUp", types }
  }

  return paginate<Phase | undefined, SyncEvent, SendmuxStreamError, never>(undefined, (phase) =>
    patiently(
      Effect.suspend(() => {
        if (phase !== undefined) return take(phase)
        begun = 0
        return take(first())
      }),
      following.retry ?? patient
    )
  )
}

/** What a page's surroundings came to. */
interface Advance {
  readonly events: ReadonlyArray<SyncEvent>
  readonly token: string
  /** How many items may have moved forward. */
  readonly moved: number
}

interface Named {
  readonly created: ReadonlyArray<string>
  readonly updated: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
}

const without = (states: SyncStates, types: ReadonlyArray<SyncType>): SyncStates =>
  Object.fromEntries(Object.entries(states).filter(([type]) => !types.some((gone) => gone === type)))

const backOne = (cursors: Listing["cursors"]): Listing["cursors"] =>
  cursors.length > 1 ? [...cursors.slice(0, -2), cursors[cursors.length - 2]] : cursors

/** Tries a step again for as long as the policy says, when its failure may pass. What a page cannot mend is let through. */
const patiently = <A>(step: Looking<A>, retry: RetryPolicy): Looking<A> =>
  Effect.flatMap(
    retryWhile(
      catchAll(
        Effect.map(step, (value) => ({ value })),
        (
          error
        ): Effect.Effect<
          { readonly error: PaginationError },
          Exclude<SendmuxStreamError, PaginationError>
        > => (error._tag === "PaginationError" ? Effect.succeed({ error }) : Effect.fail(error))
      ),
      retry,
      passes
    ),
    (ended) => ("error" in ended ? Effect.fail(ended.error) : Effect.succeed(ended.value))
  )
