/**
 * Drafts: kept by the API, edited in turns, sent at once or later.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { catchAll } from "../../internal/dialect/core.js"
import { optionalInput } from "../../internal/dialect/schema.js"
import type { Methods } from "../../internal/methods/methods.js"
import type { ConditionalMethod, ListMethod, Method, TimestampInput } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { operation } from "../../internal/operation/operation.js"
import { Deleted } from "../changes/schemas.js"
import { PageInput } from "../filters.js"
import type { MailboxConditionalWriteOptions, MailboxIdempotentOptions, MailboxOptions } from "../options.js"
import { type MailboxWaitOptions, WaitTimeoutError, waitUntil } from "../waiting.js"
import {
  CreateDraftInput,
  Draft,
  type DraftContent,
  ScheduleDraftInput,
  SendDraftInput,
  UpdateDraftInput
} from "./schemas.js"

/**
 * A draft will not come to what was waited for: it failed, was deleted, or went another way.
 *
 * @since 0.1.0
 * @category errors
 */
export class DraftStateError extends Schema.TaggedError<DraftStateError>("effect-sendmux/DraftStateError")(
  "DraftStateError",
  {
    /** What was waiting, such as `mailbox.drafts.waitUntilReady`. */
    operation: Schema.String,
    draft_id: Schema.String,
    status: Schema.String,
    failure_code: optionalInput(Schema.String)
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `The draft is ${this.status}${this.failure_code === undefined ? "" : ` (${this.failure_code})`}`
  }
  /** @since 0.1.0 */
  override toString(): string {
    return `${this.message} (${this.operation}, ${this.draft_id})`
  }
}

// -----------------------------------------------------------------------------
// operations
// -----------------------------------------------------------------------------

