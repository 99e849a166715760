/**
 * Sends messages, each of them once: in batches from a stream, or one by one through an outbox. A ledger remembers what was
 * sent, so that a process may be interrupted or killed at any time.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Effect from "effect/Effect"
import { makeOutbox, type OutboxMethods } from "./bulk/outbox.js"
import { type BulkSend, makeSend } from "./bulk/send.js"
import { Sending } from "./Sending.js"

export * from "./bulk/ledger/ledger.js"
export * from "./bulk/ledger/model.js"
export * from "./bulk/model.js"
export type {
  OutboxDrainOptions,
  OutboxLayerOptions,
  OutboxMessageOptions,
  OutboxMethods,
  OutboxName,
  OutboxSendOptions
} from "./bulk/outbox.js"
export { Progress, type ProgressService, type ProgressSnapshot } from "./bulk/progress.js"
export type { BulkError, BulkSend } from "./bulk/send.js"
export type { BatchItemError, EmailInput } from "./sending/emails/schemas.js"

const sender = Effect.gen(function* () {
  return yield* Sending
})

/**
 * Bulk sending.
 *
 * @since 0.2.0
 * @category constructors
 */
export const Bulk: {
  /**
   * Sends messages in batches, and emits the outcome of each message: `Queued`, `Rejected` or `Unconfirmed`, in the order
   * in which they become known.
   *
   * Each batch is recorded in the `Ledger` before it is sent, and its outcomes after. To resume a run that was
   * interrupted, killed or stopped, run it again with the same messages and the same campaign: messages with an outcome
   * are not sent again, and their outcomes are emitted from the ledger. Several processes may run the same campaign at
   * the same time, if they share a ledger in SQL.
   *
   * Memory is bounded: the source is read as the batches are sent, and batches are sent as the outcomes are consumed.
   *
   * Transient failures are retried here, so the retry policy of the layer does not apply. Fails with `BulkStopped` if
   * further requests would fail in the same way, with `LedgerError` if the ledger fails, with `InvalidRequestError` if an
   * option is invalid, and with the error of the source. API path: `POST /emails/send/batch`.
   *
   * @example
   * import { Bulk } from "effect-sendmux/Bulk"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * export const sendNews = (readers: Stream.Stream<{ readonly id: string; readonly email: string }>) =>
   *   Bulk.send(
   *     Stream.map(readers, ({ id, email }) => ({
   *       id,
   *       email: {
   *         from: { email: "news@example.com" },
   *         to: { email },
   *         subject: "News",
   *         html_body: "<p>There is news.</p>"
   *       }
   *     })),
   *     { campaign: "news-2026-11" }
   *   ).pipe(
   *     Stream.runForEach((outcome) =>
   *       outcome._tag === "Queued" ? Effect.void : Effect.logWarning(outcome.id, outcome._tag)
   *     )
   *   )
   *
   * @since 0.2.0
   */
  readonly send: BulkSend<Sending>
} = { send: makeSend(sender) }

/**
 * Sends single messages, each of them once, although the process may be killed at any time.
 *
 * The outbox is kept in the `Ledger`: the message, its idempotency key and its outcome. Drain it when the process starts,
 * or provide `Outbox.layer`, which does so in the background.
 *
 * @example
 * import { Outbox } from "effect-sendmux/Bulk"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const sendReceipt = (order: string, email: string) =>
 *   Outbox.send(
 *     {
 *       from: { email: "shop@example.com" },
 *       to: { email },
 *       subject: `Your order ${order}`,
 *       html_body: "<p>Thank you for your order.</p>"
 *     },
 *     { id: `receipt-${order}` }
 *   )
 *
 * export const atStart = Stream.runForEach(Outbox.drain(), (outcome) => Effect.logInfo(outcome.id, outcome._tag))
 *
 * @since 0.2.0
 * @category constructors
 */
export const Outbox: OutboxMethods<Sending> = makeOutbox(sender)
