/**
 * Keeping a copy of a mailbox true.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { toMillis } from "../../internal/dialect/core.js"
import { paginate, wakeups } from "../../internal/dialect/stream.js"
import type { DurationInput } from "../../internal/model/call.js"
import { InvalidRequestError, type SendmuxStreamError } from "../../internal/model/errors.js"
import type { RetryPolicy } from "../../internal/timing/retry.js"
import { type SyncType, syncTypes } from "../changes/schemas.js"
import type { MailboxOptions } from "../options.js"
import { follower } from "./follower.js"
import { type AskChanges, askFor, type SyncChange, type SyncStates } from "./readChanges.js"
import { makeSources, type SourceGroups, type SyncEvent } from "./sources.js"

export type { ResyncRequired, SyncChange, SyncStates, TypeChanges } from "./readChanges.js"
export type {
  SyncCheckpoint,
  SyncCreated,
  SyncEvent,
  SyncRemoved,
  SyncReset,
  SyncSnapshot,
  SyncUpdated,
  SyncValues
} from "./sources.js"

/**
 * Which changes to read.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncChangesInput<out T extends SyncType = SyncType> {
  readonly types: ReadonlyArray<T>
  /** States saved from before. A type without one gives its current state, and no changes. */
  readonly since?: SyncStates | undefined
  /** Changes in one answer, 1 to 500. Default: 500. */
  readonly limit?: number | undefined
}

/**
 * What to follow, and from where.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncFollowInput<out T extends SyncType = SyncType> {
  readonly types: ReadonlyArray<T>
  /** The `states` of the last `Reset` or `Checkpoint` that was handled. A type without one begins with a snapshot. */
  readonly since?: SyncStates | undefined
  /**
   * How long to go without looking for changes when no event comes. Events tell of incoming mail only, so this is
   * how late other changes may be seen. Default: 30 seconds; `Infinity` to look on events alone.
   */
  readonly poll?: DurationInput | undefined
  /** Whether to listen for events; `false` for a credential that may not. Default: `true`. */
  readonly events?: boolean | undefined
  /** Changes in one answer, 1 to 500. Default: 500. */
  readonly limit?: number | undefined
}

/**
 * Options of `sync.follow`.
 *
 * @since 0.1.0
 * @category options
 */
export interface SyncFollowOptions extends MailboxOptions {
  /**
   * How to go on after the network or the server failed for longer than a single call's retries. Default: without
   * end, up to a minute apart. `Retry.none` fails the stream instead.
   */
  readonly retry?: RetryPolicy | undefined
}

/**
 * @since 0.1.0
 * @category services
 */
export interface Sync {
  /**
   * The changes of several kinds of resource since their states, answer after answer until there are no more:
   * `GET /mailbox/changes`. Each element carries the states to save once it is handled.
   *
   * Where the server no longer knows what changed since a state, `ResyncRequired` says so with a state to go on
   * from: read that kind of resource anew.
   */
  readonly changes: <const T extends SyncType>(
    input: SyncChangesInput<T>,
    options?: MailboxOptions
  ) => Stream.Stream<SyncChange<T>, SendmuxStreamError>
  /**
   * A mailbox as a stream that never ends: what is there, then each creation, update and removal, with values.
   *
   * Without saved states a type begins with `Reset` and a `Snapshot` of each item; then come its changes, looked
   * for whenever an event arrives and every so often. Where the server no longer knows what changed, it begins with
   * `Reset` again. Save the `states` of `Reset` and `Checkpoint` together with what came before them, and start
   * with them again after a crash: every change is seen at least once, and in order, so handle items by their id.
   * A `Checkpoint` with `caughtUp` says that the copy is as new as the mailbox was a moment ago.
   *
   * The stream outlives failures of the network and of the server, and fails where trying again is of no use.
   */
  readonly follow: <const T extends SyncType>(
    input: SyncFollowInput<T>,
    options?: SyncFollowOptions
  ) => Stream.Stream<SyncEvent<T>, SendmuxStreamError>
}

/** What following needs of the other groups. */
interface SyncGroups extends SourceGroups, AskChanges {
  /** Whatever it gives, it is a reason to look. */
  readonly events: {
    readonly listen: (input: undefined, options: MailboxOptions) => Stream.Stream<unknown, SendmuxStreamError>
  }
}

const maxLimit = 500

const defaultPoll = 30_000

const namesOf = { changes: "mailbox.sync.changes", follow: "mailbox.sync.follow" }

/** @internal */
export const makeSync = (groups: SyncGroups): Sync => ({
  changes: <const T extends SyncType>(
    { types, since = {}, limit = maxLimit }: SyncChangesInput<T>,
    options: MailboxOptions = {}
  ) => {
    const problem = typesProblem(types)
    if (problem !== undefined) return refuse(namesOf.changes, problem)
    return paginate({ pending: [...new Set(types)], states: since }, ({ pending, states }) =>
      Effect.map(askFor(groups, pending, states, limit, options), (changes) => {
        const last = changes.at(-1)
        const more = changes.flatMap((change) =>
          change._tag === "Changes" && change.hasMore ? [change.type] : []
        )
        return [
          changes,
          more.length === 0 ? Option.none() : Option.some({ pending: more, states: last?.states ?? states })
        ] as const
      })
    )
  },
  follow: <const T extends SyncType>(
    { types, since = {}, poll = defaultPoll, events = true, limit = maxLimit }: SyncFollowInput<T>,
    { retry, ...options }: SyncFollowOptions = {}
  ) => {
    const pollMillis = toMillis(poll)
    const problem =
      typesProblem(types) ??
      (pollMillis === undefined || pollMillis <= 0 ? "poll must be a duration of more than zero" : undefined)
    if (problem !== undefined || pollMillis === undefined) return refuse(namesOf.follow, problem ?? "")
    const isFollowed = (event: SyncEvent): event is SyncEvent<T> =>
      event._tag === "Checkpoint" || types.some((type) => type === event.type)
    return Stream.suspend(() => {
      const round = follower({
        changes: groups.changes,
        sources: makeSources(groups, options),
        types: [...new Set<SyncType>(types)],
        since,
        limit,
        retry,
        options
      })
      const heard = events ? groups.events.listen(undefined, options) : Stream.never
      const signals = wakeups(heard, pollMillis)
      return Stream.filter(
        Stream.flatMap(signals, () => round),
        isFollowed
      )
    })
  }
})

const refuse = (operation: string, issue: string): Stream.Stream<never, InvalidRequestError> =>
  Stream.fail(new InvalidRequestError({ operation, issue }))

const typesProblem = (types: ReadonlyArray<unknown>): string | undefined => {
  if (!Array.isArray(types) || types.length === 0) return "types must name at least one kind of resource"
  const known: ReadonlyArray<unknown> = syncTypes
  return types.every((type) => known.includes(type))
    ? undefined
    : `types must be among ${syncTypes.join(", ")}`
}
