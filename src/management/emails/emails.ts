/**
 * The log of mail that went out, and its numbers.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { durationFromMillis } from "../../internal/dialect/schema.js"
import type { DataMethods, ListMethods } from "../../internal/methods/types.js"
import type { CallOptions, ConditionalMethod, ListMethod, Method } from "../../internal/model/call.js"
import { InvalidRequestError, type SendmuxStreamError } from "../../internal/model/errors.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import {
  Literals,
  Nullable,
  NullableTimestamp,
  OpenEnum,
  OptionalInput,
  Text,
  Timestamp
} from "../../internal/schema/schema.js"
import { growing, poll, type WaitOptions } from "../../internal/timing/poll.js"
import { pageKeys, windowKeys } from "../common.js"
import { type ResumableList, resumable } from "../positions.js"
import { EmailMetrics, EmailMetricsInput } from "./metrics.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

const statuses = ["pending", "sent", "failed", "rejected"] as const

const logFields = {
  /** Starts with `dlog_`. */
  id: Schema.String,
  /** The provider it went through. */
  provider_id: Nullable(Schema.String),
  provider_name: Nullable(Schema.String),
  /** The message's own id, from its `Message-ID` header. */
  message_id: Nullable(Schema.String),
  from_email: Nullable(Schema.String),
  /** The sender it went out with, where the provider's settings changed it. */
  sent_from_email: Nullable(Schema.String),
  to_email: Nullable(Schema.String),
  subject: Nullable(Schema.String),
  /** Everything but `pending` is final. */
  status: OpenEnum(statuses),
  /** Why it failed or was rejected. */
  status_reason: Nullable(Schema.String),
  attempts: Schema.Number,
  sent_at: NullableTimestamp,
  size_bytes: Nullable(Schema.Number),
  created_at: Timestamp,
  /** Null, like the next two, where the recipients were not recorded. */
  recipient_count: Nullable(Schema.Number),
  accepted_recipient_count: Nullable(Schema.Number),
  rejected_recipient_count: Nullable(Schema.Number),
  /** The delivery groups it was sent through. */
  delivery_group: Nullable(Schema.Array(Schema.String))
}

