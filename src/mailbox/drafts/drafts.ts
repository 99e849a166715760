/**
 * Drafts: messages that the API stores, so that several clients can edit them before they are sent.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Methods } from "../../internal/methods/methods.js"
import type { ConditionalMethod, ListMethod, Method, TimestampInput } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import { operation } from "../../internal/operation/operation.js"
import { Deleted } from "../changes/schemas.js"
import { PageInput } from "../filters.js"
import { withObjects } from "../objects.js"
import type { MailboxConditionalWriteOptions, MailboxIdempotentOptions, MailboxOptions } from "../options.js"
import type { MailboxWaitOptions, WaitTimeoutError } from "../waiting.js"
import type { DraftStateError } from "./errors.js"
import {
  CreateDraftInput,
  Draft,
  type DraftContent,
  ScheduleDraftInput,
  SendDraftInput,
  UpdateDraftInput
} from "./schemas.js"
import { makeDraftWaits } from "./waits.js"

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
    // The server responds to a repeated request with the result of the first one.
    replayable: true,
    flags: ["ifMatch", "mailboxId"]
  })
}

// -----------------------------------------------------------------------------
// methods
// -----------------------------------------------------------------------------

/**
 * Creates a draft from a message. The fields of `content` replace those that the server derives from the message.
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
 * The methods of `mailbox.drafts`.
 *
 * @since 0.1.0
 * @category services
 */
