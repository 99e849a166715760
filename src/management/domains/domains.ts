/**
 * The domains that the team sends from and receives at.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { durationFromMillis } from "../../internal/dialect/schema.js"
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
import { APIError, type SendmuxError } from "../../internal/model/errors.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import {
  Checked,
  Literals,
  Nullable,
  NullableTimestamp,
  OpenEnum,
  OptionalInput,
  Text,
  Timestamp
} from "../../internal/schema/schema.js"
import { growing, poll, type WaitOptions } from "../../internal/timing/poll.js"
import { Deleted, PageInput } from "../common.js"
import { FilterState, SetFiltersInput } from "../filters.js"
import { DomainChecks, DomainDnsRecords, outstandingDns } from "./dns.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const modes = ["send_only", "send_receive"] as const

const VerificationStatus = OpenEnum(["pending", "verified", "failed"])

/**
 * A domain of the team.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Domain = Schema.Struct({
  /** Starts with `mdom_`. */
  id: Schema.String,
  /** Such as `mail.example.com`. */
  domain: Schema.String,
  /** A `send_receive` domain can have mailboxes, and needs MX records for that. */
  mode: OpenEnum(modes),
  verification_status: VerificationStatus,
  ses_identity_verification_status: Nullable(Schema.String),
  /** Whether Amazon SES lets the domain send. */
  ses_verified_for_sending: Nullable(Schema.Boolean),
  /** `pending`, `success`, `failed`, `temporary_failure` or `not_started`. */
  ses_dkim_status: Nullable(Schema.String),
  ses_dkim_signing_enabled: Nullable(Schema.Boolean),
  /** When Amazon SES was last asked. */
  ses_identity_checked_at: NullableTimestamp,
  /** The same words as `ses_dkim_status`. */
  ses_mail_from_status: Nullable(Schema.String),
  /** When a verification last succeeded. */
  verified_at: NullableTimestamp,
  created_at: Timestamp,
  /** How many mailboxes the domain has now. */
  mailbox_count: Schema.Number,
  /** What to publish; `dnsRecords` gives it as rows. */
  dns_records: DomainDnsRecords
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Domain extends Schema.Schema.Type<typeof Domain> {}

/**
 * What a look at a domain's DNS records found. `checkDns` turns it into advice for each record.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DomainVerification = Schema.Struct({
  /** How the domain stands after this look. */
  status: VerificationStatus,
  ses_identity_verification_status: Schema.String,
  /** Whether Amazon SES lets the domain send. */
  ses_verified_for_sending: Schema.Boolean,
  /** `pending`, `success`, `failed`, `temporary_failure` or `not_started`. */
  ses_dkim_status: Schema.String,
  ses_dkim_signing_enabled: Schema.Boolean,
  ses_identity_checked_at: Timestamp,
  /** The same words as `ses_dkim_status`. */
  ses_mail_from_status: Schema.String,
  /** Which records are as they should be. */
  checks: DomainChecks
})

/**
 * @since 0.1.0
 * @category models
 */
export interface DomainVerification extends Schema.Schema.Type<typeof DomainVerification> {}

const DomainName = Checked(Text({ min: 1, max: 253 }), (name) =>
  /^(?!-)[^\s/:@A-Z]+\.[^\s/:@A-Z.]+$/.test(name)
    ? undefined
    : "must be a domain such as mail.example.com: lower case, no scheme, no path"
)

/**
 * A domain to add.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CreateDomainInput = Schema.Struct({
  /** In lower case, without a scheme. */
  domain: DomainName,
  /** Default: `send_receive`. */
  mode: OptionalInput(Literals(...modes))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateDomainInput extends Schema.Schema.Type<typeof CreateDomainInput> {}

/**
 * The one change a domain takes: from sending alone to sending and receiving. There is no way back.
 *
 * @since 0.1.0
 * @category schemas
 */
export const UpdateDomainInput = Schema.Struct({ mode: Literals("send_receive") })

/**
 * @since 0.1.0
 * @category models
 */
export interface UpdateDomainInput extends Schema.Schema.Type<typeof UpdateDomainInput> {}

/**
 * A domain was not verified in the time, or the looks, that there were.
 *
 * @since 0.1.0
 * @category errors
 */
