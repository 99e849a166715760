/**
 * The domains that the team sends from and receives mail for.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
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
import type { SendmuxError } from "../../internal/model/errors.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import type { WaitOptions } from "../../internal/timing/poll.js"
import { Deleted, PageInput } from "../common.js"
import { FilterState, SetFiltersInput } from "../filters.js"
import { CreateDomainInput, Domain, DomainVerification, UpdateDomainInput } from "./schemas.js"
import { type DomainVerificationTimeoutError, waitUntilVerified } from "./waitUntilVerified.js"

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const domainOperations = {
  list: operation("management.domains.list", {
    http: "GET",
    path: "/domains",
    input: PageInput,
    data: Schema.Array(Domain),
    flags: ["paginated"]
  }),
  create: operation("management.domains.create", {
    http: "POST",
    path: "/domains",
    body: "json",
    input: CreateDomainInput,
    data: Domain,
    success: [201],
    flags: ["idempotencyKey"]
  }),
  delete: operation("management.domains.delete", {
    http: "DELETE",
    path: "/domains/{public_id}",
    data: Deleted
  }),
  get: operation("management.domains.get", {
    http: "GET",
    path: "/domains/{public_id}",
    data: Domain,
    flags: ["conditional"]
  }),
  update: operation("management.domains.update", {
    http: "PATCH",
    path: "/domains/{public_id}",
    body: "json",
    input: UpdateDomainInput,
    data: Domain,
    flags: ["ifMatch"]
  }),
  getFilters: operation("management.domains.getFilters", {
    http: "GET",
    path: "/domains/{public_id}/filters",
    data: FilterState,
    flags: ["conditional"]
  }),
  setFilters: operation("management.domains.setFilters", {
    http: "PUT",
    path: "/domains/{public_id}/filters",
    body: "json",
    input: SetFiltersInput,
    data: FilterState,
    flags: ["ifMatch"]
  }),
  verify: operation("management.domains.verify", {
    http: "POST",
    path: "/domains/{public_id}/verify",
    data: DomainVerification
  }),
  zoneFile: operation("management.domains.zoneFile", {
    http: "GET",
    path: "/domains/{public_id}/zone-file",
    response: "text",
    data: Schema.String
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `management.domains`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Domains {
  /** Streams the domains of the team: `GET /domains`. Default page size: 50, at most 100. */
  readonly list: ListMethod<[input?: PageInput, options?: CallOptions], Domain>
  /**
   * Creates a domain: `POST /domains`. Publish its `dns_records`, then verify the domain.
   *
   * Fails with `conflict` if the domain is already in use, and with `limit_exceeded` if the team has reached its limit.
   *
   * @example
   * import { dnsRecords, formatDnsRecord, Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   *
   * export const addDomain = (domain: string) =>
   *   Effect.gen(function* () {
   *     const { domains } = yield* Management
   *     const created = yield* domains.create({ domain }, { idempotencyKey: `domain-${domain}` })
   *     return dnsRecords(created).map(formatDnsRecord)
   *   })
   *
   * @see `waitUntilVerified` for the next step
   */
  readonly create: Method<[input: CreateDomainInput, options?: IdempotentOptions], Domain>
  /**
   * Deletes a domain: `DELETE /domains/{public_id}`.
   *
   * Fails with `not_found` if the team has no domain with this id, and with `conflict` if the domain still has
   * mailboxes.
   */
  readonly delete: Method<[public_id: string, options?: CallOptions], Deleted>
  /**
   * Reads a domain with its DNS records and its verification status: `GET /domains/{public_id}`.
   *
   * Fails with `not_found` if the team has no domain with this id.
   */
  readonly get: ConditionalMethod<[public_id: string, options?: CallOptions], Domain>
  /**
   * Changes the mode of a domain from `send_only` to `send_receive`: `PATCH /domains/{public_id}`. The domain is
   * `pending` until its MX records are verified.
   *
   * Fails with `not_found` if the team has no domain with this id, and with `conflict` if the domain has changed since
   * the ETag in `ifMatch` was read, or if its state does not permit the change.
   */
  readonly update: Method<
    [public_id: string, input: UpdateDomainInput, options?: ConditionalWriteOptions],
    Domain
  >
  /**
   * Reads a domain, applies a change and writes it with the ETag that was read. After a `conflict` it repeats all
   * steps, up to 5 times by default. A change that returns `undefined` writes nothing.
   *
   * @example
   * import { Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   *
   * export const enableReceiving = (id: string) =>
   *   Effect.gen(function* () {
   *     const { domains } = yield* Management
   *     return yield* domains.modify(id, ({ mode }) =>
   *       mode === "send_receive" ? undefined : { mode: "send_receive" }
   *     )
   *   })
   */
  readonly modify: ModifyMethod<[public_id: string], Domain, UpdateDomainInput>
  /**
   * Reads the sender filter of all mailboxes of a domain: `GET /domains/{public_id}/filters`.
   *
   * Fails with `not_found` if the team has no domain with this id.
   */
  readonly getFilters: ConditionalMethod<[public_id: string, options?: CallOptions], FilterState>
  /**
   * Replaces the sender filter of all mailboxes of a domain: `PUT /domains/{public_id}/filters`.
   *
   * Fails with `InvalidRequestError` if the type of a rule does not match the mode, before anything is sent. Fails with
   * `not_found` if the team has no domain with this id, and with `conflict` if the filter has changed since the ETag in
   * `ifMatch` was read.
   */
  readonly setFilters: Method<
    [public_id: string, input: SetFiltersInput, options?: ConditionalWriteOptions],
    FilterState
  >
  /**
   * Reads the sender filter of a domain, applies a change and writes it with the ETag that was read, like `modify`.
   *
   * @see `modify` for conflicts and retries
   */
  readonly modifyFilters: ModifyMethod<[public_id: string], FilterState, SetFiltersInput>
  /**
   * Verifies the DNS records of a domain now: `POST /domains/{public_id}/verify`. The API also verifies every domain
   * every six hours.
   *
   * The call succeeds even if the domain is not verified: `status` is then `pending` or `failed`, and `checks`
   * contains the reasons. Fails with `not_found` if the team has no domain with this id, with `conflict` if the
   * domain was changed during the verification, and with `service_unavailable`, whose `retryAfter` is the delay
   * before the next attempt.
   *
   * @example
   * import { checkDns, formatDns, Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   *
   * export const verify = (id: string) =>
   *   Effect.gen(function* () {
   *     const { domains } = yield* Management
   *     const verification = yield* domains.verify(id)
   *     if (verification.status !== "verified") {
   *       yield* Effect.log(formatDns(checkDns(yield* domains.get(id), verification)))
   *     }
   *   })
   *
   * @see `waitUntilVerified` to verify repeatedly
   */
  readonly verify: Method<[public_id: string, options?: CallOptions], DomainVerification>
  /**
   * Verifies the DNS records of a domain repeatedly until the domain is verified: `POST /domains/{public_id}/verify`.
   *
   * The first verification starts immediately. By default the next ones follow after 10 seconds and then at growing
   * delays of up to 2 minutes, for at most 30 minutes. The status `failed` does not end the wait, because a domain
   * recovers once its records are correct. Transient failures are retried.
   *
   * Fails with `DomainVerificationTimeoutError`, whose `missing` lists the records that are not confirmed, and with
   * `not_found` if the team has no domain with this id.
   */
  readonly waitUntilVerified: (
    public_id: string,
    options?: WaitOptions
  ) => Effect.Effect<DomainVerification, SendmuxError | DomainVerificationTimeoutError>
  /**
   * Reads the DNS records of a domain as a zone file, which many DNS providers can import:
   * `GET /domains/{public_id}/zone-file`.
   *
   * Fails with `not_found` if the team has no domain with this id.
   */
  readonly zoneFile: Method<[public_id: string, options?: CallOptions], string>
}

/** @internal */
export const makeDomains = (methods: DataMethods & ListMethods): Domains => {
  const get = methods.conditional(domainOperations.get)
  const update = methods.call(domainOperations.update)
  const getFilters = methods.conditional(domainOperations.getFilters)
  const setFilters = methods.call(domainOperations.setFilters)
  const verify = methods.call(domainOperations.verify)
  return {
    list: methods.list(domainOperations.list),
    create: methods.call(domainOperations.create),
    delete: methods.call(domainOperations.delete),
    get,
    update,
    modify: modifyOf(domainOperations.update, get, update),
    getFilters,
    setFilters,
    modifyFilters: modifyOf(domainOperations.setFilters, getFilters, setFilters),
    verify,
    waitUntilVerified: (public_id, options) =>
      waitUntilVerified(operationName(domainOperations.verify), verify(public_id), public_id, options),
    zoneFile: methods.call(domainOperations.zoneFile)
  }
}
