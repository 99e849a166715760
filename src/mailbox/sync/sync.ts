/**
 * Keeps a copy of a mailbox in sync: `sync.changes` and `sync.follow`.
 *
 * @since 0.1.0
 */

import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { toMillis } from "../../internal/dialect/core.js"
import { paginate } from "../../internal/dialect/stream.js"
import { wakeups } from "../../internal/dialect/shared/wakeups.js"
import type { DurationInput } from "../../internal/model/call.js"
import type { InvalidRequestError, SendmuxStreamError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import type { RetryPolicy } from "../../internal/timing/retry.js"
import { isRecord } from "../../internal/values/json.js"
import { type SyncType, syncTypes } from "../changes/schemas.js"
import { listenAgain } from "../endless.js"
import { notObjects } from "../objects.js"
import type { MailboxOptions } from "../options.js"
import type { SyncEvent } from "./elements.js"
import { follower } from "./follower.js"
import { type ChangesGroup, readChanges, type SyncChange, type SyncStates } from "./readChanges.js"
import { makeSources, type SourceGroups } from "./sources.js"

export type {
  SyncCheckpoint,
  SyncCreated,
  SyncEvent,
  SyncRemoved,
  SyncReset,
  SyncSnapshot,
  SyncUpdated,
  SyncValues
} from "./elements.js"
export type { ResyncRequired, SyncChange, SyncStates, TypeChanges } from "./readChanges.js"

/**
 * Which changes `sync.changes` reads.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncChangesInput<out T extends SyncType = SyncType> {
  /** The resource types to read. */
  readonly types: ReadonlyArray<T>
  /** The saved states. For a type without a saved state, the stream emits the current state and no changes. */
  readonly since?: SyncStates | undefined
  /** The maximum number of changes in one response, 1 to 500. Default: 500. */
  readonly limit?: number | undefined
}

/**
 * What `sync.follow` follows, and from which states.
 *
 * @since 0.1.0
 * @category models
 */
export interface SyncFollowInput<out T extends SyncType = SyncType> {
  /** The resource types to follow. */
  readonly types: ReadonlyArray<T>
  /** The `states` of the last `Reset` or `Checkpoint` that was handled. A type without a state starts with a snapshot. */
  readonly since?: SyncStates | undefined
  /**
   * How often to check for changes when no event arrives. The API sends events for incoming mail only, so other
   * changes may be emitted this much later. Default: 30 seconds. `Infinity` checks after events only.
   */
  readonly poll?: DurationInput | undefined
  /** Whether to listen for events. Pass `false` for a credential without that permission. Default: `true`. */
  readonly events?: boolean | undefined
  /** The maximum number of changes in one response, 1 to 500. Default: 500. */
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
   * How to retry transient failures that outlast the retries of a single call. Default: forever, with delays of up to
   * one minute. With `Retry.none` the stream fails instead.
   */
  readonly retry?: RetryPolicy | undefined
}

/**
 * The methods of `mailbox.sync`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Sync {
  /**
   * Streams the changes of several resource types since their states, one request after another until there are no
   * more: `GET /mailbox/changes`. The changes name ids without values. Each element carries the states to save once
   * it is handled.
   *
   * When the server no longer knows what changed since a state, the stream emits `ResyncRequired` with a state to
   * continue from: read all items of that type again.
   *
   * Fails with `InvalidRequestError` for an unknown type, and with `PaginationError` when the server reports more
   * changes without advancing the state.
   *
   * @example
   * import { Mailbox, type SyncStates } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * export const printChanges = (since: SyncStates) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     const changes = mailbox.sync.changes({ types: ["messages", "folders"], since })
   *     yield* Stream.runForEach(changes, (change) =>
   *       change._tag === "Changes"
   *         ? Effect.log(change.type, change.created, change.updated, change.removed)
   *         : Effect.log(`Read all ${change.type} again`)
   *     )
   *   })
   *
   * @see `follow` for a stream with values that never ends
   */
  readonly changes: <const T extends SyncType>(
    input: SyncChangesInput<T>,
    options?: MailboxOptions
  ) => Stream.Stream<SyncChange<T>, SendmuxStreamError>
  /**
   * Streams the content of a mailbox and then every creation, update and removal, with values. The stream never ends.
   *
   * A type without a saved state starts with `Reset` and a `Snapshot` of each item. Its changes follow. The stream
   * checks for changes whenever an event arrives, and at the `poll` interval. When the server no longer knows what
   * changed, the stream emits `Reset` and a snapshot again.
   *
   * Save the `states` of each `Reset` and `Checkpoint` together with the elements before it, and pass them as `since`
   * after a restart. Every change is then emitted at least once and in order, so handle items idempotently by their
   * id. A `Checkpoint` with `caughtUp` means that the copy contains every change so far.
   *
   * Transient failures are retried; see the `retry` option. Once the stream has worked, it also survives up to 10
   * responses in a row that do not come from the API, such as the HTML page of a proxy. It waits at most 5 minutes when
   * the server asks for a longer delay, logs its waits at Info, and counts them in the metric `sendmux_stream_waits`.
   * A failure of the event stream that another connection may not meet only delays the checks. The stream fails when a retry cannot help, for example with
   * `authentication_required` or `insufficient_permissions`, and with `InvalidRequestError` for an unknown type or an
   * invalid `poll`.
   *
   * Calls `GET /mailbox/changes`, `GET /mailbox/events`, and the list and get operations of the followed types.
   *
   * @example
   * import { Mailbox, type SyncStates } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * const subjects = new Map<string, string | null>()
   * let saved: SyncStates = {}
   *
   * export const keepCopy = Effect.gen(function* () {
   *   const mailbox = yield* Mailbox
   *   const events = mailbox.sync.follow({ types: ["messages"], since: saved })
   *   yield* Stream.runForEach(events, (event) =>
   *     Effect.sync(() => {
   *       if (event._tag === "Reset") subjects.clear()
   *       else if (event._tag === "Removed") subjects.delete(event.id)
   *       else if (event._tag !== "Checkpoint") subjects.set(event.id, event.value.subject)
   *       if (event._tag === "Reset" || event._tag === "Checkpoint") saved = event.states
   *     })
   *   )
   * })
   *
   * @see `changes` for the changes as ids, in a stream that ends
   */
  readonly follow: <const T extends SyncType>(
    input: SyncFollowInput<T>,
    options?: SyncFollowOptions
  ) => Stream.Stream<SyncEvent<T>, SendmuxStreamError>
}

