/**
 * The text of attachments, which the API extracts in the background.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Methods } from "../../internal/methods/methods.js"
import type { ConditionalMethod, Method } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { operation } from "../../internal/operation/operation.js"
import { Nullable, OpenEnum, OptionalInput, Timestamp, WholeNumber } from "../../internal/schema/schema.js"
import { withObjects } from "../objects.js"
import type { MailboxOptions } from "../options.js"
import type { MailboxWaitOptions, WaitTimeoutError } from "../waiting.js"
import { requestOptions, waitUntil } from "../waitUntil.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

/**
 * The maximum size of the text.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AttachmentTextInput = Schema.Struct({
  /** The maximum number of bytes, 1 to 1,048,576. Default: 262,144. */
  max_bytes: OptionalInput(WholeNumber(1, 1_048_576))
})

/**
 * The maximum size of the text.
 *
 * @since 0.1.0
 * @category models
 */
export interface AttachmentTextInput extends Schema.Schema.Type<typeof AttachmentTextInput> {}

/**
 * The status of a text extraction and, when it is complete, its outcome.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AttachmentText = Schema.Struct({
  id: Schema.String,
  status: OpenEnum(["pending", "running", "complete"]),
  /** When the status is `complete`: `ready` if there is a text, otherwise the reason why there is none. */
  outcome: Nullable(
    OpenEnum([
      "ready",
      "unsupported",
      "encrypted",
      "malformed",
      "ocr_required",
      "resource_limit",
      "source_unavailable",
      "failed"
    ])
  ),
  text: Nullable(Schema.String),
  format: OpenEnum(["markdown"]),
  /** Whether the text was truncated at `max_bytes`. */
  truncated: Schema.Boolean,
  /** When the API deletes the result. */
  expires_at: Timestamp
})

/**
 * The status of a text extraction and, when it is complete, its outcome.
 *
 * @since 0.1.0
 * @category models
 */
export interface AttachmentText extends Schema.Schema.Type<typeof AttachmentText> {}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

const path = "/mailbox/messages/{message_id}/attachments/{attachment_id}/text"

/** @internal */
export const attachmentTextOperations = {
  requestText: operation("mailbox.attachments.requestText", {
    http: "POST",
    path,
    input: AttachmentTextInput,
    data: AttachmentText,
    success: [200, 202],
    // A repeated request returns the extraction that the first one started.
    replayable: true,
    flags: ["mailboxId"]
  }),
  getText: operation("mailbox.attachments.getText", {
    http: "GET",
    path,
    input: AttachmentTextInput,
    data: AttachmentText,
    success: [200, 202],
    flags: ["conditional", "mailboxId"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * The methods of `mailbox.attachments` that extract text.
 *
 * @since 0.1.0
 * @category services
 */
export interface AttachmentTexts {
  /**
   * Starts to extract the text of an attachment: `POST /mailbox/messages/{message_id}/attachments/{attachment_id}/text`.
   *
   * The response may be complete already. Otherwise `getText` reports the status. The API extracts text from files of
   * up to 7,500,000 bytes, but not from images.
   *
   * Fails with `not_found` if the mailbox has no such message or attachment.
   *
   * @see `text` to wait for the result
   */
  readonly requestText: Method<
    [message_id: string, attachment_id: string, input?: AttachmentTextInput, options?: MailboxOptions],
    AttachmentText
  >
  /**
   * Reads the status and the result of a text extraction:
   * `GET /mailbox/messages/{message_id}/attachments/{attachment_id}/text`.
   *
   * Fails with `not_found` if no extraction was started or its result has expired.
   */
  readonly getText: ConditionalMethod<
    [message_id: string, attachment_id: string, input?: AttachmentTextInput, options?: MailboxOptions],
    AttachmentText
  >
  /**
   * Extracts the text of an attachment and waits until the extraction is complete: `requestText`, then `getText`. The
   * delay between two requests is at least as long as the server asks for.
   *
   * The call also succeeds if there is no text: check `outcome`. Fails with `not_found` if the mailbox has no such
   * message or attachment, and with `WaitTimeoutError` if the extraction takes too long. The server then continues, and
   * another call returns the result of the same extraction.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const readDocument = (messageId: string, attachmentId: string) =>
   *   Effect.gen(function* () {
   *     const mailbox = yield* Mailbox
   *     const { outcome, text } = yield* mailbox.attachments.text(messageId, attachmentId)
   *     return outcome === "ready" ? text : yield* Effect.fail(`No text: ${outcome}`)
   *   })
   */
  readonly text: (
    message_id: string,
    attachment_id: string,
    input?: AttachmentTextInput,
    options?: MailboxWaitOptions
  ) => Effect.Effect<AttachmentText, SendmuxError | WaitTimeoutError>
}

/** @internal */
export const makeAttachmentTexts = (methods: Methods): AttachmentTexts => {
  const requestText = methods.call(attachmentTextOperations.requestText)
  const getText = methods.conditional(attachmentTextOperations.getText)
  return {
    requestText,
    getText,
    text: (message_id, attachment_id, input = {}, options = {}) =>
      withObjects("mailbox.attachments.text", { "the options": options }, () => {
        let requested = false
        const read = Effect.gen(function* () {
          const method = requested ? getText : requestText
          const args = [message_id, attachment_id, input, requestOptions(options)] as const
          const { data, meta } = yield* method.withResponse(...args)
          requested = true
          return { value: data, retryAfter: meta.retryAfter }
        })
        return waitUntil<AttachmentText>({
          operation: "mailbox.attachments.text",
          options,
          read,
          statusOf: ({ status }) => status,
          outcomeOf: (text) => (text.status === "complete" ? Effect.succeed(text) : undefined)
        })
      })
  }
}
