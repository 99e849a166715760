/**
 * Providers: the accounts that mail goes out through, their quotas, limits and figures.
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
 * @since 0.1.0
 * @category services
 */
export interface Providers {
  /** Every provider of the team: `GET /providers`, 50 to a page unless `limit` says otherwise. */
  readonly list: ListMethod<[input?: ListProvidersInput, options?: CallOptions], Provider>
  /**
   * Adds an SMTP account: `POST /providers`. Its password is stored and never shown again.
   *
   * Fails with `limit_exceeded` where the team may have no more: `requestLimitIncrease` asks for it.
   */
  readonly create: Method<[input: CreateProviderInput, options?: IdempotentOptions], Provider>
  /** Removes a provider: `DELETE /providers/{public_id}`. `allowed_actions.delete` says whether that may be. */
  readonly delete: Method<[public_id: string, options?: CallOptions], Deleted>
  /** One provider: `GET /providers/{public_id}`. */
  readonly get: ConditionalMethod<[public_id: string, options?: CallOptions], Provider>
  /**
   * Changes a provider: `PATCH /providers/{public_id}`. What is left out stays; null clears.
   *
   * Fails with `conflict` when `ifMatch` names another version.
   */
  readonly update: Method<
    [public_id: string, input: UpdateProviderInput, options?: ConditionalWriteOptions],
    Provider
  >
  /** Reads a provider, decides, and updates it unless someone else did meanwhile. */
  readonly modify: ModifyMethod<[public_id: string], Provider, UpdateProviderInput>
  /** Lets mail go out through a provider: `POST /providers/{public_id}/activate`. */
  readonly activate: Method<[public_id: string, options?: IdempotentOptions], Provider>
  /** Keeps mail from going out through a provider: `POST /providers/{public_id}/deactivate`. */
  readonly deactivate: Method<[public_id: string, options?: IdempotentOptions], Provider>
  /**
   * Tries to connect to a provider: `POST /providers/{public_id}/test`. One that does not work is an answer with
   * `success: false`, not a failure of the call.
   */
  readonly test: Method<[public_id: string, options?: IdempotentOptions], ProviderTest>
  /** How close the team is to its limits: `GET /providers/limits`. */
  readonly getLimits: Method<[options?: CallOptions], ProviderLimits>
  /**
   * Asks for more sending accounts: `POST /providers/limits/sending-accounts/request-increase`.
   *
   * Fails with `conflict` while an earlier request waits for an answer.
   */
  readonly requestLimitIncrease: Method<[options?: IdempotentOptions], SendingAccountLimitRequest>
  /**
   * The shared Amazon SES limit and the request that waits for an answer:
   * `GET /providers/shared-amazon-ses-limit-request`.
   */
  readonly getSharedSesLimitRequest: Method<[options?: CallOptions], SharedSesLimitStatus>
  /**
   * Asks for a higher shared Amazon SES limit: `POST /providers/shared-amazon-ses-limit-request`.
   *
   * Fails with `conflict` while an earlier request waits for an answer.
   */
  readonly createSharedSesLimitRequest: Method<[options?: IdempotentOptions], SharedSesLimitChange>
  /**
   * Takes a request back: `DELETE /providers/shared-amazon-ses-limit-request/{request_id}`. Gives the request as it
   * then is, `cancelled`.
   */
  readonly cancelSharedSesLimitRequest: Method<
    [request_id: string, options?: CallOptions],
    SharedSesLimitChange
  >
  /** How many providers there are, by status and by type: `GET /providers/stats`. */
  readonly getStats: Method<[options?: CallOptions], ProviderStats>
  /** What each provider did today and in the last seven days: `GET /providers/usage`. */
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
