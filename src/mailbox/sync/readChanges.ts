/**
 * One request for the changes of several resource types, and the fallback when the server no longer knows a state.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { catchAll } from "../../internal/dialect/core.js"
import {
  APIError,
  PaginationError,
  ResponseDecodeError,
  type SendmuxStreamError
} from "../../internal/model/errors.js"
import { operationName } from "../../internal/operation/operation.js"
import { type Changes, changesOperations, type TypedChangesInput } from "../changes/changes.js"
import { type MailboxChanges, type SyncType, syncTypes } from "../changes/schemas.js"
import type { MailboxOptions } from "../options.js"

/**
 * The position of a copy, by resource type. It is plain JSON: save it as it is.
 *
 * @since 0.1.0
 * @category models
 */
export type SyncStates = { readonly [T in SyncType]?: string | undefined }

/**
 * The changes that one response reports for one resource type.
 *
 * @since 0.1.0
 * @category models
 */
export interface TypeChanges<out T extends SyncType = SyncType> {
  readonly _tag: "Changes"
  readonly type: T
  /** The ids of the items that were created. */
  readonly created: ReadonlyArray<string>
  /** The ids of the items that were updated. */
  readonly updated: ReadonlyArray<string>
  /** The ids of the items that were removed. */
  readonly removed: ReadonlyArray<string>
  /** The only properties that changed in `updated`. `undefined` when the server does not report them. */
  readonly updatedProperties: ReadonlyArray<string> | undefined
  /** The state that the changes start from, or null when only the current state was requested. */
  readonly oldState: string | null
  readonly newState: string
  /** Whether more changes of this type follow. */
  readonly hasMore: boolean
  /** Save these states once this element and all elements before it are handled. */
  readonly states: SyncStates
}

/**
 * The server no longer knows what changed since the state: read all items of this resource type again.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResyncRequired<out T extends SyncType = SyncType> {
  readonly _tag: "ResyncRequired"
  readonly type: T
  /** The state to continue from. Items that are read after this element are at least as recent. */
  readonly newState: string
  /** Save these states once all items of the type have been read again. */
  readonly states: SyncStates
}

/**
 * An element of `sync.changes`.
 *
 * @since 0.1.0
 * @category models
 */
export type SyncChange<T extends SyncType = SyncType> = TypeChanges<T> | ResyncRequired<T>

/**
 * The methods that reading changes calls.
 *
 * @internal
 */
export interface ChangesGroup {
  readonly changes: Pick<Changes, "get">
}

const name = operationName(changesOperations.get)

/** Whether the server rejected a state that it does not know. */
const isUnknownState = APIError.is("invalid_parameter", "validation_error")

/**
 * Reads one response for each of the types, in their order. For a type whose state the server no longer knows, it
 * returns the state to continue from. That state is read before any caller can read the items again.
 *
 * @internal
 */
export const readChanges = <T extends SyncType>(
  groups: ChangesGroup,
  types: ReadonlyArray<T>,
  states: SyncStates,
  limit: number,
  options: MailboxOptions
): Effect.Effect<ReadonlyArray<SyncChange<T>>, SendmuxStreamError> =>
  Effect.gen(function* () {
    const reports = yield* reportsFor(groups, types, states, limit, options)
    const changes: Array<SyncChange<T>> = []
    let current = states
    for (const { type, report } of reports) {
      if (report === undefined || report.sync_required === true) {
        const newState = (yield* readReport(groups, type, {}, limit, options)).new_state
        current = { ...current, [type]: newState }
        changes.push({ _tag: "ResyncRequired", type, newState, states: current })
        continue
      }
      if (report.has_more && report.new_state === states[type]) {
        return yield* new PaginationError({ operation: name, reason: "RepeatedCursor", requestId: undefined })
      }
      current = { ...current, [type]: report.new_state }
      changes.push({
        _tag: "Changes",
        type,
        created: report.created,
        updated: report.updated,
        removed: report.destroyed,
        updatedProperties: report.updated_properties,
        oldState: report.old_state,
        newState: report.new_state,
        hasMore: report.has_more,
        states: current
      })
    }
    return changes
  })

/**
 * Reads the current states of the types.
 *
 * @internal
 */
export const currentStates = (
  groups: ChangesGroup,
  types: ReadonlyArray<SyncType>,
  limit: number,
  options: MailboxOptions
): Effect.Effect<SyncStates, SendmuxStreamError> =>
  Effect.map(readChanges(groups, types, {}, limit, options), (changes) => changes.at(-1)?.states ?? {})

/** What the server reported for a type. `undefined` means that it does not know the state. */
interface TypeReport<T> {
  readonly type: T
  readonly report: MailboxChanges | undefined
}

const reportsFor = <T extends SyncType>(
  groups: ChangesGroup,
  types: ReadonlyArray<T>,
  states: SyncStates,
  limit: number,
  options: MailboxOptions
): Effect.Effect<ReadonlyArray<TypeReport<T>>, SendmuxStreamError> => {
  const together = Effect.gen(function* () {
    const data = yield* groups.changes.get(requestOf(types, states, limit), options)
    const reports: Array<TypeReport<T>> = []
    for (const type of types) {
      const report = data.types[type]
      if (report === undefined) return yield* missing(type)
      reports.push({ type, report })
    }
    return reports
  })
  if (types.every((type) => states[type] === undefined)) return together
  return catchAll(together, (error): Effect.Effect<ReadonlyArray<TypeReport<T>>, SendmuxStreamError> => {
    if (!isUnknownState(error)) return Effect.fail(error)
    const [only, second] = types
    if (only !== undefined && second === undefined) return Effect.succeed([{ type: only, report: undefined }])
    // The error does not say which state is unknown, so each type is requested separately.
    return Effect.forEach(types, (type) => reportsFor(groups, [type], states, limit, options)).pipe(
      Effect.map((reports) => reports.flat())
    )
  })
}

const readReport = (
  groups: ChangesGroup,
  type: SyncType,
  states: SyncStates,
  limit: number,
  options: MailboxOptions
): Effect.Effect<MailboxChanges, SendmuxStreamError> =>
  Effect.gen(function* () {
    const { types } = yield* groups.changes.get(requestOf([type], states, limit), options)
    return types[type] ?? (yield* missing(type))
  })

const requestOf = (types: ReadonlyArray<SyncType>, states: SyncStates, limit: number): TypedChangesInput => {
  const input: { -readonly [Key in keyof TypedChangesInput]: TypedChangesInput[Key] } = { types, limit }
  for (const type of syncTypes) {
    if (types.includes(type)) input[`${type}_since_state`] = states[type]
  }
  return input
}

const missing = (type: SyncType): ResponseDecodeError =>
  new ResponseDecodeError({
    operation: name,
    status: 200,
    requestId: undefined,
    issue: `types.${type} is missing: the request asked for this type`
  })
