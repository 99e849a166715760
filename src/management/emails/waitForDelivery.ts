/**
 * Waits until an outgoing message has a final status.
 *
 * @since 0.1.0
 */

import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { durationFromMillis, TaggedError } from "../../internal/dialect/schema.js"
import type { CallOptions, ConditionalMethod, ListMethod } from "../../internal/model/call.js"
import type { SendmuxStreamError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import { OptionalInput } from "../../internal/schema/schema.js"
import { growing, poll, type WaitOptions } from "../../internal/timing/poll.js"
import type { EmailLog, EmailLogDetail, ListEmailLogsInput } from "./schemas.js"

/**
 * The message to wait for: the id of its log entry, or a filter. A filter selects the first entry that matches it.
 *
 * @since 0.1.0
 * @category models
 */
export type DeliveryTarget = { readonly log_id: string } | DeliveryFilter

/**
 * A filter that selects a message in the log. At least one of `message_id`, `search` and `matches` is required.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeliveryFilter
  extends Pick<ListEmailLogsInput, "from_date" | "to_date" | "provider_id" | "search"> {
  readonly log_id?: undefined
  /** The `message_id` that `emails.send` returned, or the `Message-ID` header, with or without angle brackets. */
  readonly message_id?: string | undefined
  /** Returns whether an entry that matches the other keys is the message. */
  readonly matches?: ((log: EmailLog) => boolean) | undefined
}

/**
 * The message was not in the log, or had no final status, before the wait ended.
 *
 * @since 0.1.0
 * @category errors
 */
export class DeliveryTimeoutError extends TaggedError<DeliveryTimeoutError>(
  "effect-sendmux/DeliveryTimeoutError"
)("DeliveryTimeoutError", {
  /** How often the log was read. */
  attempts: Schema.Number,
  /** The duration of the wait. */
  waited: durationFromMillis,
  /** The id of the log entry, if it was found. */
  log_id: OptionalInput(Schema.String),
  /** The last known status, if the log entry was found. */
  status: OptionalInput(Schema.String)
}) {
  override get message(): string {
    return this.log_id === undefined
      ? `The log contained no such message after ${this.attempts} attempts`
      : `The message ${this.log_id} was still ${this.status ?? "unknown"} after ${this.attempts} attempts`
  }
}

/** The methods that a wait calls, and the names of their operations for errors. */
interface LogMethods {
  readonly names: { readonly listLogs: string; readonly getLog: string }
  readonly listLogs: ListMethod<[input?: ListEmailLogsInput, options?: CallOptions], EmailLog>
  readonly getLog: ConditionalMethod<[public_id: string, options?: CallOptions], EmailLogDetail>
}

/** The maximum number of log entries that one attempt searches. */
const maxSearched = 1000

/** Most messages have a final status within seconds, so the delay starts short and grows. */
const schedule = growing(1_000, 30_000)

const defaultTimeout = 5 * 60_000

const isFinal = ({ status }: EmailLog): boolean =>
  status === "sent" || status === "failed" || status === "rejected"

/** @internal */
export const waitForDelivery = (
  { getLog, listLogs, names }: LogMethods,
  target: DeliveryTarget,
  options: WaitOptions | undefined
): Effect.Effect<EmailLogDetail, SendmuxStreamError | DeliveryTimeoutError> =>
  Effect.suspend(() => {
    if (target.log_id === undefined && matchesAll(target)) {
      const issue = "give log_id, message_id, search or matches: without them every message would match"
      return Effect.fail(invalidRequest(names.listLogs, issue))
    }
    let log_id = target.log_id
    let known: { readonly log: EmailLogDetail; readonly etag: string | undefined } | undefined
    const find = target.log_id === undefined ? findLog(listLogs, target) : Effect.succeed(log_id)
    const look = Effect.gen(function* () {
      log_id ??= yield* find
      if (log_id === undefined) return Option.none<EmailLogDetail>()
      const newer =
        known?.etag === undefined
          ? Option.some(yield* getLog.withResponse(log_id))
          : yield* getLog.ifNoneMatch(known.etag, log_id)
      if (Option.isSome(newer)) known = { log: newer.value.data, etag: newer.value.meta.etag }
      return known !== undefined && isFinal(known.log)
        ? Option.some(known.log)
        : Option.none<EmailLogDetail>()
    })
    return poll({
      operation: names.getLog,
      read: look,
      options,
      schedule,
      timeout: defaultTimeout,
      gaveUp: ({ attempts, waited }) =>
        new DeliveryTimeoutError({ attempts, waited, log_id, status: known?.log.status })
    })
  })

const matchesAll = ({ matches, message_id, search }: DeliveryFilter): boolean =>
  matches === undefined && (message_id ?? "") === "" && (search ?? "") === ""

const findLog = (
  listLogs: LogMethods["listLogs"],
  { from_date, matches, message_id, provider_id, search, to_date }: DeliveryFilter
): Effect.Effect<string | undefined, SendmuxStreamError> => {
  const wanted = message_id === undefined ? undefined : withoutBrackets(message_id)
  const isMatch = (log: EmailLog) =>
    (wanted === undefined || hasMessageId(log, wanted)) && (matches === undefined || matches(log))
  return Effect.suspend(() => {
    let found: string | undefined
    return listLogs({ from_date, to_date, provider_id, search: search ?? wanted, limit: 100 }).pipe(
      Stream.take(maxSearched),
      Stream.filter(isMatch),
      Stream.take(1),
      Stream.runForEach((log) =>
        Effect.sync(() => {
          found = log.id
        })
      ),
      Effect.map(() => found)
    )
  })
}

const withoutBrackets = (messageId: string): string => messageId.trim().replace(/^<|>$/g, "")

/** The id that `emails.send` returns is the part of the header before the `@`. */
const hasMessageId = ({ message_id }: EmailLog, wanted: string): boolean => {
  if (message_id === null) return false
  const header = withoutBrackets(message_id)
  return header === wanted || header.startsWith(`${wanted}@`)
}