/** The methods of other groups that `sync` calls. */
interface SyncGroups extends SourceGroups, ChangesGroup {
  /** Each element triggers a check for changes, whatever it contains. */
  readonly events: {
    readonly listen: (input: undefined, options: MailboxOptions) => Stream.Stream<unknown, SendmuxStreamError>
  }
}

const maxLimit = 500

const defaultPoll = 30_000

const operationNames = { changes: "mailbox.sync.changes", follow: "mailbox.sync.follow" }

/** @internal */
export const makeSync = (groups: SyncGroups): Sync => ({
  changes: <const T extends SyncType>(input: SyncChangesInput<T>, options: MailboxOptions = {}) => {
    const invalid = notObjects(operationNames.changes, { "the input": input, "the options": options })
    if (invalid !== undefined) return Stream.fail(invalid)
    const { types, since = {}, limit = maxLimit } = input
    const problem = typesProblem(types) ?? sinceProblem(since)
    if (problem !== undefined) return reject(operationNames.changes, problem)
    return paginate({ pending: [...new Set(types)], states: since }, ({ pending, states }) =>
      Effect.gen(function* () {
        const changes = yield* readChanges(groups, pending, states, limit, options)
        const more = changes.flatMap((change) =>
          change._tag === "Changes" && change.hasMore ? [change.type] : []
        )
        const next = { pending: more, states: changes.at(-1)?.states ?? states }
        return [changes, more.length === 0 ? Option.none() : Option.some(next)] as const
      })
    )
  },
  follow: <const T extends SyncType>(input: SyncFollowInput<T>, given: SyncFollowOptions = {}) => {
    const invalid = notObjects(operationNames.follow, { "the input": input, "the options": given })
    if (invalid !== undefined) return Stream.fail(invalid)
    const { types, since = {}, poll = defaultPoll, events = true, limit = maxLimit } = input
    const { retry, ...options } = given
    const pollMillis = toMillis(poll)
    const problem = typesProblem(types) ?? sinceProblem(since)
    if (problem !== undefined) return reject(operationNames.follow, problem)
    if (pollMillis === undefined || pollMillis <= 0) {
      return reject(operationNames.follow, "poll must be a duration greater than zero")
    }
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
      const signals = events
        ? listenAgain(operationNames.follow, groups.events.listen(undefined, options))
        : Stream.never
      return wakeups(signals, pollMillis).pipe(
        Stream.flatMap(() => round),
        Stream.filter(isFollowed)
      )
    })
  }
})

const reject = (operation: string, issue: string): Stream.Stream<never, InvalidRequestError> =>
  Stream.fail(invalidRequest(operation, issue))

const sinceProblem = (since: unknown): string | undefined =>
  isRecord(since) ? undefined : "since must be an object with the state of each type"

const typesProblem = (types: ReadonlyArray<unknown>): string | undefined => {
  if (!Array.isArray(types) || types.length === 0) return "types must contain at least one resource type"
  const known: ReadonlyArray<unknown> = syncTypes
  return types.every((type) => known.includes(type))
    ? undefined
    : `types must contain only these resource types: ${syncTypes.join(", ")}`
}
