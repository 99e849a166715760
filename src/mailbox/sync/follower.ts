/**
 * The rounds of `sync.follow`. Each round reads a snapshot of every type that has no state, and then the changes of
 * all types since their states.
 *
 * A snapshot is read page by page while other clients write to the mailbox. Its state is read first, so that the
 * changes include whatever happens meanwhile. Three problems remain, and are handled after each page:
 *
 * - A removal moves the items behind it forward, possibly to a page that was already read. Therefore the changes are
 *   read after each page, and when there are any, the previous page is read again.
 * - An item may be created, listed and removed between two requests for changes, which then need not report it.
 *   Therefore, when anything changed while a page was read, the items of that page are looked up again.
 * - The state may expire. Then the snapshot starts again. When the server keeps forgetting the states, it starts again
 *   in the next round.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import { paginate } from "../../internal/dialect/stream.js"
import { PaginationError, type SendmuxStreamError } from "../../internal/model/errors.js"
import type { RetryPolicy } from "../../internal/timing/retry.js"
import type { SyncType } from "../changes/schemas.js"
import { foreverRetry, retryTransient } from "../endlessRetry.js"
import type { MailboxOptions } from "../options.js"
import type { SyncEvent } from "./elements.js"
import { type Listing, listOrCatchUp, nextListing, type Phase } from "./phases.js"
import {
  type ChangesGroup,
  currentStates,
  readChanges,
  type SyncStates,
  type TypeChanges
} from "./readChanges.js"
import type { Sources } from "./sources.js"

interface FollowerSettings extends ChangesGroup {
  readonly sources: Sources
  readonly types: ReadonlyArray<SyncType>
  readonly since: SyncStates
  readonly limit: number
  readonly retry: RetryPolicy | undefined
  readonly options: MailboxOptions
}

/** What one phase emits, and the phase that follows it in this round. */
type PhaseResult = readonly [ReadonlyArray<SyncEvent>, Option.Option<Phase>]

type Reading<A> = Effect.Effect<A, SendmuxStreamError>

/** The changes of one type since a snapshot's state. */
interface Advance {
  readonly events: ReadonlyArray<SyncEvent>
  readonly token: string
  /** How many items may have moved forward in the list. */
  readonly moved: number
}

/** How often one round starts snapshots. */
const maxBegun = 3

