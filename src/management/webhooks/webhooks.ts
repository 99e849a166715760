/**
 * Webhooks: where events are delivered to, and what came of each delivery.
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
import { Deleted, PageInput } from "../common.js"
import {
  CreateWebhookInput,
  ListDeliveriesInput,
  UpdateWebhookInput,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPayload,
  WebhookTest,
  WebhookWithSecret
} from "./schemas.js"

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const webhookOperations = {
  list: operation("management.webhooks.list", {
    http: "GET",
    path: "/webhooks",
    input: PageInput,
    data: Schema.Array(Webhook),
    flags: ["paginated"]
  }),
  create: operation("management.webhooks.create", {
    http: "POST",
    path: "/webhooks",
    body: "json",
    input: CreateWebhookInput,
    data: WebhookWithSecret,
    success: [201],
    flags: ["idempotencyKey"]
  }),
  delete: operation("management.webhooks.delete", {
    http: "DELETE",
    path: "/webhooks/{public_id}",
    data: Deleted
  }),
  get: operation("management.webhooks.get", {
    http: "GET",
    path: "/webhooks/{public_id}",
    data: Webhook,
    flags: ["conditional"]
  }),
  update: operation("management.webhooks.update", {
    http: "PATCH",
    path: "/webhooks/{public_id}",
    body: "json",
    input: UpdateWebhookInput,
    data: Webhook,
    flags: ["ifMatch"]
  }),
  listDeliveries: operation("management.webhooks.listDeliveries", {
    http: "GET",
    path: "/webhooks/{public_id}/deliveries",
    input: ListDeliveriesInput,
    data: Schema.Array(WebhookDelivery),
    flags: ["paginated"]
  }),
  getDeliveryPayload: operation("management.webhooks.getDeliveryPayload", {
    http: "GET",
    path: "/webhooks/{public_id}/deliveries/{delivery_id}/payload",
    data: WebhookDeliveryPayload
  }),
  rotateSecret: operation("management.webhooks.rotateSecret", {
    http: "POST",
    path: "/webhooks/{public_id}/rotate-secret",
    data: WebhookWithSecret,
    flags: ["idempotencyKey"]
  }),
  test: operation("management.webhooks.test", {
    http: "POST",
    path: "/webhooks/{public_id}/test",
    data: WebhookTest,
    flags: ["idempotencyKey"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category services
 */
export interface Webhooks {
  /** Every webhook of the team: `GET /webhooks`, 50 to a page unless `limit` says otherwise. */
  readonly list: ListMethod<[input?: PageInput, options?: CallOptions], Webhook>
  /**
   * Adds a webhook: `POST /webhooks`. Its signing secret is in this answer alone: `Webhooks.verify` takes it.
   *
   * Fails with `limit_exceeded` where the team may have no more.
   */
  readonly create: Method<[input: CreateWebhookInput, options?: IdempotentOptions], WebhookWithSecret>
  /** Removes a webhook: `DELETE /webhooks/{public_id}`. */
  readonly delete: Method<[public_id: string, options?: CallOptions], Deleted>
  /** One webhook: `GET /webhooks/{public_id}`. */
  readonly get: ConditionalMethod<[public_id: string, options?: CallOptions], Webhook>
  /**
   * Changes a webhook: `PATCH /webhooks/{public_id}`. What is left out stays. Turning `enabled` off and on again
   * clears `failing`.
   *
   * Fails with `conflict` when `ifMatch` names another version.
   */
  readonly update: Method<
    [public_id: string, input: UpdateWebhookInput, options?: ConditionalWriteOptions],
    Webhook
  >
  /** Reads a webhook, decides, and updates it unless someone else did meanwhile. */
  readonly modify: ModifyMethod<[public_id: string], Webhook, UpdateWebhookInput>
  /**
   * What came of the deliveries of the last seven days: `GET /webhooks/{public_id}/deliveries`, 25 to a page unless
   * `limit` says otherwise.
   */
  readonly listDeliveries: ListMethod<
    [public_id: string, input?: ListDeliveriesInput, options?: CallOptions],
    WebhookDelivery
  >
  /**
   * What a delivery said: `GET /webhooks/{public_id}/deliveries/{delivery_id}/payload`. Kept for seven days;
   * `not_found` after that.
   */
  readonly getDeliveryPayload: Method<
    [public_id: string, delivery_id: string, options?: CallOptions],
    WebhookDeliveryPayload
  >
  /**
   * Makes a new signing secret: `POST /webhooks/{public_id}/rotate-secret`. The old one signs nothing from now on,
   * deliveries that are tried again included; the new one is in this answer alone.
   */
  readonly rotateSecret: Method<[public_id: string, options?: IdempotentOptions], WebhookWithSecret>
  /** Delivers an event of type `sendmux.test`: `POST /webhooks/{public_id}/test`. */
  readonly test: Method<[public_id: string, options?: IdempotentOptions], WebhookTest>
}

/** @internal */
export const makeWebhooks = (methods: DataMethods & ListMethods): Webhooks => {
  const get = methods.conditional(webhookOperations.get)
  const update = methods.call(webhookOperations.update)
  return {
    list: methods.list(webhookOperations.list),
    create: methods.call(webhookOperations.create),
    delete: methods.call(webhookOperations.delete),
    get,
    update,
    modify: modifyOf(webhookOperations.update, get, update),
    listDeliveries: methods.list(webhookOperations.listDeliveries),
    getDeliveryPayload: methods.call(webhookOperations.getDeliveryPayload),
    rotateSecret: methods.call(webhookOperations.rotateSecret),
    test: methods.call(webhookOperations.test)
  }
}