/** @internal */
export const draftOperations = {
  list: operation("mailbox.drafts.list", {
    http: "GET",
    path: "/mailbox/drafts",
    input: PageInput,
    data: Schema.Array(Draft),
    flags: ["mailboxId", "paginated"]
  }),
  create: operation("mailbox.drafts.create", {
    http: "POST",
    path: "/mailbox/drafts",
    body: "json",
    input: CreateDraftInput,
    data: Draft,
    success: [201],
    flags: ["idempotencyKey", "mailboxId"]
  }),
  get: operation("mailbox.drafts.get", {
    http: "GET",
    path: "/mailbox/drafts/{draftId}",
    data: Draft,
    flags: ["conditional", "mailboxId"]
  }),
  update: operation("mailbox.drafts.update", {
    http: "PATCH",
    path: "/mailbox/drafts/{draftId}",
    body: "json",
    input: UpdateDraftInput,
    data: Draft,
    flags: ["ifMatch", "mailboxId"]
  }),
  delete: operation("mailbox.drafts.delete", {
    http: "DELETE",
    path: "/mailbox/drafts/{draftId}",
    data: Deleted,
    flags: ["ifMatch", "mailboxId"]
  }),
  send: operation("mailbox.drafts.send", {
    http: "POST",
    path: "/mailbox/drafts/{draftId}/send",
    body: "json",
    input: SendDraftInput,
    data: Draft,
    flags: ["ifMatch", "mailboxId"]
  }),
  schedule: operation("mailbox.drafts.schedule", {
    http: "PATCH",
    path: "/mailbox/drafts/{draftId}/schedule",
    body: "json",
    input: ScheduleDraftInput,
    data: Draft,
    // The server answers a repeat with the state that the first one led to.
    replayable: true,
    flags: ["ifMatch", "mailboxId"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * Makes a draft out of a message. What `content` gives goes before what the server prepares.
 *
 * @since 0.1.0
 * @category methods
 */
export type DraftFromMessage = (
  message_id: string,
  content?: DraftContent,
  options?: MailboxIdempotentOptions
) => Effect.Effect<Draft, SendmuxError>

/**
 * @since 0.1.0
 * @category services
 */
export interface Drafts {
  /** Drafts, the newest first: `GET /mailbox/drafts`. */
  readonly list: ListMethod<[input?: PageInput, options?: MailboxOptions], Draft>
  /**
   * Creates a draft: `POST /mailbox/drafts`. It may be `preparing` at first: see `waitUntilReady`. The call carries
   * an idempotency key, so its retries create one draft.
   */
  readonly create: Method<[draft: CreateDraftInput, options?: MailboxIdempotentOptions], Draft>
  /** A draft as it is now: `GET /mailbox/drafts/{draftId}`. */
  readonly get: ConditionalMethod<[draft_id: string, options?: MailboxOptions], Draft>
  /**
   * Changes a draft: `PATCH /mailbox/drafts/{draftId}`. Fails with `conflict` when it has another revision by now, or
   * is scheduled or being sent. `edit` carries the revision for you.
   */
  readonly update: Method<
    [draft_id: string, change: UpdateDraftInput, options?: MailboxConditionalWriteOptions],
    Draft
  >
  /**
   * Deletes a draft: `DELETE /mailbox/drafts/{draftId}`. The server finishes in the background; it refuses once
   * sending began.
   */
  readonly delete: Method<[draft_id: string, options?: MailboxConditionalWriteOptions], Deleted>
  /**
   * Sends a draft, or schedules it: `POST /mailbox/drafts/{draftId}/send`. A stale revision fails with `conflict`.
   *
   * The call has no idempotency key and is not sent again by itself. When its answer is lost, or the draft comes back
   * `uncertain`, read the same draft again and never send another in its place: `sendAndConfirm` does so.
   */
  readonly send: Method<
    [draft_id: string, input: SendDraftInput, options?: MailboxConditionalWriteOptions],
    Draft
  >
  /** Moves or cancels the schedule of a draft: `PATCH /mailbox/drafts/{draftId}/schedule`. */
  readonly schedule: Method<
    [draft_id: string, input: ScheduleDraftInput, options?: MailboxConditionalWriteOptions],
    Draft
  >
  /** Creates an answer to the sender of a message: `POST /mailbox/drafts`. */
  readonly reply: DraftFromMessage
  /** Creates an answer to everybody of a message: `POST /mailbox/drafts`. */
  readonly replyAll: DraftFromMessage
  /** Creates a draft that passes a message on: `POST /mailbox/drafts`. */
  readonly forward: DraftFromMessage
  /** Makes a draft of a message that lies in the mailbox as one: `POST /mailbox/drafts`. */
  readonly adopt: DraftFromMessage
  /** Changes this revision of a draft and no other: `PATCH /mailbox/drafts/{draftId}`. */
  readonly edit: (
    draft: Draft,
    change: DraftContent,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /** Sends this revision of a draft: `POST /mailbox/drafts/{draftId}/send`. */
  readonly sendNow: (
    draft: Draft,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /** Schedules this revision of a draft, up to 30 days ahead: `POST /mailbox/drafts/{draftId}/send`. */
  readonly sendAt: (
    draft: Draft,
    time: TimestampInput,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /** Gives a scheduled draft another time: `PATCH /mailbox/drafts/{draftId}/schedule`. */
  readonly moveSchedule: (
    draft: Draft,
    time: TimestampInput,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /**
   * Cancels the schedule of a draft, which can be edited then: `PATCH /mailbox/drafts/{draftId}/schedule`. Fails with
   * `conflict` once sending began.
   */
  readonly cancelSchedule: (
    draft: Draft,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /**
   * Waits while a draft is `preparing`, by `GET /mailbox/drafts/{draftId}`, and gives it once it is `ready`. Fails with
   * a `DraftStateError` when it will not be, and with a `WaitTimeoutError` when it took too long.
   */
  readonly waitUntilReady: (
    draft_id: string,
    options?: MailboxWaitOptions
  ) => Effect.Effect<Draft, SendmuxError | WaitTimeoutError | DraftStateError>
  /**
   * Waits while it is open whether a draft was sent (`sending`, `uncertain`, or `scheduled`), by reading that draft
   * again, and gives it once it is `queued`. Fails with a `DraftStateError` when it was not sent and will not be.
   */
  readonly waitUntilSent: (
    draft_id: string,
    options?: MailboxWaitOptions
  ) => Effect.Effect<Draft, SendmuxError | WaitTimeoutError | DraftStateError>
  /**
   * Sends this revision of a draft and waits until its outcome is certain. Whatever happens, it is sent once at most:
   * after a lost answer, and while it is `uncertain`, the same draft is read again and nothing is sent. So a draft
   * that is `sending` or `uncertain` already is only waited for, and one that is `queued` is given back.
   *
   * Where the answer was lost and the draft stays `ready`, the call fails with the error that hid the answer; the same
   * revision may be sent again then. A `WaitTimeoutError` says what was seen last.
   */
  readonly sendAndConfirm: (
    draft: Draft,
    options?: MailboxWaitOptions
  ) => Effect.Effect<Draft, SendmuxError | WaitTimeoutError | DraftStateError>
}

/** @internal */
export const makeDrafts = (methods: Methods): Drafts => {
  const create = methods.call(draftOperations.create)
  const get = methods.conditional(draftOperations.get)
  const update = methods.call(draftOperations.update)
  const send = methods.call(draftOperations.send)
  const schedule = methods.call(draftOperations.schedule)

  const from =
    (action: "reply" | "reply_all" | "forward" | "adopt"): DraftFromMessage =>
    (message_id, content, options) =>
      create({ ...content, source: { message_id, action } }, options)

  const sendNow: Drafts["sendNow"] = (draft, options) => send(draft.id, versionsOf(draft), options)

  const waitFor =
    (method: string, goal: string, open: ReadonlySet<string>) =>
    (draft_id: string, options: MailboxWaitOptions, first?: Draft) => {
      const { schedule: _, timeout: __, ...callOptions } = options
      const name = `mailbox.drafts.${method}`
      return waitUntil<Draft, DraftStateError>({
        operation: name,
        options,
        first,
        read: get(draft_id, callOptions),
        statusOf: ({ status }) => status,
        settle: (draft) => {
          if (draft.status === goal) return Effect.succeed(draft)
          return open.has(draft.status) ? undefined : Effect.fail(stateError(name, draft))
        }
      })
    }
  const untilReady = waitFor("waitUntilReady", "ready", new Set(["preparing"]))
  const undecided = new Set(["sending", "uncertain", "scheduled"])
  const untilSent = waitFor("waitUntilSent", "queued", undecided)
  const untilConfirmed = waitFor("sendAndConfirm", "queued", new Set([...undecided, "ready"]))

  return {
    list: methods.list(draftOperations.list),
    create,
    get,
    update,
    delete: methods.call(draftOperations.delete),
    send,
    schedule,
    reply: from("reply"),
    replyAll: from("reply_all"),
    forward: from("forward"),
    adopt: from("adopt"),
    edit: (draft, change, options) =>
      update(draft.id, { ...change, expected_revision: draft.revision }, options),
    sendNow,
    sendAt: (draft, scheduled_for, options) =>
      send(draft.id, { ...versionsOf(draft), scheduled_for }, options),
    moveSchedule: (draft, scheduled_for, options) =>
      schedule(draft.id, { ...versionsOf(draft), scheduled_for }, options),
    cancelSchedule: (draft, options) =>
      schedule(draft.id, { ...versionsOf(draft), scheduled_for: null }, options),
    waitUntilReady: (draft_id, options = {}) => untilReady(draft_id, options),
    waitUntilSent: (draft_id, options = {}) => untilSent(draft_id, options),
    sendAndConfirm: (draft, options = {}) => {
      if (underWay.has(draft.status)) return untilConfirmed(draft.id, options, draft)
      const { schedule: _, timeout: __, ...callOptions } = options
      const sent = Effect.map(sendNow(draft, callOptions), (answer) => ({ answer, lost: undefined }))
      const outcome = catchAll(sent, (error) =>
        hidesAnswer(error) ? Effect.succeed({ answer: undefined, lost: error }) : Effect.fail(error)
      )
      return Effect.flatMap(outcome, ({ answer, lost }) =>
        answer !== undefined
          ? untilConfirmed(draft.id, options, answer)
          : catchAll(untilConfirmed(draft.id, options), (error) =>
              Effect.fail(error instanceof WaitTimeoutError && error.status === "ready" ? lost : error)
            )
      )
    }
  }
}

/** A draft that was given to be sent and must not be sent another time. */
const underWay: ReadonlySet<string> = new Set(["sending", "uncertain", "queued"])

/** What a write says of the draft that it builds on. */
const versionsOf = ({ revision, schedule_version }: Draft) => ({
  expected_revision: revision,
  expected_schedule_version: schedule_version
})

const stateError = (name: string, { id, status, failure_code }: Draft): DraftStateError =>
  new DraftStateError({ operation: name, draft_id: id, status, failure_code: failure_code ?? undefined })

/** Whether the server may have acted although the call failed. */
const hidesAnswer = (error: SendmuxError): boolean =>
  (error._tag === "TransportError" && error.reason !== "AccessToken") ||
  error._tag === "ResponseDecodeError" ||
  (error._tag === "APIError" && (error.status >= 500 || error.status === 408))