/** Makes the stream of one round. Running it again continues from where the previous round ended. */
export const follower = (settings: FollowerSettings): Stream.Stream<SyncEvent, SendmuxStreamError> => {
  const { limit, options, sources, types } = settings
  /** The states of the types whose copies are complete. */
  let states: SyncStates = Object.fromEntries(
    types.flatMap((type) => (settings.since[type] === undefined ? [] : [[type, settings.since[type]]]))
  )
  /** The states of the types whose snapshots are being read. */
  let tokens: SyncStates = {}
  /** Whether a checkpoint with `caughtUp` was emitted for the current states. */
  let announced = false
  /** Whether any phase has succeeded. Only then an odd response is likely to be an exception. */
  let hasWorked = false
  /** How often this round has started snapshots. */
  let begun = 0

  const checkpoint = (caughtUp: boolean): SyncEvent => {
    announced = caughtUp
    return { _tag: "Checkpoint", states, caughtUp }
  }

  /** Reads types again whose states have expired: in this round, or in the next one after too many starts. */
  const restart = (expired: ReadonlyArray<SyncType>): Option.Option<Phase> => {
    states = without(states, expired)
    return begun < maxBegun ? Option.some<Phase>({ _tag: "Begin", types: expired }) : Option.none()
  }

  const begin = (starting: ReadonlyArray<SyncType>): Reading<PhaseResult> =>
    Effect.gen(function* () {
      tokens = yield* currentStates(settings, starting, limit, options)
      begun++
      const resets = starting.map((type) => sources[type].reset(states))
      return [resets, Option.some(listOrCatchUp(starting, types))]
    })

  const eventsOf = (change: TypeChanges): Reading<ReadonlyArray<SyncEvent>> =>
    Effect.gen(function* () {
      const source = sources[change.type]
      const created: ReadonlyArray<SyncEvent> = yield* source.changed("Created", change.created)
      const updated: ReadonlyArray<SyncEvent> = yield* source.changed("Updated", change.updated)
      return [...created, ...updated, ...source.removed(change.removed)]
    })

  /** Reads all changes since a snapshot's state. `undefined` means that the state has expired. */
  const advance = (type: SyncType): Reading<Advance | undefined> =>
    Effect.gen(function* () {
      const events: Array<SyncEvent> = []
      let token = tokens[type]
      let moved = 0
      for (;;) {
        const [change] = yield* readChanges(settings, [type], { [type]: token }, limit, options)
        if (change === undefined || change._tag === "ResyncRequired") return undefined
        events.push(...(yield* eventsOf(change)))
        moved += change.removed.length + (sources[type].updatesMove ? change.updated.length : 0)
        token = change.newState
        if (!change.hasMore) return { events, token, moved }
      }
    })

  const list = (listing: Listing): Reading<PhaseResult> =>
    Effect.gen(function* () {
      const { cursors, rest, type } = listing
      const { items, next } = yield* sources[type].page(cursors[cursors.length - 1])
      if (next !== undefined && cursors.includes(next)) {
        const operation = `mailbox.${type}.list`
        return yield* new PaginationError({ operation, reason: "RepeatedCursor", requestId: undefined })
      }
      const since = yield* advance(type)
      if (since === undefined) return [[], restart([type, ...rest])]
      const changed = since.token !== tokens[type]
      const ids = items.map(({ id }) => id)
      const lookedUp: ReadonlyArray<SyncEvent> = changed ? yield* sources[type].changed("Updated", ids) : []
      const gone = lookedUp.filter(({ _tag }) => _tag === "Removed")
      tokens = { ...tokens, [type]: since.token }
      const events: ReadonlyArray<SyncEvent> = [...items, ...since.events, ...gone]
      const moved = since.moved + gone.length
      const following = nextListing(listing, { changed, count: ids.length, moved, next })
      if (following !== undefined) return [events, Option.some<Phase>(following)]
      states = { ...states, [type]: since.token }
      return [[...events, checkpoint(false)], Option.some(listOrCatchUp(rest, types))]
    })

  const catchUp = (pending: ReadonlyArray<SyncType>): Reading<PhaseResult> =>
    Effect.gen(function* () {
      const events: Array<SyncEvent> = []
      const expired: Array<SyncType> = []
      const more: Array<SyncType> = []
      let reached = states
      for (const change of yield* readChanges(settings, pending, states, limit, options)) {
        if (change._tag === "ResyncRequired") {
          expired.push(change.type)
          continue
        }
        events.push(...(yield* eventsOf(change)))
        reached = { ...reached, [change.type]: change.newState }
        if (change.hasMore) more.push(change.type)
      }
      const hasNews = events.length > 0 || types.some((type) => reached[type] !== states[type])
      states = reached
      const done = expired.length === 0 && more.length === 0
      if (hasNews || (done && !announced)) events.push(checkpoint(done))
      if (expired.length > 0) return [events, restart(expired)]
      return [events, more.length > 0 ? Option.some({ _tag: "CatchUp", types: more }) : Option.none()]
    })

  const perform = (phase: Phase): Reading<PhaseResult> => {
    switch (phase._tag) {
      case "Begin":
        return begin(phase.types)
      case "List":
        return list(phase)
      case "CatchUp":
        return catchUp(phase.types)
    }
  }

  const firstPhase = (): Phase => {
    const missing = types.filter((type) => states[type] === undefined)
    return missing.length > 0 ? { _tag: "Begin", types: missing } : { _tag: "CatchUp", types }
  }

  const step = (phase: Phase | undefined): Reading<PhaseResult> =>
    Effect.suspend(() => {
      if (phase !== undefined) return perform(phase)
      begun = 0
      return perform(firstPhase())
    })

  return paginate<Phase | undefined, SyncEvent, SendmuxStreamError, never>(undefined, (phase) =>
    Effect.map(
      retryTransient(operation, step(phase), settings.retry ?? foreverRetry, () => hasWorked),
      (result) => {
        hasWorked = true
        return result
      }
    )
  )
}

const without = (states: SyncStates, types: ReadonlyArray<SyncType>): SyncStates =>
  Object.fromEntries(Object.entries(states).filter(([type]) => !types.some((gone) => gone === type)))

const operation = "mailbox.sync.follow"
