import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Mailbox } from "../../src/Mailbox.js"
import { mockClient, ok } from "../support/http.js"
import { mailboxOver } from "../support/mailbox.js"

const header = "<CA+1234@mail.example.com>"

describe("a Message-ID header instead of the id of a message", () => {
  it.effect("is refused with a hint before anything is sent, in paths and in inputs", () => {
    const { client, seen } = mockClient(() => ok({}))
    return Effect.gen(function* () {
      const { attachments, drafts, messages } = yield* Mailbox
      const calls: ReadonlyArray<
        Effect.Effect<unknown, { readonly _tag: string; readonly message: string }>
      > = [
        messages.get(header),
        messages.getContent(` ${header} `),
        messages.update(header, { seen: true }),
        messages.modify(header, () => ({ seen: true })),
        messages.delete(header),
        messages.batchGet({ ids: ["msg_1", header] }),
        messages.batchUpdate({ ids: [header], seen: true }),
        messages.batchDelete({ ids: [header] }),
        drafts.reply(header, { text_body: "Yes" }),
        drafts.create({ reply_to_message_id: header }),
        Stream.runDrain(messages.downloadRaw(header)),
        Stream.runDrain(attachments.download(header, "blob_1"))
      ]
      for (const call of calls) {
        const error = yield* Effect.flip(call)
        expect(error._tag).toBe("InvalidRequestError")
        expect(error.message).toContain("is a Message-ID header: pass data.message.id of an event")
        expect(error.message).not.toContain("1234")
      }
      expect(seen).toHaveLength(0)
      yield* Effect.ignore(messages.get("odd<id@x"))
      expect(seen[0]?.url.pathname).toBe("/api/v1/mailbox/messages/odd%3Cid%40x")
    }).pipe(Effect.provide(mailboxOver(client)))
  })
})
