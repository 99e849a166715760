/**
 * A reply to a message: `messages.reply`.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import { escape } from "../../body/template.js"
import { catchAll } from "../../internal/dialect/core.js"
import { APIError, type SendmuxError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import { canonicalJson } from "../../internal/values/json.js"
import { sha256 } from "../../internal/values/sha256.js"
import type { Drafts } from "../drafts/drafts.js"
import { DraftStateError } from "../drafts/errors.js"
import type { Draft, DraftContent } from "../drafts/schemas.js"
import { withObjects } from "../objects.js"
import type { MailboxIdempotentOptions } from "../options.js"
import type { MailboxWaitOptions, WaitTimeoutError } from "../waiting.js"
import { requestOptions } from "../waitUntil.js"

/**
 * The content of a reply: a text, an HTML body, or both. The recipients, the subject and the thread follow from the message,
 * unless other fields replace them.
 *
 * @since 0.2.0
 * @category models
 */
export type ReplyContent = DraftContent & ({ readonly text_body: string } | { readonly html_body: string })

/**
 * The options of `messages.reply`.
 *
 * `timeout` limits the wait until the reply is prepared, and the wait until it is sent. Default: 60 seconds.
 *
 * @since 0.2.0
 * @category options
 */
export interface ReplyOptions
  extends MailboxWaitOptions,
    Pick<MailboxIdempotentOptions, "idempotencyKey" | "onConflict"> {
  /** Whether the reply also goes to the other recipients of the message. Default: `false`. */
  readonly all?: boolean | undefined
}

/**
 * The errors of `messages.reply`.
 *
 * @since 0.2.0
 * @category errors
 */
export type ReplyError = SendmuxError | WaitTimeoutError | DraftStateError

/**
 * Sends a reply to a message once, and succeeds with the draft that was sent.
 *
 * @since 0.2.0
 * @category methods
 */
export type ReplyToMessage = (
  message_id: string,
  content: ReplyContent,
  options?: ReplyOptions
) => Effect.Effect<Draft, ReplyError>

const operation = "mailbox.messages.reply"

/** The statuses of a draft that is not sent by itself, and that this call must not send. */
const ended: ReadonlySet<string> = new Set(["scheduled", "failed", "deleted"])

/** The statuses of a draft that somebody else is sending, or has sent. */
const underway: ReadonlySet<string> = new Set(["sending", "uncertain", "queued"])

/** How often the draft is read again because it changed between a read and a write. */
const maxConflicts = 3

const isConflict = APIError.is("conflict")

type DraftCalls = Pick<Drafts, "create" | "edit" | "sendAndConfirm" | "waitUntilReady"> & {
  readonly get: (...args: Parameters<Drafts["get"]>) => Effect.Effect<Draft, SendmuxError>
}

/** @internal */
export const replyTo =
  (drafts: DraftCalls): ReplyToMessage =>
  (message_id, content, given = {}) =>
    withObjects(operation, { "the content": content, "the options": given }, () => {
      const { all = false, idempotencyKey, onConflict, ...waiting } = given
      const options = requestOptions(waiting)
      const { html_body = "", text_body = "" } = content
      if (html_body === "" && text_body === "") {
        return Effect.fail(invalidRequest(operation, "the reply needs text_body or html_body"))
      }
      const action = all ? "reply_all" : "reply"

      const read = (id: string): Effect.Effect<Draft, SendmuxError> => drafts.get(id, options)

      /** Waits while a draft is prepared. Another call with the same key may send it meanwhile. */
      const prepared = (draft: Draft): Effect.Effect<Draft, ReplyError> =>
        draft.status !== "preparing"
          ? Effect.succeed(draft)
          : catchAll(drafts.waitUntilReady(draft.id, waiting), (error) =>
              error instanceof DraftStateError && underway.has(error.status)
                ? read(draft.id)
                : Effect.fail(error)
            )

      /** The subject comes from a stranger, and must not contain template tags. */
      const withSafeSubject = (draft: Draft): Effect.Effect<Draft, SendmuxError> => {
        const subject = escape(draft.subject ?? "")
        return content.subject !== undefined || subject === (draft.subject ?? "")
          ? Effect.succeed(draft)
          : drafts.edit(draft, { subject }, options)
      }

      const complete = (draft: Draft, conflicts: number): Effect.Effect<Draft, ReplyError> => {
        const { failure_code, id: draft_id, status } = draft
        if (ended.has(status)) {
          const reason = failure_code === null ? {} : { failure_code }
          return Effect.fail(new DraftStateError({ operation, draft_id, status, ...reason }))
        }
        const sent =
          status === "ready"
            ? Effect.flatMap(withSafeSubject(draft), (safe) => drafts.sendAndConfirm(safe, waiting))
            : drafts.sendAndConfirm(draft, waiting)
        return catchAll(sent, (error) =>
          isConflict(error) && conflicts < maxConflicts
            ? Effect.flatMap(read(draft_id), (changed) => complete(changed, conflicts + 1))
            : Effect.fail(error)
        )
      }

      return Effect.gen(function* () {
        const key =
          idempotencyKey ?? (yield* keyOf([message_id, action, options.mailbox_id ?? null, content]))
        // An empty body clears what the server quotes there: recipients would read the quotation only.
        const created = yield* drafts.create(
          { ...content, html_body, text_body, source: { message_id, action } },
          { ...options, idempotencyKey: key, ...(onConflict === undefined ? {} : { onConflict }) }
        )
        // The response to a repeated key is the first one, and the draft may have been sent since.
        return yield* complete(yield* prepared(yield* read(created.id)), 0)
      })
    })

/** The key of a reply that has none: the same for the same reply, also after a restart. */
const keyOf = (reply: ReadonlyArray<unknown>) =>
  Effect.tryPromise({
    try: async () => {
      const [digest] = await sha256([new TextEncoder().encode(canonicalJson(reply))])
      return `reply-${digest}`
    },
    catch: () => invalidRequest(operation, "the content must consist of texts, lists and objects")
  })
