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
