/**
 * Waits for the status of a draft, and the send that never sends a draft twice.
 */
import * as Effect from "effect/Effect"
import { catchAll, now, toMillis } from "../../internal/dialect/core.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import { isTokenFailure } from "../../internal/model/transient.js"
import { withObjects } from "../objects.js"
import type { MailboxOptions } from "../options.js"
import { type MailboxWaitOptions, WaitTimeoutError } from "../waiting.js"
import { defaultTimeout, requestOptions, waitUntil } from "../waitUntil.js"
import { DraftStateError } from "./errors.js"
import type { Draft } from "./schemas.js"

type DraftEffect = Effect.Effect<Draft, SendmuxError | WaitTimeoutError | DraftStateError>

interface DraftWaits {
  readonly waitUntilReady: (draft_id: string, options?: MailboxWaitOptions) => DraftEffect
  readonly waitUntilSent: (draft_id: string, options?: MailboxWaitOptions) => DraftEffect
  readonly sendAndConfirm: (draft: Draft, options?: MailboxWaitOptions) => DraftEffect
}

interface DraftCalls {
  readonly get: (draft_id: string, options: MailboxOptions) => Effect.Effect<Draft, SendmuxError>
  readonly sendNow: (draft: Draft, options: MailboxOptions) => Effect.Effect<Draft, SendmuxError>
}

/** The statuses from which a draft does not become `ready` by itself. Any status that is not known may change. */
const neverReady: ReadonlySet<string> = new Set([
  "scheduled",
  "sending",
  "queued",
  "uncertain",
  "failed",
  "deleted"
])

/** The statuses from which a draft does not become `queued` by itself. Any status that is not known may change. */
const neverQueued: ReadonlySet<string> = new Set(["preparing", "ready", "failed", "deleted"])

/** The final statuses of a draft that was not sent. */
const neverSent: ReadonlySet<string> = new Set(["failed", "deleted"])

/**
 * The statuses of a draft that has certainly not been sent, so that the request to send it cannot send it twice. A draft
 * with a status that is not known is never sent.
 */
const notSent: ReadonlySet<string> = new Set(["ready", "scheduled", "failed", "deleted"])

export const makeDraftWaits = ({ get, sendNow }: DraftCalls): DraftWaits => {
  const waitFor =
    (method: string, goal: string, isFinal: (status: string) => boolean) =>
    (draft_id: string, options: MailboxWaitOptions, known?: Draft): DraftEffect => {
      const operation = `mailbox.drafts.${method}`
      return waitUntil<Draft, DraftStateError>({
        operation,
        options,
        known,
        read: Effect.map(get(draft_id, requestOptions(options)), (value) => ({
          value,
          retryAfter: undefined
        })),
        statusOf: ({ status }) => status,
        outcomeOf: (draft) => {
          if (draft.status === goal) return Effect.succeed(draft)
          return isFinal(draft.status) ? Effect.fail(stateError(operation, draft)) : undefined
        }
      })
    }
  const untilReady = waitFor("waitUntilReady", "ready", (status) => neverReady.has(status))
  const untilSent = waitFor("waitUntilSent", "queued", (status) => neverQueued.has(status))
  const untilPrepared = waitFor("sendAndConfirm", "ready", (status) => neverReady.has(status))
  // After a lost response the draft may still be `ready`, because the server has not processed the request yet.
  const untilConfirmed = waitFor("sendAndConfirm", "queued", (status) => neverSent.has(status))

  const sendAndConfirm = (draft: Draft, options: MailboxWaitOptions): DraftEffect =>
    Effect.gen(function* () {
      if (!notSent.has(draft.status)) return yield* untilConfirmed(draft.id, options, draft)
      const attempt = yield* catchAll(
        Effect.map(sendNow(draft, requestOptions(options)), (sent) => ({ sent, lost: undefined })),
        (error) =>
          mayHaveSent(error) ? Effect.succeed({ sent: undefined, lost: error }) : Effect.fail(error)
      )
      const confirmed = untilConfirmed(draft.id, options, attempt.sent)
      const { lost } = attempt
      if (lost === undefined) return yield* confirmed
      return yield* catchAll(confirmed, (error) =>
        Effect.fail(error instanceof WaitTimeoutError && error.status === "ready" ? lost : error)
      )
    })

  /** Waits until a draft is ready, and then sends it in the time that remains. */
  const prepareAndSend = (draft: Draft, options: MailboxWaitOptions): DraftEffect =>
    Effect.gen(function* () {
      const startedAt = yield* now
      const ready = yield* untilPrepared(draft.id, options, draft)
      const total = toMillis(options.timeout ?? defaultTimeout) ?? defaultTimeout
      const remaining = Math.max(1, total - ((yield* now) - startedAt))
      return yield* sendAndConfirm(ready, { ...options, timeout: remaining })
    })

  return {
    waitUntilReady: (draft_id, options = {}) =>
      withObjects("mailbox.drafts.waitUntilReady", { "the options": options }, () =>
        untilReady(draft_id, options)
      ),
    waitUntilSent: (draft_id, options = {}) =>
      withObjects("mailbox.drafts.waitUntilSent", { "the options": options }, () =>
        untilSent(draft_id, options)
      ),
    sendAndConfirm: (draft, options = {}) =>
      withObjects(sendAndConfirmName, { "the draft": draft, "the options": options }, () => {
        if (typeof draft.id !== "string" || typeof draft.status !== "string") {
          return Effect.fail(invalidRequest(sendAndConfirmName, "the draft must be a draft that was read"))
        }
        return draft.status === "preparing" ? prepareAndSend(draft, options) : sendAndConfirm(draft, options)
      })
  }
}

const sendAndConfirmName = "mailbox.drafts.sendAndConfirm"

const stateError = (operation: string, { failure_code, id, status }: Draft): DraftStateError =>
  new DraftStateError({ operation, draft_id: id, status, failure_code: failure_code ?? undefined })

/** Returns whether the server may have sent the draft although the request failed. */
const mayHaveSent = (error: SendmuxError): boolean =>
  (error._tag === "TransportError" && !isTokenFailure(error)) ||
  error._tag === "ResponseDecodeError" ||
  (error._tag === "APIError" && (error.status >= 500 || error.status === 408))
