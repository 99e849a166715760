/**
 * The log of outgoing messages and their metrics.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { DataMethods, ListMethods } from "../../internal/methods/types.js"
import type { CallOptions, ConditionalMethod, ListMethod, Method } from "../../internal/model/call.js"
import type { SendmuxStreamError } from "../../internal/model/errors.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import type { WaitOptions } from "../../internal/timing/poll.js"
import { type ResumableList, resumable } from "../positions.js"
import { EmailMetrics, EmailMetricsInput } from "./metrics.js"
import { EmailLog, EmailLogDetail, ListEmailLogsInput } from "./schemas.js"
import { type DeliveryTarget, type DeliveryTimeoutError, waitForDelivery } from "./waitForDelivery.js"

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const emailOperations = {
  listLogs: operation("management.emails.listLogs", {
    http: "GET",
    path: "/emails/logs",
    input: ListEmailLogsInput,
    data: Schema.Array(EmailLog),
    flags: ["paginated"]
  }),
  getLog: operation("management.emails.getLog", {
    http: "GET",
    path: "/emails/logs/{public_id}",
    data: EmailLogDetail,
    flags: ["conditional"]
  }),
  getMetrics: operation("management.emails.getMetrics", {
    http: "GET",
    path: "/emails/metrics",
    input: EmailMetricsInput,
    data: EmailMetrics
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `management.emails`.
 *
 * @since 0.1.0
 * @category services
 */
export interface ManagementEmails {
  /**
   * Streams the log of outgoing messages: `GET /emails/logs`. Default page size: 25, at most 100.
   *
   * @example
   * import { Management } from "effect-sendmux/Management"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * export const printRejections = Effect.gen(function* () {
   *   const { emails } = yield* Management
   *   yield* emails
   *     .listLogs({ status: "rejected", from_date: "2026-11-01" })
   *     .pipe(Stream.runForEach((log) => Effect.log(log.to_email, log.status_reason)))
   * })
   *
   * @see `readLogs` for a stream that can continue after a restart
   */
  readonly listLogs: ListMethod<[input?: ListEmailLogsInput, options?: CallOptions], EmailLog>
  /**
   * Streams the log like `listLogs`, with the `position` of each entry: `GET /emails/logs`. Pass a position to continue
   * after its entry, with the same filter.
   *
   * If entries moved to other pages in the meantime, the stream may repeat entries, but it skips none.
   */
  readonly readLogs: ResumableList<ListEmailLogsInput, EmailLog>
  /**
   * Reads an entry of the log with its recipients: `GET /emails/logs/{public_id}`.
   *
   * Fails with `not_found` if the team has no entry with this id.
   */
  readonly getLog: ConditionalMethod<[public_id: string, options?: CallOptions], EmailLogDetail>
  /**
   * Reads the number of messages by hour or by day and in total, together with the totals of the period before:
   * `GET /emails/metrics`.
   *
   * Fails with `insufficient_permissions` if the credential may not read metrics.
   *
   * @see `emailSeries` to get one measure over time
   */
  readonly getMetrics: Method<[input?: EmailMetricsInput, options?: CallOptions], EmailMetrics>
  /**
   * Waits until a message is in the log and has a final status: `GET /emails/logs` and `GET /emails/logs/{public_id}`.
   * Succeeds with the log entry, whose `status` is `sent`, `failed` or `rejected`. A message with the status `failed` may
   * have been delivered, so do not send it again.
   *
   * The first attempt is immediate. By default the next ones follow after one second and then at growing delays of up
   * to 30 seconds, for at most 5 minutes. Each attempt searches at most 1000 entries that match the filter, so give a
   * `from_date` or a `search` if the log is long. Transient failures are retried.
   *
   * Fails with `DeliveryTimeoutError` when the wait ends, and with `InvalidRequestError` for a filter that matches
   * every message.
   */
  readonly waitForDelivery: (
    target: DeliveryTarget,
    options?: WaitOptions
  ) => Effect.Effect<EmailLogDetail, SendmuxStreamError | DeliveryTimeoutError>
}

/** @internal */
export const makeEmails = (methods: DataMethods & ListMethods): ManagementEmails => {
  const listLogs = methods.list(emailOperations.listLogs)
  const getLog = methods.conditional(emailOperations.getLog)
  const names = {
    listLogs: operationName(emailOperations.listLogs),
    getLog: operationName(emailOperations.getLog)
  }
  return {
    listLogs,
    readLogs: resumable<ListEmailLogsInput, EmailLog>(listLogs, (input, cursor) => ({ ...input, cursor })),
    getLog,
    getMetrics: methods.call(emailOperations.getMetrics),
    waitForDelivery: (target, options) => waitForDelivery({ getLog, listLogs, names }, target, options)
  }
}
