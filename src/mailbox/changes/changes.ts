/**
 * The changes of several resource types in one request.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { mapped, typeOf } from "../../internal/dialect/schema.js"
import type { Methods } from "../../internal/methods/methods.js"
import type { ApiResponse, Method } from "../../internal/model/call.js"
import { ResponseDecodeError, type SendmuxError } from "../../internal/model/errors.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import { Checked, OneOf, OptionalInput } from "../../internal/schema/schema.js"
import type { MailboxOptions } from "../options.js"
import {
  type ChangesInput,
  changesLimit,
  MailboxChanges,
  MailboxTypedChanges,
  type SyncType,
  SyncTypesInput,
  stateToken,
  syncTypes
} from "./schemas.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const isSyncType = (text: string): text is SyncType => syncTypes.some((type) => type === text)

const TypesText = mapped(
  Schema.String,
  typeOf(SyncTypesInput),
  (text): ReadonlyArray<SyncType> => text.split(",").filter(isSyncType),
  (types) => types.join(",")
)

const fields = Schema.Struct({
  /** The state of the messages, for requests without `types` only. */
  since_state: stateToken,
  /** The resource types to read. Without it, the response contains the changes of messages only, in an older format. */
  types: OptionalInput(TypesText),
  messages_since_state: stateToken,
  folders_since_state: stateToken,
  threads_since_state: stateToken,
  submissions_since_state: stateToken,
  identities_since_state: stateToken,
  quotas_since_state: stateToken,
  /** The maximum number of changes in one response, 1 to 500. The server's default is 50. */
  limit: changesLimit
})

const GetChangesInput = Checked(fields, (input) => {
  if (input.types !== undefined && input.since_state !== undefined) {
    return "since_state cannot be combined with types: pass the state of each type, for example messages_since_state"
  }
  const stray = syncTypes.find(
    (type) => input[`${type}_since_state`] !== undefined && input.types?.includes(type) !== true
  )
  return stray === undefined ? undefined : `${stray}_since_state needs ${stray} in types`
})

/**
 * The resource types to read, and the state of each. For a type without a state, the response contains the current state
 * and no changes.
 *
 * @since 0.1.0
 * @category models
 */
export interface TypedChangesInput extends Omit<Schema.Schema.Type<typeof fields>, "since_state" | "types"> {
  readonly types: ReadonlyArray<SyncType>
}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const changesOperations = {
  get: operation("mailbox.changes.get", {
    http: "GET",
    path: "/mailbox/changes",
    input: GetChangesInput,
    data: OneOf(MailboxTypedChanges, MailboxChanges),
    flags: ["mailboxId"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The forms of `changes.get`: with `types` it returns the changes of each type, without `types` those of messages.
 *
 * @since 0.1.0
 * @category methods
 */
export interface GetChanges {
  (input: TypedChangesInput, options?: MailboxOptions): Effect.Effect<MailboxTypedChanges, SendmuxError>
  (
    input?: ChangesInput & { readonly types?: undefined },
    options?: MailboxOptions
  ): Effect.Effect<MailboxChanges, SendmuxError>
  /** Makes the same call, and succeeds with the changes and the metadata of the response. */
  readonly withResponse: {
    (
      input: TypedChangesInput,
      options?: MailboxOptions
    ): Effect.Effect<ApiResponse<MailboxTypedChanges>, SendmuxError>
    (
      input?: ChangesInput & { readonly types?: undefined },
      options?: MailboxOptions
    ): Effect.Effect<ApiResponse<MailboxChanges>, SendmuxError>
  }
}

/**
 * The methods of `mailbox.changes`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Changes {
  /**
   * Returns the ids of the items that were created, updated and destroyed since a state: `GET /mailbox/changes`. When
   * `has_more` is true, repeat the request with `new_state`.
   *
   * Fails with the code `invalid_parameter` for a state that the server does not know: read all items again, from a
   * current state. Fails with `InvalidRequestError` for a state of a type that is not in `types`, and with
   * `ResponseDecodeError` if the server returns the changes in the other format.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const readChanges = (messagesState: string) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     const { types } = yield* mailbox.changes.get({
   *       types: ["messages", "folders"],
   *       messages_since_state: messagesState
   *     })
   *     yield* Effect.log(types.messages?.created, types.messages?.updated, types.messages?.destroyed)
   *     return { messages: types.messages?.new_state, folders: types.folders?.new_state }
   *   })
   *
   * @see `sync.changes` to read all changes, one request after another
   * @see `sync.follow` to keep a copy of a mailbox in sync
   */
  readonly get: GetChanges
}

type AnyInput = TypedChangesInput | (ChangesInput & { readonly types?: undefined })

/** @internal */
export const makeChanges = (methods: Methods): Changes => {
  const call: Method<[input?: AnyInput, options?: MailboxOptions], MailboxTypedChanges | MailboxChanges> =
    methods.call(changesOperations.get)

  function withResponse(
    input: TypedChangesInput,
    options?: MailboxOptions
  ): Effect.Effect<ApiResponse<MailboxTypedChanges>, SendmuxError>
  function withResponse(
    input?: ChangesInput & { readonly types?: undefined },
    options?: MailboxOptions
  ): Effect.Effect<ApiResponse<MailboxChanges>, SendmuxError>
  function withResponse(
    input?: AnyInput,
    options?: MailboxOptions
  ): Effect.Effect<ApiResponse<MailboxTypedChanges | MailboxChanges>, SendmuxError> {
    const typed = input?.types !== undefined
    return Effect.gen(function* () {
      const response = yield* call.withResponse(input, options)
      if ("types" in response.data !== typed) return yield* Effect.fail(otherFormat(response, typed))
      return response
    })
  }

  function get(
    input: TypedChangesInput,
    options?: MailboxOptions
  ): Effect.Effect<MailboxTypedChanges, SendmuxError>
  function get(
    input?: ChangesInput & { readonly types?: undefined },
    options?: MailboxOptions
  ): Effect.Effect<MailboxChanges, SendmuxError>
  function get(
    input?: AnyInput,
    options?: MailboxOptions
  ): Effect.Effect<MailboxTypedChanges | MailboxChanges, SendmuxError> {
    const response: Effect.Effect<
      ApiResponse<MailboxTypedChanges | MailboxChanges>,
      SendmuxError
    > = input?.types === undefined ? withResponse(input, options) : withResponse(input, options)
    return Effect.map(response, ({ data }) => data)
  }

  return { get: Object.assign(get, { withResponse }) }
}

/** The error for changes of messages where those of types were expected, or the reverse. */
const otherFormat = ({ meta }: ApiResponse<unknown>, typed: boolean): ResponseDecodeError =>
  new ResponseDecodeError({
    operation: operationName(changesOperations.get),
    status: meta.status,
    requestId: meta.requestId,
    issue: typed
      ? "types is missing: expected the changes of each requested type"
      : "expected the changes of messages, but the response contains them by type"
  })