export interface Drafts {
  /** Streams the drafts, newest first: `GET /mailbox/drafts`. A page has at most 100 drafts. */
  readonly list: ListMethod<[input?: PageInput, options?: MailboxOptions], Draft>
  /**
   * Creates a draft: `POST /mailbox/drafts`. The request carries an idempotency key, so that retries of the call create
   * one draft. The status may be `preparing` at first.
   *
   * Fails with `InvalidRequestError` for invalid content, such as more than 50 recipients, before anything is sent. Fails
   * with `not_found` if the mailbox does not have the message that the draft is created from.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const prepareOffer = (email: string) =>
   *   Effect.gen(function* () {
   *     const { drafts } = yield* Mailbox
   *     const created = yield* drafts.create({
   *       to: [{ email }],
   *       subject: "Our offer",
   *       text_body: "Here is our offer."
   *     })
   *     return yield* drafts.waitUntilReady(created.id)
   *   })
   *
   * @see `waitUntilReady` to wait until the draft can be sent
   * @see `reply`, `replyAll` and `forward` for drafts from a message
   */
  readonly create: Method<[draft: CreateDraftInput, options?: MailboxIdempotentOptions], Draft>
  /**
   * Reads a draft: `GET /mailbox/drafts/{draftId}`.
   *
   * Fails with `not_found` if the mailbox has no draft with this id.
   */
  readonly get: ConditionalMethod<[draft_id: string, options?: MailboxOptions], Draft>
  /**
   * Changes the content of a draft: `PATCH /mailbox/drafts/{draftId}`.
   *
   * Fails with `not_found` if the mailbox has no draft with this id. Fails with `conflict` if the draft has another
   * revision than `expected_revision`, if it is scheduled or being sent, or if it has changed since the ETag in `ifMatch`
   * was read.
   *
   * @see `edit`, which takes the revision from the draft
   */
  readonly update: Method<
    [draft_id: string, change: UpdateDraftInput, options?: MailboxConditionalWriteOptions],
    Draft
  >
  /**
   * Deletes a draft: `DELETE /mailbox/drafts/{draftId}`. The server completes the deletion in the background.
   *
   * Fails with `not_found` if the mailbox has no draft with this id. Fails with `conflict` if the draft is being sent, or
   * if it has changed since the ETag in `ifMatch` was read.
   */
  readonly delete: Method<[draft_id: string, options?: MailboxConditionalWriteOptions], Deleted>
  /**
   * Sends a draft now, or schedules it: `POST /mailbox/drafts/{draftId}/send`.
   *
   * The call has no idempotency key, so it is not retried if its response is lost. In this case, and if the status of
   * the draft is `uncertain`, the draft may have been sent: read the same draft again, and do not send another one in its
   * place.
   *
   * Fails with `not_found` if the mailbox has no draft with this id. Fails with `conflict` if the draft has another
   * revision than `expected_revision` or another schedule version than `expected_schedule_version`, or if it has changed
   * since the ETag in `ifMatch` was read.
   *
   * @example
   * import { type Draft, Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const sendTomorrow = (draft: Draft) =>
   *   Effect.gen(function* () {
   *     const { drafts } = yield* Mailbox
   *     return yield* drafts.send(draft.id, {
   *       expected_revision: draft.revision,
   *       expected_schedule_version: draft.schedule_version,
   *       scheduled_for: new Date(Date.now() + 24 * 60 * 60 * 1000)
   *     })
   *   })
   *
   * @see `sendNow` and `sendAt`, which take the versions from the draft
   * @see `sendAndConfirm` to wait until the outcome is known
   */
  readonly send: Method<
    [draft_id: string, input: SendDraftInput, options?: MailboxConditionalWriteOptions],
    Draft
  >
  /**
   * Changes or cancels the schedule of a draft: `PATCH /mailbox/drafts/{draftId}/schedule`.
   *
   * Fails with `not_found` if the mailbox has no draft with this id. Fails with `conflict` if the versions in the input
   * are not those of the draft, or if the draft is already being sent.
   *
   * @see `moveSchedule` and `cancelSchedule`, which take the versions from the draft
   */
  readonly schedule: Method<
    [draft_id: string, input: ScheduleDraftInput, options?: MailboxConditionalWriteOptions],
    Draft
  >
  /** Creates a draft that replies to the sender of a message: `POST /mailbox/drafts`. Fails like `create`. */
  readonly reply: DraftFromMessage
  /** Creates a draft that replies to the sender and all recipients of a message: `POST /mailbox/drafts`. Fails like `create`. */
  readonly replyAll: DraftFromMessage
  /** Creates a draft that forwards a message: `POST /mailbox/drafts`. Fails like `create`. */
  readonly forward: DraftFromMessage
  /**
   * Creates a draft from a message that is stored as a draft in the mailbox, for example by a mail program:
   * `POST /mailbox/drafts`. Fails like `create`.
   */
  readonly adopt: DraftFromMessage
  /**
   * Changes the content of this revision of a draft: `PATCH /mailbox/drafts/{draftId}`.
   *
   * Fails with `conflict` if the draft has another revision by now, or if it is scheduled or being sent.
   */
  readonly edit: (
    draft: Draft,
    change: DraftContent,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /**
   * Sends this revision of a draft: `POST /mailbox/drafts/{draftId}/send`. Fails like `send`.
   *
   * @see `sendAndConfirm` to wait until the outcome is known
   */
  readonly sendNow: (
    draft: Draft,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /**
   * Schedules this revision of a draft, by default up to 30 days ahead: `POST /mailbox/drafts/{draftId}/send`. Fails like
   * `send`.
   */
  readonly sendAt: (
    draft: Draft,
    time: TimestampInput,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /** Changes the time of a scheduled draft: `PATCH /mailbox/drafts/{draftId}/schedule`. Fails like `schedule`. */
  readonly moveSchedule: (
    draft: Draft,
    time: TimestampInput,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /**
   * Cancels the schedule of a draft, so that it can be edited again: `PATCH /mailbox/drafts/{draftId}/schedule`.
   *
   * Fails with `conflict` if the draft is already being sent.
   */
  readonly cancelSchedule: (
    draft: Draft,
    options?: MailboxConditionalWriteOptions
  ) => Effect.Effect<Draft, SendmuxError>
  /**
   * Waits while a draft is `preparing`, and succeeds with the draft when it is `ready`. Reads it repeatedly:
   * `GET /mailbox/drafts/{draftId}`. Transient failures are retried. A status that this version does not know is waited
   * for too.
   *
   * Fails with `DraftStateError` if the draft has another known status, with `WaitTimeoutError` if the wait is over, and with
   * `not_found` if the mailbox has no draft with this id.
   */
  readonly waitUntilReady: (
    draft_id: string,
    options?: MailboxWaitOptions
  ) => Effect.Effect<Draft, SendmuxError | WaitTimeoutError | DraftStateError>
  /**
   * Waits while a draft is `scheduled`, `sending` or `uncertain`, and succeeds with the draft when it is `queued`. Reads
   * it repeatedly: `GET /mailbox/drafts/{draftId}`. Transient failures are retried. A status that this version does not
   * know is waited for too.
   *
   * Fails with `DraftStateError` if the draft was not sent and will not be, with `WaitTimeoutError` if the wait is over,
   * and with `not_found` if the mailbox has no draft with this id.
   */
  readonly waitUntilSent: (
    draft_id: string,
    options?: MailboxWaitOptions
  ) => Effect.Effect<Draft, SendmuxError | WaitTimeoutError | DraftStateError>
  /**
   * Sends a draft and waits until the outcome is known: `POST /mailbox/drafts/{draftId}/send`, then
   * `GET /mailbox/drafts/{draftId}`. A draft that is still `preparing` is sent when it is ready. `timeout` limits both
   * waits together.
   *
   * The draft is sent at most once. If the response is lost, or while the status is `uncertain`, the call only reads the
   * draft again. A draft that is already `sending` or `uncertain`, or whose status this version does not know, is not
   * sent again either, and a `queued` one is returned as it is.
   *
   * Fails with `DraftStateError` if the draft was not sent and will not be, and with `WaitTimeoutError` if the outcome is
   * still unknown. If the response was lost and the draft stays `ready`, the call fails with the error of the lost
   * response; the same revision can then be sent again. Fails like `send` if the server rejects the request.
   *
   * @example
   * import { Mailbox } from "effect-sendmux/Mailbox"
   * import * as Effect from "effect/Effect"
   *
   * export const answer = (messageId: string, text_body: string) =>
   *   Effect.gen(function* () {
   *     const { drafts } = yield* Mailbox
   *     const draft = yield* drafts.reply(messageId, { text_body })
   *     return yield* drafts.sendAndConfirm(draft, { timeout: "2 minutes" })
   *   })
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

  const sendNow: Drafts["sendNow"] = (draft, options) =>
    withObjects("mailbox.drafts.sendNow", { "the draft": draft }, () =>
      send(draft.id, versionsOf(draft), options)
    )

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
      withObjects("mailbox.drafts.edit", { "the draft": draft, "the change": change }, () =>
        update(draft.id, { ...change, expected_revision: draft.revision }, options)
      ),
    sendNow,
    sendAt: (draft, scheduled_for, options) =>
      withObjects("mailbox.drafts.sendAt", { "the draft": draft }, () =>
        // Without a time, the request would send the draft now.
        scheduled_for === undefined
          ? Effect.fail(invalidRequest("mailbox.drafts.sendAt", "the time is missing"))
          : send(draft.id, { ...versionsOf(draft), scheduled_for }, options)
      ),
    moveSchedule: (draft, scheduled_for, options) =>
      withObjects("mailbox.drafts.moveSchedule", { "the draft": draft }, () =>
        schedule(draft.id, { ...versionsOf(draft), scheduled_for }, options)
      ),
    cancelSchedule: (draft, options) =>
      withObjects("mailbox.drafts.cancelSchedule", { "the draft": draft }, () =>
        schedule(draft.id, { ...versionsOf(draft), scheduled_for: null }, options)
      ),
    ...makeDraftWaits({ get, sendNow })
  }
}

/** The versions of a draft on which a write is based. */
const versionsOf = ({ revision, schedule_version }: Draft) => ({
  expected_revision: revision,
  expected_schedule_version: schedule_version
})
