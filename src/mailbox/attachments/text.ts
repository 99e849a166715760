/**
 * The text inside an attachment.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Methods } from "../../internal/methods/methods.js"
import type { ConditionalMethod, Method } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { operation } from "../../internal/operation/operation.js"
import { Nullable, OpenEnum, OptionalInput, Timestamp, WholeNumber } from "../../internal/schema/schema.js"
import type { MailboxOptions } from "../options.js"
import { type MailboxWaitOptions, type WaitTimeoutError, waitUntil } from "../waiting.js"

// -----------------------------------------------------------------------------
// schemas
// -----------------------------------------------------------------------------

/**
 * How much of the text to give.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AttachmentTextInput = Schema.Struct({
  /** 1 to 1,048,576 bytes; the server's default is 262,144. */
  max_bytes: OptionalInput(WholeNumber(1, 1_048_576))
})

/**
 * @since 0.1.0
 * @category models
 */
export interface AttachmentTextInput extends Schema.Schema.Type<typeof AttachmentTextInput> {}

/**
 * How far the reading of an attachment has come, and what came of it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const AttachmentText = Schema.Struct({
  id: Schema.String,
  status: OpenEnum(["pending", "running", "complete"]),
  /** Once complete: `ready` with a text, else why there is none. */
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
  /** Whether there is more text than `max_bytes` let through. */
  truncated: Schema.Boolean,
  /** The result is kept until then. */
  expires_at: Timestamp
})

/**
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
    // A repeat finds the work that the first request began.
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
 * @since 0.1.0
 * @category services
 */
export interface AttachmentTexts {
  /**
   * Asks for the text of an attachment: `POST /mailbox/messages/{message_id}/attachments/{attachment_id}/text`. The
   * answer may be complete at once; else `getText` tells how far it has come. Files of up to 7,500,000 bytes can be
   * read; pictures of text cannot.
   */
  readonly requestText: Method<
    [message_id: string, attachment_id: string, input?: AttachmentTextInput, options?: MailboxOptions],
    AttachmentText
  >
  /**
   * How far a requested text has come: `GET /mailbox/messages/{message_id}/attachments/{attachment_id}/text`. Fails with
   * `not_found` for a text that was never requested, or is not kept any more.
   */
  readonly getText: ConditionalMethod<
    [message_id: string, attachment_id: string, input?: AttachmentTextInput, options?: MailboxOptions],
    AttachmentText
  >
  /**
   * Asks for the text of an attachment and waits for it. The `outcome` says whether there is one. Fails with a
   * `WaitTimeoutError` when it is not complete in time; the server works on, and the same call finds its work.
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
    text: (message_id, attachment_id, input = {}, options = {}) => {
      const { schedule: _, timeout: __, ...callOptions } = options
      return Effect.suspend(() => {
        let requested = false
        let hint: Duration.Duration | undefined
        return waitUntil<AttachmentText>({
          operation: "mailbox.attachments.text",
          options,
          read: Effect.suspend(() =>
            Effect.map(
              (requested ? getText : requestText).withResponse(message_id, attachment_id, input, callOptions),
              ({ data, meta }) => {
                requested = true
                hint = meta.retryAfter
                return data
              }
            )
          ),
          hint: () => hint,
          statusOf: ({ status }) => status,
          settle: (text) => (text.status === "complete" ? Effect.succeed(text) : undefined)
        })
      })
    }
  }
}
