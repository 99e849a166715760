/**
 * Waits for the status of a draft, and the send that never sends a draft twice.
 */
import * as Effect from "effect/Effect"
import { catchAll } from "../../internal/dialect/core.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import type { MailboxOptions } from "../options.js"
import { type MailboxWaitOptions, WaitTimeoutError } from "../waiting.js"
import { requestOptions, waitUntil } from "../waitUntil.js"
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

/** The statuses of a draft that may still become `queued`. */
const undecided: ReadonlySet<string> = new Set(["sending", "uncertain", "scheduled"])

/** The statuses of a draft that has been sent or may have been sent. Sending it again could send it twice. */
const mayBeSent: ReadonlySet<string> = new Set(["sending", "uncertain", "queued"])

export const makeDraftWaits = ({ get, sendNow }: DraftCalls): DraftWaits => {
  const waitFor =
    (method: string, goal: string, isOpen: (status: string) => boolean) =>
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
          return isOpen(draft.status) ? undefined : Effect.fail(stateError(operation, draft))
        }
      })
    }
  const untilReady = waitFor("waitUntilReady", "ready", (status) => status === "preparing")
  const untilSent = waitFor("waitUntilSent", "queued", (status) => undecided.has(status))
  // After a lost response the draft may still be `ready`, because the server has not processed the request yet.
  const untilConfirmed = waitFor(
    "sendAndConfirm",
    "queued",
    (status) => undecided.has(status) || status === "ready"
  )

  return {
    waitUntilReady: (draft_id, options = {}) => untilReady(draft_id, options),
    waitUntilSent: (draft_id, options = {}) => untilSent(draft_id, options),
    sendAndConfirm: (draft, options = {}) =>
      Effect.gen(function* () {
        if (mayBeSent.has(draft.status)) return yield* untilConfirmed(draft.id, options, draft)
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
  }
}

const stateError = (operation: string, { failure_code, id, status }: Draft): DraftStateError =>
  new DraftStateError({ operation, draft_id: id, status, failure_code: failure_code ?? undefined })

/** Returns whether the server may have sent the draft although the request failed. */
const mayHaveSent = (error: SendmuxError): boolean =>
  (error._tag === "TransportError" && error.reason !== "AccessToken") ||
  error._tag === "ResponseDecodeError" ||
  (error._tag === "APIError" && (error.status >= 500 || error.status === 408))
