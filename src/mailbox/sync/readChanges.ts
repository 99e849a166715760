/**
 * Asking what has changed, type by type.
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
 * Where a copy is, by kind of resource. Plain JSON, to be saved as it is.
 *
 * @since 0.1.0
 * @category models
 */
export type SyncStates = { readonly [T in SyncType]?: string | undefined }

/**
 * What one answer says of one kind of resource.
 *
 * @since 0.1.0
 * @category models
 */
export interface TypeChanges<out T extends SyncType = SyncType> {
  readonly _tag: "Changes"
  readonly type: T
  readonly created: ReadonlyArray<string>
  readonly updated: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
  /** Where the server knows: the only properties that changed in `updated`. */
  readonly updatedProperties: ReadonlyArray<string> | undefined
  /** Null where only the current state was asked for. */
  readonly oldState: string | null
  readonly newState: string
  /** More of this type follows. */
  readonly hasMore: boolean
  /** Save them once this and everything before it is handled. */
  readonly states: SyncStates
}

/**
 * The server no longer knows what changed since the state: read this kind of resource anew.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResyncRequired<out T extends SyncType = SyncType> {
  readonly _tag: "ResyncRequired"
  readonly type: T
  /** The state to go on from: what is read after this element is at least as new. */
  readonly newState: string
  /** Save them once the type was read anew. */
  readonly states: SyncStates
}

/**
 * @since 0.1.0
 * @category models
 */
export type SyncChange<T extends SyncType = SyncType> = TypeChanges<T> | ResyncRequired<T>

/** @internal */
export interface AskChanges {
  readonly changes: Pick<Changes, "get">
}

const name = operationName(changesOperations.get)

/** An answer of the server that it does not know a state. */
const isUnknownState = APIError.is("invalid_parameter", "validation_error")

/**
 * One answer about each of the types, in their order. A type whose state is no longer known comes with the state to
 * go on from, taken before anybody can read it anew.
 *
 * @internal
 */
export const askFor = <T extends SyncType>(
  groups: AskChanges,
  types: ReadonlyArray<T>,
  states: SyncStates,
  limit: number,
  options: MailboxOptions
): Effect.Effect<ReadonlyArray<SyncChange<T>>, SendmuxStreamError> =>
  Effect.gen(function* () {
    const answers = yield* answersFor(groups, types, states, limit, options)
    const changes: Array<SyncChange<T>> = []
    let current = states
    for (const { type, answer } of answers) {
      if (answer === undefined || answer.sync_required === true) {
        const newState = (yield* ask(groups, type, {}, limit, options)).new_state
        current = { ...current, [type]: newState }
        changes.push({ _tag: "ResyncRequired", type, newState, states: current })
        continue
      }
      if (answer.has_more && answer.new_state === states[type]) {
        return yield* new PaginationError({ operation: name, reason: "RepeatedCursor", requestId: undefined })
      }
      current = { ...current, [type]: answer.new_state }
      changes.push({
        _tag: "Changes",
        type,
        created: answer.created,
        updated: answer.updated,
        removed: answer.destroyed,
        updatedProperties: answer.updated_properties,
        oldState: answer.old_state,
        newState: answer.new_state,
        hasMore: answer.has_more,
        states: current
      })
    }
    return changes
  })

/** What the server said of a type; `undefined` when it does not know the state. */
interface Answer<T> {
  readonly type: T
  readonly answer: MailboxChanges | undefined
}

const answersFor = <T extends SyncType>(
  groups: AskChanges,
  types: ReadonlyArray<T>,
  states: SyncStates,
  limit: number,
  options: MailboxOptions
): Effect.Effect<ReadonlyArray<Answer<T>>, SendmuxStreamError> => {
  const together = Effect.flatMap(groups.changes.get(requestOf(types, states, limit), options), (data) =>
    Effect.forEach(types, (type): Effect.Effect<Answer<T>, ResponseDecodeError> => {
      const answer = data.types[type]
      return answer === undefined ? Effect.fail(missing(type)) : Effect.succeed({ type, answer })
    })
  )
  if (types.every((type) => states[type] === undefined)) return together
  return catchAll(together, (error): Effect.Effect<ReadonlyArray<Answer<T>>, SendmuxStreamError> => {
    if (!isUnknownState(error)) return Effect.fail(error)
    const [only, second] = types
    if (only !== undefined && second === undefined) return Effect.succeed([{ type: only, answer: undefined }])
    // One of the states is unknown: asked one by one, the types tell which.
    return Effect.map(
      Effect.forEach(types, (type) => answersFor(groups, [type], states, limit, options)),
      (answers) => answers.flat()
    )
  })
}

const ask = (
  groups: AskChanges,
  type: SyncType,
  states: SyncStates,
  limit: number,
  options: MailboxOptions
): Effect.Effect<MailboxChanges, SendmuxStreamError> =>
  Effect.flatMap(groups.changes.get(requestOf([type], states, limit), options), (data) => {
    const answer = data.types[type]
    return answer === undefined ? Effect.fail(missing(type)) : Effect.succeed(answer)
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
    issue: `types.${type} is missing, and was asked for`
  })

/**
 * The current states of types.
 *
 * @internal
 */
export const currentStates = (
  groups: AskChanges,
  types: ReadonlyArray<SyncType>,
  limit: number,
  options: MailboxOptions
): Effect.Effect<SyncStates, SendmuxStreamError> =>
  Effect.map(askFor(groups, types, {}, limit, options), (changes) => changes.at(-1)?.states ?? {})
