/**
 * The mailboxes of the team: their keys, their sender filters and their cost.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { type ModifyMethod, modifyOf } from "../../internal/methods/modify.js"
import type { DataMethods, ListMethods } from "../../internal/methods/types.js"
import type {
  CallOptions,
  ConditionalMethod,
  ConditionalWriteOptions,
  IdempotentOptions,
  ListMethod,
  Method
} from "../../internal/model/call.js"
import { operation } from "../../internal/operation/operation.js"
import { Deleted } from "../common.js"
import { FilterState, SetFiltersInput } from "../filters.js"
import {
  CheckAvailabilityInput,
  CreateMailboxInput,
  CreateMailboxKeyInput,
  ListMailboxesInput,
  MailboxAvailability,
  MailboxCreated,
  MailboxKeyCreated,
  ManagedMailbox,
  UpdateMailboxInput
} from "./schemas.js"
import { MailboxCostInput, MailboxCostUsage } from "./usage.js"

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const mailboxOperations = {
  list: operation("management.mailboxes.list", {
    http: "GET",
    path: "/mailboxes",
    input: ListMailboxesInput,
    data: Schema.Array(ManagedMailbox),
    flags: ["paginated"]
  }),
  create: operation("management.mailboxes.create", {
    http: "POST",
    path: "/mailboxes",
    body: "json",
    input: CreateMailboxInput,
    data: MailboxCreated,
    success: [201],
    flags: ["idempotencyKey"]
  }),
  delete: operation("management.mailboxes.delete", {
    http: "DELETE",
    path: "/mailboxes/{public_id}",
    data: Deleted
  }),
  get: operation("management.mailboxes.get", {
    http: "GET",
    path: "/mailboxes/{public_id}",
    data: ManagedMailbox,
    flags: ["conditional"]
  }),
  update: operation("management.mailboxes.update", {
    http: "PATCH",
    path: "/mailboxes/{public_id}",
    body: "json",
    input: UpdateMailboxInput,
    data: ManagedMailbox,
    flags: ["ifMatch"]
  }),
  getFilters: operation("management.mailboxes.getFilters", {
    http: "GET",
    path: "/mailboxes/{public_id}/filters",
    data: FilterState,
    flags: ["conditional"]
  }),
  setFilters: operation("management.mailboxes.setFilters", {
    http: "PUT",
    path: "/mailboxes/{public_id}/filters",
    body: "json",
    input: SetFiltersInput,
    data: FilterState,
    flags: ["ifMatch"]
  }),
  createKey: operation("management.mailboxes.createKey", {
    http: "POST",
    path: "/mailboxes/{public_id}/keys",
    body: "json",
    input: CreateMailboxKeyInput,
    data: MailboxKeyCreated,
    success: [201],
    flags: ["idempotencyKey"]
  }),
  deleteKey: operation("management.mailboxes.deleteKey", {
    http: "DELETE",
    path: "/mailboxes/{public_id}/keys/{key_id}",
    data: Deleted
  }),
  resume: operation("management.mailboxes.resume", {
    http: "POST",
    path: "/mailboxes/{public_id}/resume",
    data: ManagedMailbox,
    flags: ["idempotencyKey"]
  }),
  suspend: operation("management.mailboxes.suspend", {
    http: "POST",
    path: "/mailboxes/{public_id}/suspend",
    data: ManagedMailbox,
    flags: ["idempotencyKey"]
  }),
  checkAvailability: operation("management.mailboxes.checkAvailability", {
    http: "GET",
    path: "/mailboxes/availability",
    input: CheckAvailabilityInput,
    data: MailboxAvailability
  }),
  getCostUsage: operation("management.mailboxes.getCostUsage", {
    http: "GET",
    path: "/mailboxes/{public_id}/usage",
    input: MailboxCostInput,
    data: MailboxCostUsage,
    flags: ["conditional"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `management.mailboxes`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Mailboxes {
  /**
   * Streams the mailboxes of the team: `GET /mailboxes`. Default page size: 50, at most 100. Set
   * `include_deleted` to include deleted mailboxes.
   */
  readonly list: ListMethod<[input?: ListMailboxesInput, options?: CallOptions], ManagedMailbox>
  /**
   * Creates a mailbox and its first key: `POST /mailboxes`.
   *
   * Only this response contains the secret of the key. `credential` is null if the mailbox was created but its key was
   * not: `createKey` creates one. Fails with `conflict` if the address is already in use, and with `limit_exceeded` if
   * the team has reached its limit.
   *
   * @example
   * import { Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   *
   * export const createMailbox = (email: string) =>
   *   Effect.gen(function* () {
   *     const { mailboxes } = yield* Management
   *     const { credential, mailbox } = yield* mailboxes.create({ email }, { idempotencyKey: `mailbox-${email}` })
   *     if (credential !== null) return { id: mailbox.id, apiKey: credential.secret }
   *     const key = yield* mailboxes.createKey(mailbox.id, { app_name: "main" })
   *     return { id: mailbox.id, apiKey: key.credential.secret }
   *   })
   *
   * @see `checkAvailability` to check an address first
   */
  readonly create: Method<[input: CreateMailboxInput, options?: IdempotentOptions], MailboxCreated>
  /**
   * Deletes a mailbox with its messages and its keys: `DELETE /mailboxes/{public_id}`. The address remains reserved for
   * some time, with the availability `cleanup_pending`.
   *
   * Fails with `not_found` if the team has no mailbox with this id.
   */
  readonly delete: Method<[public_id: string, options?: CallOptions], Deleted>
  /**
   * Reads a mailbox: `GET /mailboxes/{public_id}`.
   *
   * Fails with `not_found` if the team has no mailbox with this id.
   */
  readonly get: ConditionalMethod<[public_id: string, options?: CallOptions], ManagedMailbox>
  /**
   * Changes the name, the storage limit or the send scope of a mailbox: `PATCH /mailboxes/{public_id}`. A missing key
   * leaves the value unchanged.
   *
   * Fails with `not_found` if the team has no mailbox with this id, and with `conflict` if the mailbox has changed
   * since the ETag in `ifMatch` was read.
   */
  readonly update: Method<
    [public_id: string, input: UpdateMailboxInput, options?: ConditionalWriteOptions],
    ManagedMailbox
  >
  /**
   * Reads a mailbox, applies a change and writes it with the ETag that was read. After a `conflict` it repeats all
   * steps, up to 5 times by default. A change that returns `undefined` writes nothing. The change may be an Effect.
   *
   * @example
   * import { Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   *
   * export const setDefaultName = (id: string) =>
   *   Effect.gen(function* () {
   *     const { mailboxes } = yield* Management
   *     return yield* mailboxes.modify(id, ({ display_name, email }) =>
   *       display_name === null ? { display_name: email } : undefined
   *     )
   *   })
   */
  readonly modify: ModifyMethod<[public_id: string], ManagedMailbox, UpdateMailboxInput>
  /**
   * Reads the sender filter of a mailbox: `GET /mailboxes/{public_id}/filters`.
   *
   * Fails with `not_found` if the team has no mailbox with this id.
   */
  readonly getFilters: ConditionalMethod<[public_id: string, options?: CallOptions], FilterState>
  /**
   * Replaces the sender filter of a mailbox: `PUT /mailboxes/{public_id}/filters`.
   *
   * Fails with `InvalidRequestError` if the type of a rule does not match the mode, before anything is sent. Fails
   * with `not_found` if the team has no mailbox with this id, and with `conflict` if the filter has changed since the
   * ETag in `ifMatch` was read.
   */
  readonly setFilters: Method<
    [public_id: string, input: SetFiltersInput, options?: ConditionalWriteOptions],
    FilterState
  >
  /**
   * Reads the sender filter of a mailbox, applies a change and writes it with the ETag that was read, like `modify`.
   *
   * @see `modify` for conflicts and retries
   */
  readonly modifyFilters: ModifyMethod<[public_id: string], FilterState, SetFiltersInput>
  /**
   * Creates another key for a mailbox: `POST /mailboxes/{public_id}/keys`. Only this response contains the secret of
   * the key.
   *
   * Fails with `not_found` if the team has no mailbox with this id.
   */
  readonly createKey: Method<
    [public_id: string, input: CreateMailboxKeyInput, options?: IdempotentOptions],
    MailboxKeyCreated
  >
  /**
   * Deletes a key of a mailbox by its `public_id`: `DELETE /mailboxes/{public_id}/keys/{key_id}`. The key stops working
   * immediately.
   *
   * Fails with `not_found` if the mailbox has no key with this id.
   */
  readonly deleteKey: Method<[public_id: string, key_id: string, options?: CallOptions], Deleted>
  /**
   * Reactivates a suspended mailbox: `POST /mailboxes/{public_id}/resume`.
   *
   * Fails with `not_found` if the team has no mailbox with this id.
   */
  readonly resume: Method<[public_id: string, options?: IdempotentOptions], ManagedMailbox>
  /**
   * Suspends a mailbox: `POST /mailboxes/{public_id}/suspend`. The mailbox keeps its messages, but it neither sends nor
   * receives.
   *
   * Fails with `not_found` if the team has no mailbox with this id.
   */
  readonly suspend: Method<[public_id: string, options?: IdempotentOptions], ManagedMailbox>
  /** Checks whether a mailbox can be created for an address: `GET /mailboxes/availability`. */
  readonly checkAvailability: Method<
    [input: CheckAvailabilityInput, options?: CallOptions],
    MailboxAvailability
  >
  /**
   * Reads the cost of a mailbox in a period of at most 366 days: `GET /mailboxes/{public_id}/usage`. The `start`
   * belongs to the period, the `end` does not. Amounts with the state `pending` may still grow.
   *
   * Fails with `InvalidRequestError` for an invalid period, before anything is sent, and with `not_found` if the team
   * has no mailbox with this id.
   */
  readonly getCostUsage: ConditionalMethod<
    [public_id: string, input: MailboxCostInput, options?: CallOptions],
    MailboxCostUsage
  >
}

/** @internal */
export const makeMailboxes = (methods: DataMethods & ListMethods): Mailboxes => {
  const get = methods.conditional(mailboxOperations.get)
  const update = methods.call(mailboxOperations.update)
  const getFilters = methods.conditional(mailboxOperations.getFilters)
  const setFilters = methods.call(mailboxOperations.setFilters)
  return {
    list: methods.list(mailboxOperations.list),
    create: methods.call(mailboxOperations.create),
    delete: methods.call(mailboxOperations.delete),
    get,
    update,
    modify: modifyOf(mailboxOperations.update, get, update),
    getFilters,
    setFilters,
    modifyFilters: modifyOf(mailboxOperations.setFilters, getFilters, setFilters),
    createKey: methods.call(mailboxOperations.createKey),
    deleteKey: methods.call(mailboxOperations.deleteKey),
    resume: methods.call(mailboxOperations.resume),
    suspend: methods.call(mailboxOperations.suspend),
    checkAvailability: methods.call(mailboxOperations.checkAvailability),
    getCostUsage: methods.conditional(mailboxOperations.getCostUsage)
  }
}
