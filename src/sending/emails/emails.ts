/**
 * Sending email: one message, or up to 100 messages in one request.
 *
 * @since 0.1.0
 */
import type { DataMethods } from "../../internal/methods/types.js"
import type { IdempotentOptions, Method } from "../../internal/model/call.js"
import { operation } from "../../internal/operation/operation.js"
import { BatchData, batchMethod } from "./batch.js"
import { BatchInput, type BatchResult, EmailInput, SendResult } from "./schemas.js"

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const emailOperations = {
  send: operation("sending.emails.send", {
    http: "POST",
    path: "/emails/send",
    body: "json",
    input: EmailInput,
    data: SendResult,
    flags: ["idempotencyKey"]
  }),
  sendBatch: operation("sending.emails.sendBatch", {
    http: "POST",
    path: "/emails/send/batch",
    body: "json",
    input: BatchInput,
    data: BatchData,
    flags: ["idempotencyKey"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `sending.emails`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Emails {
  /**
   * Queues one message: `POST /emails/send`.
   *
   * The request carries an idempotency key, so that retries of the call do not send the message twice. By default each
   * call generates a key. Pass your own `idempotencyKey` if the same message may be sent again by another call or
   * another process.
   *
   * Fails with `InvalidRequestError` for an invalid message, before anything is sent, and with `validation_error` if
   * the server finds a problem. Fails with `insufficient_credits`, `billing_restricted` or `no_active_providers` if the
   * team cannot send, and with `idempotency_conflict` if the key was used for another message. Because of
   * `delivery_group` it fails with `delivery_group_not_found`, with `delivery_group_not_allowed` if the credential is
   * limited to other groups, and with `delivery_group_scope_invalid` if it is limited to providers.
   *
   * A plan may limit the recipients of a day. The call then fails with `rate_limit_exceeded` and a `retryAfter` of hours,
   * without retrying: see `APIError.isDailyLimit`.
   *
   * @example
   * import { Sending } from "effect-sendmux/Sending"
   * import * as Effect from "effect/Effect"
   *
   * export const sendReceipt = (order: string, email: string) =>
   *   Effect.gen(function* () {
   *     const { emails } = yield* Sending
   *     const { message_id } = yield* emails.send(
   *       {
   *         from: { email: "shop@example.com", name: "The shop" },
   *         to: { email },
   *         subject: `Your order ${order}`,
   *         html_body: "<p>Thank you for your order.</p>"
   *       },
   *       { idempotencyKey: `receipt-${order}` }
   *     )
   *     return message_id
   *   })
   *
   * @see `sendBatch` for many messages
   */
  readonly send: Method<[email: EmailInput, options?: IdempotentOptions], SendResult>
  /**
   * Queues up to 100 messages in one request: `POST /emails/send/batch`. Succeeds with one result for each message, in
   * the order of the messages.
   *
   * The server may accept some messages and reject others, so check every result. A message that the SDK finds invalid
   * is a `Failed` item with the code `invalid_request` and is not sent, and the other messages are. The call fails only
   * if no message was accepted: with `InvalidRequestError` before anything is sent if the SDK finds every message
   * invalid, with `validation_error` if the server does, with `service_unavailable` if none could be queued at the
   * moment, and with `insufficient_credits` if the team cannot pay for the batch.
   *
   * @example
   * import { Sending } from "effect-sendmux/Sending"
   * import * as Effect from "effect/Effect"
   *
   * export const sendNews = (readers: ReadonlyArray<string>) =>
   *   Effect.gen(function* () {
   *     const { emails } = yield* Sending
   *     const { results } = yield* emails.sendBatch({
   *       messages: readers.map((email) => ({
   *         from: { email: "news@example.com" },
   *         to: { email },
   *         subject: "News",
   *         html_body: "<p>There is news.</p>"
   *       }))
   *     })
   *     for (const result of results) {
   *       if (result._tag === "Failed") {
   *         yield* Effect.logError(result.message.to.email, result.error.code)
   *       }
   *     }
   *   })
   *
   * @see `send` for one message
   */
  readonly sendBatch: Method<[batch: BatchInput, options?: IdempotentOptions], BatchResult>
}

/** @internal */
export const makeEmails = (methods: DataMethods): Emails => ({
  send: methods.call(emailOperations.send),
  sendBatch: batchMethod(methods.call(emailOperations.sendBatch), methods.encoded(emailOperations.sendBatch))
})
