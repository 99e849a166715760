/**
 * The providers of the team: the accounts that messages are sent through, with their limits and statistics.
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
import {
  ProviderLimits,
  SendingAccountLimitRequest,
  SharedSesLimitChange,
  SharedSesLimitStatus
} from "./limits.js"
import {
  CreateProviderInput,
  ListProvidersInput,
  Provider,
  ProviderStats,
  ProviderTest,
  ProviderUsage,
  UpdateProviderInput
} from "./schemas.js"

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const providerOperations = {
  list: operation("management.providers.list", {
    http: "GET",
    path: "/providers",
    input: ListProvidersInput,
    data: Schema.Array(Provider),
    flags: ["paginated"]
  }),
  create: operation("management.providers.create", {
    http: "POST",
    path: "/providers",
    body: "json",
    input: CreateProviderInput,
    data: Provider,
    success: [201],
    flags: ["idempotencyKey"]
  }),
  delete: operation("management.providers.delete", {
    http: "DELETE",
    path: "/providers/{public_id}",
    data: Deleted
  }),
  get: operation("management.providers.get", {
    http: "GET",
    path: "/providers/{public_id}",
    data: Provider,
    flags: ["conditional"]
  }),
  update: operation("management.providers.update", {
    http: "PATCH",
    path: "/providers/{public_id}",
    body: "json",
    input: UpdateProviderInput,
    data: Provider,
    flags: ["ifMatch"]
  }),
  activate: operation("management.providers.activate", {
    http: "POST",
    path: "/providers/{public_id}/activate",
    data: Provider,
    flags: ["idempotencyKey"]
  }),
  deactivate: operation("management.providers.deactivate", {
    http: "POST",
    path: "/providers/{public_id}/deactivate",
    data: Provider,
    flags: ["idempotencyKey"]
  }),
  test: operation("management.providers.test", {
    http: "POST",
    path: "/providers/{public_id}/test",
    data: ProviderTest,
    flags: ["idempotencyKey"]
  }),
  getLimits: operation("management.providers.getLimits", {
    http: "GET",
    path: "/providers/limits",
    data: ProviderLimits
  }),
  requestLimitIncrease: operation("management.providers.requestLimitIncrease", {
    http: "POST",
    path: "/providers/limits/sending-accounts/request-increase",
    data: SendingAccountLimitRequest,
    flags: ["idempotencyKey"]
  }),
  getSharedSesLimitRequest: operation("management.providers.getSharedSesLimitRequest", {
    http: "GET",
    path: "/providers/shared-amazon-ses-limit-request",
    data: SharedSesLimitStatus
  }),
  createSharedSesLimitRequest: operation("management.providers.createSharedSesLimitRequest", {
    http: "POST",
    path: "/providers/shared-amazon-ses-limit-request",
    data: SharedSesLimitChange,
    flags: ["idempotencyKey"]
  }),
  cancelSharedSesLimitRequest: operation("management.providers.cancelSharedSesLimitRequest", {
    http: "DELETE",
    path: "/providers/shared-amazon-ses-limit-request/{request_id}",
    data: SharedSesLimitChange
  }),
  getStats: operation("management.providers.getStats", {
    http: "GET",
    path: "/providers/stats",
    data: ProviderStats
  }),
  getUsage: operation("management.providers.getUsage", {
    http: "GET",
    path: "/providers/usage",
    data: ProviderUsage
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `management.providers`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Providers {
  /** Streams the providers of the team: `GET /providers`. Default page size: 50, at most 100. */
  readonly list: ListMethod<[input?: ListProvidersInput, options?: CallOptions], Provider>
  /**
   * Creates an SMTP provider: `POST /providers`. The API stores the password and never returns it.
   *
   * Fails with `limit_exceeded` if the team has reached its limit, which `requestLimitIncrease` asks to raise.
   *
   * @example
   * import { Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   * import type * as Redacted from "effect/Redacted"
   *
   * export const addProvider = (smtp_password: Redacted.Redacted) =>
   *   Effect.gen(function* () {
   *     const { providers } = yield* Management
   *     const provider = yield* providers.create({
   *       name: "Main",
   *       smtp_host: "smtp.example.com",
   *       smtp_port: 587,
   *       smtp_protocol: "starttls",
   *       smtp_username: "mailer",
   *       smtp_password,
   *       quotas: { per_minute: 100 }
   *     })
   *     return yield* providers.test(provider.id)
   *   })
   *
   * @see `test` to check the connection
   */
  readonly create: Method<[input: CreateProviderInput, options?: IdempotentOptions], Provider>
  /**
   * Deletes a provider: `DELETE /providers/{public_id}`. `allowed_actions.delete` of the provider reports whether
   * this is permitted.
   *
   * Fails with `not_found` if the team has no provider with this id.
   */
  readonly delete: Method<[public_id: string, options?: CallOptions], Deleted>
  /**
   * Reads a provider: `GET /providers/{public_id}`. The response does not contain the password.
   *
   * Fails with `not_found` if the team has no provider with this id.
   */
  readonly get: ConditionalMethod<[public_id: string, options?: CallOptions], Provider>
  /**
   * Changes a provider: `PATCH /providers/{public_id}`. A missing key leaves the value unchanged, and null removes it.
   *
   * Fails with `not_found` if the team has no provider with this id, and with `conflict` if the provider has changed
   * since the ETag in `ifMatch` was read.
   */
  readonly update: Method<
    [public_id: string, input: UpdateProviderInput, options?: ConditionalWriteOptions],
    Provider
  >
  /**
   * Reads a provider, applies a change and writes it with the ETag that was read. After a `conflict` it repeats all
   * steps, up to 5 times by default. A change that returns `undefined` writes nothing.
   *
   * @example
   * import { Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   *
   * export const setVariable = (id: string, name: string, value: string) =>
   *   Effect.gen(function* () {
   *     const { providers } = yield* Management
   *     return yield* providers.modify(id, ({ variables }) => ({ variables: { ...variables, [name]: value } }))
   *   })
   */
  readonly modify: ModifyMethod<[public_id: string], Provider, UpdateProviderInput>
  /**
   * Activates a provider, so that messages are sent through it: `POST /providers/{public_id}/activate`.
   *
   * Fails with `not_found` if the team has no provider with this id.
   */
  readonly activate: Method<[public_id: string, options?: IdempotentOptions], Provider>
  /**
   * Deactivates a provider, so that no messages are sent through it: `POST /providers/{public_id}/deactivate`.
   *
   * Fails with `not_found` if the team has no provider with this id.
   */
  readonly deactivate: Method<[public_id: string, options?: IdempotentOptions], Provider>
  /**
   * Tests the connection to a provider: `POST /providers/{public_id}/test`. The call succeeds even if the connection
   * fails: `success` is then `false`.
   *
   * Fails with `not_found` if the team has no provider with this id.
   */
  readonly test: Method<[public_id: string, options?: IdempotentOptions], ProviderTest>
  /**
   * Reads the limits of the team for providers: `GET /providers/limits`.
   *
   * Fails with `insufficient_permissions` if the credential may not read providers.
   */
  readonly getLimits: Method<[options?: CallOptions], ProviderLimits>
  /**
   * Requests more sending accounts: `POST /providers/limits/sending-accounts/request-increase`.
   *
   * Fails with `conflict` while an earlier request is not decided.
   */
  readonly requestLimitIncrease: Method<[options?: IdempotentOptions], SendingAccountLimitRequest>
  /**
   * Reads the limit of the shared Amazon SES account and the request that is not decided yet:
   * `GET /providers/shared-amazon-ses-limit-request`.
   *
   * Fails with `insufficient_permissions` if the credential may not read providers.
   */
  readonly getSharedSesLimitRequest: Method<[options?: CallOptions], SharedSesLimitStatus>
  /**
   * Requests a higher limit of the shared Amazon SES account: `POST /providers/shared-amazon-ses-limit-request`.
   *
   * Fails with `conflict` while an earlier request is not decided.
   */
  readonly createSharedSesLimitRequest: Method<[options?: IdempotentOptions], SharedSesLimitChange>
  /**
   * Cancels a request for a higher limit of the shared Amazon SES account:
   * `DELETE /providers/shared-amazon-ses-limit-request/{request_id}`. Succeeds with the request, whose status is
   * `cancelled`.
   *
   * Fails with `not_found` if the team has no request with this id.
   */
  readonly cancelSharedSesLimitRequest: Method<
    [request_id: string, options?: CallOptions],
    SharedSesLimitChange
  >
  /**
   * Reads the number of providers by status and by type: `GET /providers/stats`.
   *
   * Fails with `insufficient_permissions` if the credential may not read providers.
   */
  readonly getStats: Method<[options?: CallOptions], ProviderStats>
  /**
   * Reads the number of messages of each provider, today and in the last seven days: `GET /providers/usage`.
   *
   * Fails with `insufficient_permissions` if the credential may not read providers.
   */
  readonly getUsage: Method<[options?: CallOptions], ProviderUsage>
}

/** @internal */
export const makeProviders = (methods: DataMethods & ListMethods): Providers => {
  const get = methods.conditional(providerOperations.get)
  const update = methods.call(providerOperations.update)
  return {
    list: methods.list(providerOperations.list),
    create: methods.call(providerOperations.create),
    delete: methods.call(providerOperations.delete),
    get,
    update,
    modify: modifyOf(providerOperations.update, get, update),
    activate: methods.call(providerOperations.activate),
    deactivate: methods.call(providerOperations.deactivate),
    test: methods.call(providerOperations.test),
    getLimits: methods.call(providerOperations.getLimits),
    requestLimitIncrease: methods.call(providerOperations.requestLimitIncrease),
    getSharedSesLimitRequest: methods.call(providerOperations.getSharedSesLimitRequest),
    createSharedSesLimitRequest: methods.call(providerOperations.createSharedSesLimitRequest),
    cancelSharedSesLimitRequest: methods.call(providerOperations.cancelSharedSesLimitRequest),
    getStats: methods.call(providerOperations.getStats),
    getUsage: methods.call(providerOperations.getUsage)
  }
}