/**
 * A message that went out, or is about to.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailLog = Schema.Struct(logFields)

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailLog extends Schema.Schema.Type<typeof EmailLog> {}

/**
 * What the provider said to one recipient.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailLogRecipient = Schema.Struct({
  email: Schema.String,
  type: Nullable(OpenEnum(["to", "cc", "bcc"])),
  status: OpenEnum(["accepted", "rejected"]),
  /** Why it was rejected. */
  reason: Nullable(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailLogRecipient extends Schema.Schema.Type<typeof EmailLogRecipient> {}

/**
 * A message that went out, with its recipients one by one.
 *
 * @since 0.1.0
 * @category schemas
 */
export const EmailLogDetail = Schema.Struct({
  ...logFields,
  /** Null where the recipients were not recorded. */
  recipients: Nullable(Schema.Array(EmailLogRecipient))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface EmailLogDetail extends Schema.Schema.Type<typeof EmailLogDetail> {}

/**
 * Which outgoing messages to list.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListEmailLogsInput = Schema.Struct({
  ...pageKeys,
  ...windowKeys,
  status: OptionalInput(Literals(...statuses)),
  /** Only what went through this provider. */
  provider_id: OptionalInput(Text({ min: 1 })),
  /** Looks in senders, recipient, subject and message id. */
  search: OptionalInput(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ListEmailLogsInput extends Schema.Schema.Type<typeof ListEmailLogsInput> {}

/**
 * The message to wait for: the log's own id, or what finds it in the log. The first entry of the list that fits is
 * the one.
 *
 * @since 0.1.0
 * @category models
 */
export type DeliveryTarget = { readonly log_id: string } | DeliveryFilter

/**
 * What finds a message in the log. At least one of `message_id`, `search` and `matches` is needed.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeliveryFilter
  extends Pick<ListEmailLogsInput, "from_date" | "to_date" | "provider_id" | "search"> {
  readonly log_id?: undefined
  /** The id in the message's `Message-ID` header, with or without angle brackets, or the part of it before the `@`. */
  readonly message_id?: string | undefined
  /** Decides for an entry that the rest of the filter let through. */
  readonly matches?: ((log: EmailLog) => boolean) | undefined
}

/**
 * A message was not settled, or not even in the log, in the time or the looks that there were.
 *
 * @since 0.1.0
 * @category errors
 */
export class DeliveryTimeoutError extends Schema.TaggedError<DeliveryTimeoutError>(
  "effect-sendmux/DeliveryTimeoutError"
)("DeliveryTimeoutError", {
  /** How often the log was looked at. */
  looks: Schema.Number,
  waited: durationFromMillis,
  /** The entry, where it was found. */
  log_id: OptionalInput(Schema.String),
  /** How the message stood last. */
  status: OptionalInput(Schema.String)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return this.log_id === undefined
      ? `No such message was in the log after ${this.looks} looks`
      : `The message ${this.log_id} is still ${this.status ?? "unknown"} after ${this.looks} looks`
  }
}

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
 * @since 0.1.0
 * @category services
 */
export interface ManagementEmails {
  /** The messages that went out: `GET /emails/logs`, 25 to a page unless `limit` says otherwise. */
  readonly listLogs: ListMethod<[input?: ListEmailLogsInput, options?: CallOptions], EmailLog>
  /**
   * Like `listLogs`, each entry with its `position`, from which another run takes up the list right after it. The
   * filters must be the same for both. Where the page has changed meanwhile, entries may come twice and none is lost.
   */
  readonly readLogs: ResumableList<ListEmailLogsInput, EmailLog>
  /** One entry of the log with its recipients: `GET /emails/logs/{public_id}`. */
  readonly getLog: ConditionalMethod<[public_id: string, options?: CallOptions], EmailLogDetail>
  /**
   * Counts by hour or by day, and in all, beside the window before: `GET /emails/metrics`. `emailSeries` gives one
   * measure over time.
   */
  readonly getMetrics: Method<[input?: EmailMetricsInput, options?: CallOptions], EmailMetrics>
  /**
   * Waits until a message is in the log and settled: `sent`, `failed` or `rejected`, which its `status` tells.
   *
   * It looks at once, then by `schedule`, by default after one second and more and more slowly up to 30 seconds, for
   * five minutes in all. At most 1000 entries that fit the filter are searched in a look, so give it a `from_date` or
   * a `search` when the log is long. Passing failures are ridden out. Fails with `DeliveryTimeoutError`.
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
  return {
    listLogs,
    readLogs: resumable<ListEmailLogsInput, EmailLog>(listLogs, (input, cursor) => ({ ...input, cursor })),
    getLog,
    getMetrics: methods.call(emailOperations.getMetrics),
    waitForDelivery: (target, options) => waitForDelivery(listLogs, getLog, target, options)
  }
}

const maxSearched = 1000

const schedule = growing(1_000, 30_000)

const isSettled = ({ status }: EmailLog): boolean =>
  status === "sent" || status === "failed" || status === "rejected"

const waitForDelivery = (
  listLogs: ManagementEmails["listLogs"],
  getLog: ManagementEmails["getLog"],
  target: DeliveryTarget,
  options: WaitOptions | undefined
): Effect.Effect<EmailLogDetail, SendmuxStreamError | DeliveryTimeoutError> =>
  Effect.suspend(() => {
    let log_id = target.log_id
    let known: { readonly log: EmailLogDetail; readonly etag: string | undefined } | undefined
    if (target.log_id === undefined && isUnbounded(target)) {
      return Effect.fail(
        new InvalidRequestError({
          operation: operationName(emailOperations.listLogs),
          issue: "give log_id, message_id, search or matches: anything would do otherwise"
        })
      )
    }
    const find = target.log_id === undefined ? findLog(listLogs, target) : Effect.succeed(log_id)
    const look = Effect.gen(function* () {
      log_id ??= yield* find
      if (log_id === undefined) return Option.none<EmailLogDetail>()
      const newer =
        known?.etag === undefined
          ? Option.some(yield* getLog.withResponse(log_id))
          : yield* getLog.ifNoneMatch(known.etag, log_id)
      if (Option.isSome(newer)) known = { log: newer.value.data, etag: newer.value.meta.etag }
      return known !== undefined && isSettled(known.log)
        ? Option.some(known.log)
        : Option.none<EmailLogDetail>()
    })
    return poll({
      operation: operationName(emailOperations.getLog),
      look,
      options,
      schedule,
      timeout: 5 * 60_000,
      gaveUp: ({ attempts: looks, waited }) =>
        new DeliveryTimeoutError({ looks, waited, log_id, status: known?.log.status })
    })
  })

const isUnbounded = ({ matches, message_id, search }: DeliveryFilter): boolean =>
  matches === undefined && (message_id ?? "") === "" && (search ?? "") === ""

const findLog = (
  listLogs: ManagementEmails["listLogs"],
  { from_date, matches, message_id, provider_id, search, to_date }: DeliveryFilter
): Effect.Effect<string | undefined, SendmuxStreamError> =>
  Effect.suspend(() => {
    const wanted = message_id === undefined ? undefined : bare(message_id)
    let found: string | undefined
    const fits = (log: EmailLog) =>
      (wanted === undefined || hasMessageId(log, wanted)) && (matches === undefined || matches(log))
    return listLogs({ from_date, to_date, provider_id, search: search ?? wanted, limit: 100 }).pipe(
      Stream.take(maxSearched),
      Stream.filter(fits),
      Stream.take(1),
      Stream.runForEach((log) =>
        Effect.sync(() => {
          found = log.id
        })
      ),
      Effect.map(() => found)
    )
  })

const bare = (messageId: string): string => messageId.trim().replace(/^<|>$/g, "")

/** What sending gave back may be the whole of the header or its part before the `@`. */
const hasMessageId = ({ message_id }: EmailLog, wanted: string): boolean => {
  if (message_id === null) return false
  const own = bare(message_id)
  return own === wanted || own.startsWith(`${wanted}@`)
}
