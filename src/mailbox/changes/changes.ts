/**
 * Changes of several kinds of resource in one call.
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
  /** For calls without `types` only: the state of the messages. */
  since_state: stateToken,
  /** The kinds to ask about. Without it, messages alone, in the older form. */
  types: OptionalInput(TypesText),
  messages_since_state: stateToken,
  folders_since_state: stateToken,
  threads_since_state: stateToken,
  submissions_since_state: stateToken,
  identities_since_state: stateToken,
  quotas_since_state: stateToken,
  /** Changes in one answer, 1 to 500; the server's default is 50. */
  limit: changesLimit
})

const GetChangesInput = Checked(fields, (input) => {
  if (input.types !== undefined && input.since_state !== undefined) {
    return "since_state is for calls without types: give the state of each type, as in messages_since_state"
  }
  const stray = syncTypes.find(
    (type) => input[`${type}_since_state`] !== undefined && input.types?.includes(type) !== true
  )
  return stray === undefined ? undefined : `${stray}_since_state needs ${stray} in types`
})

/**
 * The kinds of resource to ask about, and since when: a kind whose state is left out gives its current state.
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
 * With `types`, the changes of each of them; without, those of messages.
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
 * @since 0.1.0
 * @category services
 */
export interface Changes {
  /**
   * The ids that came, changed and went since a state: `GET /mailbox/changes`.
   *
   * A state the server does not know fails with `invalid_parameter`: read everything again. `sync.changes` follows
   * states for you, and `sync.follow` keeps a copy true.
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
    return Effect.flatMap(call.withResponse(input, options), (response) =>
      "types" in response.data === typed ? Effect.succeed(response) : Effect.fail(otherForm(response, typed))
    )
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

const otherForm = ({ meta }: ApiResponse<unknown>, typed: boolean): ResponseDecodeError =>
  new ResponseDecodeError({
    operation: operationName(changesOperations.get),
    status: meta.status,
    requestId: meta.requestId,
    issue: typed
      ? "types is missing: expected the changes of each type asked for"
      : "expected the changes of messages, and the answer has them by type"
  })
