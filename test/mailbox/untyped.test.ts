import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Mailbox, type MailboxService } from "../../src/Mailbox.js"
import { Sending } from "../../src/Sending.js"
import { mockClient, ok, sendingOver } from "../support/http.js"
import { mailboxOver } from "../support/mailbox.js"
import { untyped } from "../support/synthetic.js"

type Call = (mailbox: MailboxService, argument: never) => Effect.Effect<unknown, unknown>

/** Every method that reads its arguments itself, with an argument in the place of an object. */
const calls: ReadonlyArray<readonly [string, Call]> = [
  ["messages.batchGet", ({ messages }, argument) => messages.batchGet(argument)],
  ["messages.batchGet", ({ messages }, argument) => messages.batchGet.withResponse(argument)],
  ["messages.batchUpdate", ({ messages }, argument) => messages.batchUpdate(argument)],
  ["messages.batchDelete", ({ messages }, argument) => messages.batchDelete(argument)],
  ["messages.waitFor", ({ messages }, argument) => messages.waitFor(argument, { timeout: 1000 })],
  ["messages.waitFor", ({ messages }, argument) => messages.waitFor({}, argument)],
  ["attachments.upload", ({ attachments }, argument) => attachments.upload(argument)],
  ["attachments.upload", ({ attachments }, argument) => attachments.upload.withResponse(argument)],
  ["attachments.uploadDelegated", ({ attachments }, argument) => attachments.uploadDelegated(argument)],
  [
    "attachments.downloadResumable",
    ({ attachments }, argument) =>
      Stream.runDrain(attachments.downloadResumable("msg_1", untyped(argument ?? 7)))
  ],
  ["drafts.edit", ({ drafts }, argument) => drafts.edit(argument, {})],
  ["drafts.sendNow", ({ drafts }, argument) => drafts.sendNow(argument)],
  ["drafts.sendAt", ({ drafts }, argument) => drafts.sendAt(argument, new Date(0))],
  ["drafts.moveSchedule", ({ drafts }, argument) => drafts.moveSchedule(argument, new Date(0))],
  ["drafts.cancelSchedule", ({ drafts }, argument) => drafts.cancelSchedule(argument)],
  ["drafts.sendAndConfirm", ({ drafts }, argument) => drafts.sendAndConfirm(argument)],
  ["sync.changes", ({ sync }, argument) => Stream.runDrain(sync.changes(argument))],
  ["sync.follow", ({ sync }, argument) => Stream.runDrain(sync.follow(argument))]
]

/** Every method that reads its options itself and may be called without any. */
const callsWithOptions: ReadonlyArray<readonly [string, Call]> = [
  [
    "attachments.upload",
    ({ attachments }, argument) => attachments.upload({ filename: "a", content: new Uint8Array(1) }, argument)
  ],
  ["attachments.text", ({ attachments }, argument) => attachments.text("msg_1", "att_1", {}, argument)],
  [
    "attachments.downloadResumable",
    ({ attachments }, argument) => Stream.runDrain(attachments.downloadResumable("msg_1", "att_1", argument))
  ],
  ["drafts.waitUntilReady", ({ drafts }, argument) => drafts.waitUntilReady("dft_1", argument)],
  ["drafts.waitUntilSent", ({ drafts }, argument) => drafts.waitUntilSent("dft_1", argument)],
  ["events.stream", ({ events }, argument) => Stream.runDrain(events.stream({}, argument))],
  ["events.stream", ({ events }, argument) => Stream.runDrain(events.stream(argument))],
  ["sync.follow", ({ sync }, argument) => Stream.runDrain(sync.follow({ types: ["messages"] }, argument))],
  [
    "sync.follow",
    ({ sync }, argument) => Stream.runDrain(sync.follow({ types: ["messages"], since: argument }))
  ]
]

const rejects = (arguments_: ReadonlyArray<unknown>, all: typeof calls) => {
  const { client, seen } = mockClient(() => ok({}))
  return Effect.gen(function* () {
    const mailbox = yield* Mailbox
    for (const [name, call] of all) {
      for (const argument of arguments_) {
        const error = yield* Effect.flip(Effect.suspend(() => call(mailbox, untyped(argument))))
        expect(error, name).toMatchObject({ _tag: "InvalidRequestError", operation: `mailbox.${name}` })
      }
    }
    expect(seen).toHaveLength(0)
  }).pipe(Effect.provide(mailboxOver(client)))
}

describe("methods of the Mailbox for callers without types", () => {
  it.effect("fail with InvalidRequestError for an input or a draft that is not an object", () =>
    rejects([undefined, null, 7, []], calls)
  )

  it.effect("fail with InvalidRequestError for options that are not an object", () =>
    rejects([null, 7, []], callsWithOptions)
  )

  it.effect("reject a scheduled time that is missing rather than send the draft now", () => {
    const { client, seen } = mockClient(() => ok({}))
    return Effect.gen(function* () {
      const { drafts } = yield* Mailbox
      const draft = untyped({ id: "dft_1", revision: 1, schedule_version: 0 })
      const error = yield* Effect.flip(drafts.sendAt(draft, untyped(undefined)))
      expect(error).toMatchObject({ _tag: "InvalidRequestError", operation: "mailbox.drafts.sendAt" })
      expect(seen).toHaveLength(0)
    }).pipe(Effect.provide(mailboxOver(client)))
  })
})

describe("methods of Sending for callers without types", () => {
  it.effect("fail with InvalidRequestError for a file or a batch that is not an object", () => {
    const { client, seen } = mockClient(() => ok({}))
    return Effect.gen(function* () {
      const { attachments, emails } = yield* Sending
      for (const argument of [undefined, null, 7, []].map(untyped)) {
        for (const call of [
          () => Effect.asVoid(attachments.upload(argument)),
          () => Effect.asVoid(attachments.upload.withResponse(argument)),
          () => Effect.asVoid(attachments.uploadDelegated(argument)),
          () => Effect.asVoid(emails.send(argument)),
          () => Effect.asVoid(emails.sendBatch(argument))
        ]) {
          expect((yield* Effect.flip(Effect.suspend(call)))._tag).toBe("InvalidRequestError")
        }
      }
      expect(seen).toHaveLength(0)
    }).pipe(Effect.provide(sendingOver(client)))
  })
})
