import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Sending } from "../../src/Sending.js"
import { email, failure, mockClient, ok, sendingOver, sent } from "../support/http.js"

describe("sending.emails.send", () => {
  it.effect("sends the encoded message once and succeeds with the decoded data", () => {
    const { client, seen } = mockClient(() => ok(sent))
    return Effect.gen(function* () {
      const sending = yield* Sending
      const result = yield* sending.emails.send(email, { idempotencyKey: "welcome-42" })
      expect(result).toEqual(sent)
      expect(seen).toHaveLength(1)
      expect(seen[0]?.url.href).toBe("https://smtp.sendmux.ai/api/v1/emails/send")
      expect(seen[0]?.headers["idempotency-key"]).toBe("welcome-42")
      expect(JSON.parse(seen[0]?.body ?? "")).toEqual(email)
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("rejects an invalid message before anything is sent, and names every invalid field", () => {
    const { client, seen } = mockClient(() => ok(sent))
    return Effect.gen(function* () {
      const sending = yield* Sending
      const bad = {
        ...email,
        subject: "one\ntwo",
        cc: [{ email: "nobody" }],
        attachments: [{ filename: "a.txt", content: "?" }]
      }
      const error = yield* Effect.flip(sending.emails.send(bad))
      expect(error._tag).toBe("InvalidRequestError")
      expect(error.message).toContain("subject must not contain a line break")
      expect(error.message).toContain("cc[0].email must be an email address")
      expect(error.message).toContain("attachments[0].content must be base64, or a Uint8Array")
      expect(seen).toHaveLength(0)
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("accepts base64 with line breaks and padding, and rejects other text in linear time", () => {
    const { client, seen } = mockClient(() => ok(sent))
    return Effect.gen(function* () {
      const sending = yield* Sending
      const send = (content: string) =>
        sending.emails.send({ ...email, attachments: [{ filename: "a.txt", content }] })
      for (const content of ["YQ==", "YWI=\r\n", "YWJj\nYWJj", "YQ=\n="]) yield* send(content)
      expect(seen).toHaveLength(4)
      for (const content of ["Y=Q", "YQ===", "=", `${"\n".repeat(1_000_000)}!`]) {
        expect((yield* Effect.flip(send(content))).message).toContain("must be base64")
      }
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("fails with an APIError that shows the code, the status and the request id", () => {
    const { client } = mockClient(() => failure(402, "insufficient_credits"))
    return Effect.gen(function* () {
      const sending = yield* Sending
      const error = yield* Effect.flip(sending.emails.send(email))
      expect(String(error)).toBe(
        "APIError: sending.emails.send: 402 insufficient_credits: It is insufficient_credits, request req_failed"
      )
    }).pipe(Effect.provide(sendingOver(client)))
  })
})

describe("sending.emails.sendBatch", () => {
  const to = (address: string) => ({ ...email, to: { email: address } })
  const queued = (index: number) => ({ index, message_id: `eml_${index}`, status: "queued" })

  it.effect("sends the valid messages and returns a Failed item with its issues for each invalid one", () => {
    const { client, seen } = mockClient(() =>
      ok({ results: [queued(0), queued(1)], summary: { total: 2, queued: 2, failed: 0 } })
    )
    return Effect.gen(function* () {
      const { emails } = yield* Sending
      const messages = [to("nobody"), to("a@example.com"), { ...to("b@example.com"), subject: "" }, to("c@d")]
      const { data, meta } = yield* emails.sendBatch.withResponse({ messages }, { idempotencyKey: "batch-1" })
      expect(meta.requestId).toBe("req_ok")
      expect(data.summary).toEqual({ total: 4, queued: 2, failed: 2 })
      expect(data.results.map((item) => [item._tag, item.index, item.message])).toEqual([
        ["Failed", 0, messages[0]],
        ["Queued", 1, messages[1]],
        ["Failed", 2, messages[2]],
        ["Queued", 3, messages[3]]
      ])
      const errors = data.results.flatMap((item) => (item._tag === "Failed" ? [item.error] : []))
      expect(errors.map(({ code, retryable }) => [code, retryable])).toEqual([
        ["invalid_request", false],
        ["invalid_request", false]
      ])
      expect(errors[0]?.errors?.[0]?.field).toBe("to.email")
      expect(errors[1]?.errors).toEqual([{ field: "subject", code: "invalid", message: "must not be empty" }])
      expect(seen).toHaveLength(1)
      expect(seen[0]?.headers["idempotency-key"]).toBe("batch-1")
      expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ messages: [messages[1], messages[3]] })
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("fails without a request if every message is invalid, and names the issues of each", () => {
    const { client, seen } = mockClient(() => ok({}))
    return Effect.gen(function* () {
      const { emails } = yield* Sending
      const error = yield* Effect.flip(emails.sendBatch({ messages: [to("nobody"), to("")] }))
      expect(error._tag).toBe("InvalidRequestError")
      expect(error.message).toContain("messages[0].to.email")
      expect(error.message).toContain("messages[1].to.email")
      expect(seen).toHaveLength(0)
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("fails without a request if the batch or an option is invalid, even if a message is too", () => {
    const { client, seen } = mockClient(() => ok({}))
    return Effect.gen(function* () {
      const { emails } = yield* Sending
      const many = Array.from({ length: 101 }, (_, index) => to(index === 0 ? "nobody" : "a@example.com"))
      expect((yield* Effect.flip(emails.sendBatch({ messages: many })))._tag).toBe("InvalidRequestError")
      const option = emails.sendBatch(
        { messages: [to("nobody"), to("a@example.com")] },
        { idempotencyKey: "" }
      )
      expect((yield* Effect.flip(option)).message).toContain("idempotencyKey")
      const untyped: unknown = undefined
      const call = emails.sendBatch(untyped as { messages: [] })
      expect((yield* Effect.flip(call))._tag).toBe("InvalidRequestError")
      expect(seen).toHaveLength(0)
    }).pipe(Effect.provide(sendingOver(client)))
  })
})
