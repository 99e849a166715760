/**
 * The webhooks of the team, and the deliveries of their events.
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
 * The methods of `management.webhooks`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Webhooks {
  /** Streams the webhooks of the team: `GET /webhooks`. Default page size: 50, at most 100. */
  readonly list: ListMethod<[input?: PageInput, options?: CallOptions], Webhook>
  /**
   * Creates a webhook: `POST /webhooks`. Only this response contains its signing secret, which `Webhooks.verify` needs.
   *
   * Fails with `InvalidRequestError` for a URL that does not use https, before anything is sent, and with
   * `limit_exceeded` if the team has reached its limit.
   *
   * @example
   * import { Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   *
   * export const subscribe = (url: string) =>
   *   Effect.gen(function* () {
   *     const { webhooks } = yield* Management
   *     const { id, secret } = yield* webhooks.create(
   *       { url, event_types: ["message.delivered", "message.bounced"], name: "Deliveries" },
   *       { idempotencyKey: `webhook-${url}` }
   *     )
   *     return { id, secret }
   *   })
   *
   * @see `test` to check the receiver
   */
  readonly create: Method<[input: CreateWebhookInput, options?: IdempotentOptions], WebhookWithSecret>
  /**
   * Deletes a webhook: `DELETE /webhooks/{public_id}`.
   *
   * Fails with `not_found` if the team has no webhook with this id.
   */
  readonly delete: Method<[public_id: string, options?: CallOptions], Deleted>
  /**
   * Reads a webhook: `GET /webhooks/{public_id}`. The response does not contain the signing secret.
   *
   * Fails with `not_found` if the team has no webhook with this id.
   */
  readonly get: ConditionalMethod<[public_id: string, options?: CallOptions], Webhook>
  /**
   * Changes a webhook: `PATCH /webhooks/{public_id}`. A missing key leaves the value unchanged. Setting `enabled` to
   * `false` and then to `true` clears `failing`.
   *
   * Fails with `not_found` if the team has no webhook with this id, and with `conflict` if the webhook has changed
   * since the ETag in `ifMatch` was read.
   */
  readonly update: Method<
    [public_id: string, input: UpdateWebhookInput, options?: ConditionalWriteOptions],
    Webhook
  >
  /**
   * Reads a webhook, applies a change and writes it with the ETag that was read. After a `conflict` it repeats all
   * steps, up to 5 times by default. A change that returns `undefined` writes nothing.
   *
   * @example
   * import { Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   *
   * export const addEventType = (id: string, type: string) =>
   *   Effect.gen(function* () {
   *     const { webhooks } = yield* Management
   *     return yield* webhooks.modify(id, ({ event_types }) =>
   *       event_types.includes(type) ? undefined : { event_types: [...event_types, type] }
   *     )
   *   })
   */
  readonly modify: ModifyMethod<[public_id: string], Webhook, UpdateWebhookInput>
  /**
   * Streams the delivery attempts of the last seven days: `GET /webhooks/{public_id}/deliveries`. Default page size:
   * 25, at most 100.
   *
   * Fails with `not_found` if the team has no webhook with this id.
   */
  readonly listDeliveries: ListMethod<
    [public_id: string, input?: ListDeliveriesInput, options?: CallOptions],
    WebhookDelivery
  >
  /**
   * Reads the payload of a delivery: `GET /webhooks/{public_id}/deliveries/{delivery_id}/payload`. The API keeps it for
   * seven days.
   *
   * Fails with `not_found` if the delivery does not exist or its payload has expired.
   */
  readonly getDeliveryPayload: Method<
    [public_id: string, delivery_id: string, options?: CallOptions],
    WebhookDeliveryPayload
  >
  /**
   * Replaces the signing secret: `POST /webhooks/{public_id}/rotate-secret`. Only this response contains the new
   * secret. The API signs every later delivery with it, including retries of earlier events.
   *
   * Fails with `not_found` if the team has no webhook with this id.
   */
  readonly rotateSecret: Method<[public_id: string, options?: IdempotentOptions], WebhookWithSecret>
  /**
   * Delivers an event of the type `sendmux.test`: `POST /webhooks/{public_id}/test`. The call does not wait for the
   * delivery: `listDeliveries` returns its outcome.
   *
   * Fails with `not_found` if the team has no webhook with this id.
   */
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
