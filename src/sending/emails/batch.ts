/**
 * A batch: checks each message by itself, sends those that are valid, and joins the results to the messages.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { catchAll } from "../../internal/dialect/core.js"
import { type Coded, encoder } from "../../internal/dialect/schema.js"
import type { ApiResponse, IdempotentOptions, Method } from "../../internal/model/call.js"
import type { InvalidRequestError, RequestIssue, SendmuxError } from "../../internal/model/errors.js"
import { EncodedBody } from "../../internal/request/encodedBody.js"
import { Nullable, OpenEnum, Optional } from "../../internal/schema/schema.js"
import { isRecord } from "../../internal/values/json.js"
import { lazily } from "../../internal/values/memo.js"
import {
  type BatchInput,
  type BatchItem,
  BatchItemError,
  type BatchResult,
  BatchSummary,
  EmailInput,
  maxBatch
} from "./schemas.js"

/**
 * The data of a batch response.
 */
export const BatchData = Schema.Struct({
  results: Schema.Array(
    Schema.Struct({
      index: Schema.Number,
      message_id: Nullable(Schema.String),
      status: OpenEnum(["queued", "failed"]),
      error: Optional(BatchItemError)
    })
  ),
  summary: BatchSummary
})

export interface BatchData extends Schema.Schema.Type<typeof BatchData> {}

type Arguments = [batch: BatchInput, options?: IdempotentOptions]

/** Checks a message as the request of a batch does, and returns its wire form. */
export const encodeEmail: (message: unknown) => Coded<unknown> = /* @__PURE__ */ lazily(() =>
  encoder(EmailInput)
)

/** The error of a message that the SDK found invalid and did not send. */
export const invalidMessage = (issues: ReadonlyArray<RequestIssue>): BatchItemError => ({
  code: "invalid_request",
  message: `The message is invalid and was not sent: ${issues
    .map(({ message, path }) => (path === "" ? message : `${path} ${message}`))
    .join("; ")}`,
  retryable: false,
  errors: issues.map(({ message, path }) => ({ field: path, code: "invalid", message }))
})

/** Sends the messages of a batch as JSON, byte for byte. */
export type SendEncoded = (
  messages: string,
  options: IdempotentOptions
) => Effect.Effect<BatchData, SendmuxError>

/** How each method of this module sends messages that were encoded before. */
const encodedForms = new WeakMap<object, SendEncoded>()

/**
 * How a batch method sends messages that were encoded before. A method that is not of this module, such as one of a test,
 * sends what the JSON contains.
 */
export const encodedFormOf = (sendBatch: Method<Arguments, BatchResult>): SendEncoded =>
  encodedForms.get(sendBatch) ??
  ((messages, options) =>
    Effect.map(sendBatch({ messages: JSON.parse(messages) }, options), ({ results, summary }) => ({
      summary,
      results: results.map((item) =>
        item._tag === "Queued"
          ? { index: item.index, message_id: item.message_id, status: "queued" }
          : { index: item.index, message_id: null, status: "failed", error: item.error }
      )
    })))

/**
 * The method that sends a batch, from the method that sends the messages of a batch as they are, and from the one that
 * sends its JSON.
 */
export const batchMethod = (
  send: Method<Arguments, BatchData>,
  sendEncoded: (body: EncodedBody, options: IdempotentOptions) => Effect.Effect<BatchData, SendmuxError>
): Method<Arguments, BatchResult> => {
  const withResponse = (...args: Arguments): Effect.Effect<ApiResponse<BatchResult>, SendmuxError> => {
    const [batch, options] = args
    return catchAll(
      Effect.map(send.withResponse(...args), ({ data, meta }) => ({
        data: joinResults(data, batch.messages, []),
        meta
      })),
      // The messages are checked one by one only after the whole batch was found invalid, so that a valid batch is
      // checked once.
      (error) =>
        error._tag === "InvalidRequestError"
          ? sendValid(error, batch, (valid) => send.withResponse(valid, options))
          : Effect.fail(error)
    )
  }
  const method = Object.assign(
    (...args: Arguments) => Effect.map(withResponse(...args), ({ data }) => data),
    { withResponse }
  )
  encodedForms.set(method, (messages, options) =>
    sendEncoded(new EncodedBody(`{"messages":${messages}}`), options)
  )
  return method
}

/** Sends the valid messages of a batch that was refused. Fails with the refusal if the messages are not the reason. */
const sendValid = (
  refusal: InvalidRequestError,
  batch: BatchInput,
  send: (batch: BatchInput) => Effect.Effect<ApiResponse<BatchData>, SendmuxError>
): Effect.Effect<ApiResponse<BatchResult>, SendmuxError> =>
  Effect.suspend(() => {
    if (!isRecord(batch) || !Array.isArray(batch.messages)) return Effect.fail(refusal)
    const { messages, ...rest } = batch
    if (messages.length > maxBatch) return Effect.fail(refusal)
    const problems = messages.map((message) => {
      const coded = encodeEmail(message)
      return coded.ok ? undefined : invalidMessage(coded.issues)
    })
    const valid = messages.filter((_, index) => problems[index] === undefined)
    if (valid.length === 0 || valid.length === messages.length) return Effect.fail(refusal)
    return Effect.map(send({ ...rest, messages: valid }), ({ data, meta }) => ({
      data: joinResults(data, messages, problems),
      meta
    }))
  })

/** One result for each message. `problems` has the error of each message that was not sent, by its index. */
const joinResults = (
  { results, summary }: BatchData,
  messages: ReadonlyArray<EmailInput>,
  problems: ReadonlyArray<BatchItemError | undefined>
): BatchResult => {
  const outcomeAt = outcomesOf(results)
  let sent = 0
  const items = messages.map((message, index): BatchItem => {
    const problem = problems[index]
    if (problem !== undefined) return { _tag: "Failed", index, message, error: problem }
    return { ...outcomeAt(sent++), index, message }
  })
  const unsent = messages.length - sent
  return {
    summary:
      unsent === 0 ? summary : { ...summary, total: summary.total + unsent, failed: summary.failed + unsent },
    results: items
  }
}

type BatchOutcome =
  | { readonly _tag: "Queued"; readonly message_id: string }
  | { readonly _tag: "Failed"; readonly error: BatchItemError }

/** What the results of a response say about the message with an index. */
export const outcomesOf = (results: BatchData["results"]): ((index: number) => BatchOutcome) => {
  const byIndex = new Map(results.map((result) => [result.index, result]))
  return (index) => {
    const result = byIndex.get(index)
    const message_id = result?.message_id ?? null
    return result !== undefined && result.status !== "failed" && message_id !== null
      ? { _tag: "Queued", message_id }
      : { _tag: "Failed", error: result?.error ?? unexplained }
  }
}

/** The error of a message that a response does not mention. */
export const unexplained: BatchItemError = {
  code: "unexplained",
  message: "The response does not report the outcome of this message, which may have been queued",
  retryable: false
}