export class DomainVerificationTimeoutError extends Schema.TaggedError<DomainVerificationTimeoutError>(
  "effect-sendmux/DomainVerificationTimeoutError"
)("DomainVerificationTimeoutError", {
  domain_id: Schema.String,
  /** How often the domain was looked at. */
  looks: Schema.Number,
  waited: durationFromMillis,
  /** What is missing, wrong or not confirmed yet: `verification`, `spf`, `dkim`, `dmarc`, `mx`, ... */
  missing: Schema.Array(Schema.String),
  /** What the last look found; `checkDns` says for each record what to do. */
  verification: OptionalInput(DomainVerification)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const missing = this.missing.length === 0 ? "" : `; not in place yet: ${this.missing.join(", ")}`
    return `The domain ${this.domain_id} was not verified after ${this.looks} looks${missing}`
  }
}

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
 * @since 0.1.0
 * @category services
 */
export interface Domains {
  /** Every domain of the team: `GET /domains`, 50 to a page unless `limit` says otherwise. */
  readonly list: ListMethod<[input?: PageInput, options?: CallOptions], Domain>
  /**
   * Adds a domain: `POST /domains`. Publish its `dns_records`, then `waitUntilVerified`.
   *
   * Fails with `conflict` for a domain that is taken, and with `limit_exceeded` where the team may have no more.
   */
  readonly create: Method<[input: CreateDomainInput, options?: IdempotentOptions], Domain>
  /**
   * Removes a domain: `DELETE /domains/{public_id}`. Fails with `conflict` while a mailbox is left on it.
   */
  readonly delete: Method<[public_id: string, options?: CallOptions], Deleted>
  /** One domain with its records and its state: `GET /domains/{public_id}`. */
  readonly get: ConditionalMethod<[public_id: string, options?: CallOptions], Domain>
  /**
   * Lets a domain that only sends receive too: `PATCH /domains/{public_id}`. It is `pending` again until its MX
   * records are found.
   *
   * Fails with `conflict` when `ifMatch` names another version or the domain is in no state for it.
   */
  readonly update: Method<
    [public_id: string, input: UpdateDomainInput, options?: ConditionalWriteOptions],
    Domain
  >
  /** Reads a domain, decides, and updates it unless someone else did meanwhile. */
  readonly modify: ModifyMethod<[public_id: string], Domain, UpdateDomainInput>
  /** Who may write to the domain's mailboxes: `GET /domains/{public_id}/filters`. */
  readonly getFilters: ConditionalMethod<[public_id: string, options?: CallOptions], FilterState>
  /**
   * Sets who may write to the domain's mailboxes, in place of all rules there were: `PUT /domains/{public_id}/filters`.
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
   * Looks at the domain's DNS records now: `POST /domains/{public_id}/verify`. The API does so by itself every six
   * hours.
   *
   * A failed look leaves the domain `pending` or `failed`, with the reasons in `checks`: that is no error. Fails with
   * `conflict` when the domain was changed during the look, and with `service_unavailable`, whose `retryAfter` says
   * when to try again.
   */
  readonly verify: Method<[public_id: string, options?: CallOptions], DomainVerification>
  /**
   * Looks at the domain's DNS records until it is verified: at once, then by `schedule`, by default after 10 seconds
   * and more and more slowly up to two minutes, for 30 minutes in all.
   *
   * A domain that is `failed` is waited for as well, since it recovers once its records are right. Passing failures
   * are ridden out. Fails with `DomainVerificationTimeoutError`, which says what is missing.
   */
  readonly waitUntilVerified: (
    public_id: string,
    options?: WaitOptions
  ) => Effect.Effect<DomainVerification, SendmuxError | DomainVerificationTimeoutError>
  /** The domain's records as text that a DNS provider can import: `GET /domains/{public_id}/zone-file`. */
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
    waitUntilVerified: (public_id, options) => waitUntilVerified(verify, public_id, options),
    zoneFile: methods.call(domainOperations.zoneFile)
  }
}

/** DNS is slow: the first look is seldom the last one. */
const schedule = growing(10_000, 120_000)

const waitUntilVerified = (
  verify: Domains["verify"],
  domain_id: string,
  options: WaitOptions | undefined
): Effect.Effect<DomainVerification, SendmuxError | DomainVerificationTimeoutError> =>
  Effect.suspend(() => {
    let verification: DomainVerification | undefined
    return poll({
      operation: operationName(domainOperations.verify),
      look: Effect.map(verify(domain_id), (found) => {
        verification = found
        return found.status === "verified" ? Option.some(found) : Option.none()
      }),
      options,
      schedule,
      timeout: 30 * 60_000,
      // The domain was changed while the API looked at it.
      passing: APIError.is("conflict"),
      gaveUp: ({ attempts: looks, waited }) =>
        new DomainVerificationTimeoutError({
          domain_id,
          looks,
          waited,
          missing: verification === undefined ? [] : outstandingDns(verification),
          verification
        })
    })
  })
