/**
 * Mailboxes: create them, say what they may send through, hand out their keys, filter who writes to them, and see
 * what they cost.
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
  Mailbox,
  MailboxAvailability,
  MailboxCreated,
  MailboxKeyCreated,
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
    data: Schema.Array(Mailbox),
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
    data: Mailbox,
    flags: ["conditional"]
  }),
  update: operation("management.mailboxes.update", {
    http: "PATCH",
    path: "/mailboxes/{public_id}",
    body: "json",
    input: UpdateMailboxInput,
    data: Mailbox,
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
    data: Mailbox,
    flags: ["idempotencyKey"]
  }),
  suspend: operation("management.mailboxes.suspend", {
    http: "POST",
    path: "/mailboxes/{public_id}/suspend",
    data: Mailbox,
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
 * @since 0.1.0
 * @category services
 */
export interface Mailboxes {
  /**
   * Every mailbox of the team: `GET /mailboxes`, 50 to a page unless `limit` says otherwise. Deleted ones are left
   * out unless `include_deleted` asks for them.
   */
  readonly list: ListMethod<[input?: ListMailboxesInput, options?: CallOptions], Mailbox>
  /**
   * Creates a mailbox and its first key: `POST /mailboxes`.
   *
   * The key's secret is in this answer alone. `credential` is null when the mailbox was made and the key was not:
   * `createKey` makes one. Fails with `conflict` for an address that is taken and with `limit_exceeded` where the
   * team may have no more mailboxes.
   */
  readonly create: Method<[input: CreateMailboxInput, options?: IdempotentOptions], MailboxCreated>
  /**
   * Deletes a mailbox with its mail and its keys: `DELETE /mailboxes/{public_id}`. Its address stays reserved for a
   * while (`cleanup_pending`).
   */
  readonly delete: Method<[public_id: string, options?: CallOptions], Deleted>
  /** One mailbox: `GET /mailboxes/{public_id}`. */
  readonly get: ConditionalMethod<[public_id: string, options?: CallOptions], Mailbox>
  /**
   * Changes a mailbox's name, size or send scope: `PATCH /mailboxes/{public_id}`. What is left out stays.
   *
   * Fails with `conflict` when `ifMatch` names another version.
   */
  readonly update: Method<
    [public_id: string, input: UpdateMailboxInput, options?: ConditionalWriteOptions],
    Mailbox
  >
  /** Reads a mailbox, decides, and updates it unless someone else did meanwhile. */
  readonly modify: ModifyMethod<[public_id: string], Mailbox, UpdateMailboxInput>
  /** Who may write to the mailbox: `GET /mailboxes/{public_id}/filters`. */
  readonly getFilters: ConditionalMethod<[public_id: string, options?: CallOptions], FilterState>
  /**
   * Sets who may write to the mailbox, in place of all rules there were: `PUT /mailboxes/{public_id}/filters`.
   *
   * A rule whose type does not go with the mode is refused before anything is sent. Fails with `conflict` when
   * `ifMatch` names another version.
   */
  readonly setFilters: Method<
    [public_id: string, input: SetFiltersInput, options?: ConditionalWriteOptions],
    FilterState
  >
  /** Reads the filter, decides, and sets it unless someone else did meanwhile. */
  readonly modifyFilters: ModifyMethod<[public_id: string], FilterState, SetFiltersInput>
  /**
   * Makes a further key for a mailbox: `POST /mailboxes/{public_id}/keys`. Its secret is in this answer alone.
   */
  readonly createKey: Method<
    [public_id: string, input: CreateMailboxKeyInput, options?: IdempotentOptions],
    MailboxKeyCreated
  >
  /**
   * Takes a key away, by the `public_id` of its credential: `DELETE /mailboxes/{public_id}/keys/{key_id}`. Whoever
   * uses it is locked out at once.
   */
  readonly deleteKey: Method<[public_id: string, key_id: string, options?: CallOptions], Deleted>
  /** Lets a suspended mailbox work again: `POST /mailboxes/{public_id}/resume`. */
  readonly resume: Method<[public_id: string, options?: IdempotentOptions], Mailbox>
  /** Stops a mailbox from sending and receiving and keeps its mail: `POST /mailboxes/{public_id}/suspend`. */
  readonly suspend: Method<[public_id: string, options?: IdempotentOptions], Mailbox>
  /** Whether an address can become a mailbox of this team: `GET /mailboxes/availability`. */
  readonly checkAvailability: Method<
    [input: CheckAvailabilityInput, options?: CallOptions],
    MailboxAvailability
  >
  /**
   * What the mailbox cost from `start` until just before `end`, at most 366 days: `GET /mailboxes/{public_id}/usage`.
   *
   * Amounts of a window that is still `pending` may grow.
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
