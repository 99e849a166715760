import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Mailbox } from "../../src/Mailbox.js"
import { Sending } from "../../src/Sending.js"
import { email, mockClient, ok, sendingOver, sent } from "../support/http.js"
import { mailboxOver } from "../support/mailbox.js"

const reserved = ["X-Sendmux-Delivery-Group", "x-sendmux-delivery-group", "X-SENDMUX-DELIVERY-GROUP"]

const issueOf = <A, E extends { readonly message: string }>(call: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(call), ({ message }) => message)

describe("custom_headers", () => {
  it.effect("of Sending have names that start with X-, in any letter case", () => {
    const { client, seen } = mockClient(() => ok(sent))
    return Effect.gen(function* () {
      const { emails } = yield* Sending
      yield* emails.send({ ...email, custom_headers: { "X-Order": "1", "x-kind": "letter" } })
      for (const name of ["List-Unsubscribe", "X-", "Xorder", "In-Reply-To"]) {
        expect(yield* issueOf(emails.send({ ...email, custom_headers: { [name]: "1" } }))).toContain(
          `custom_headers must contain only headers whose names start with X-, which "${name}" does not`
        )
      }
      expect(yield* issueOf(emails.send({ ...email, custom_headers: { "X Order": "1" } }))).toContain(
        'must contain only valid header names, which "X Order" is not'
      )
      expect(yield* issueOf(emails.send({ ...email, custom_headers: { "X-A": "x".repeat(501) } }))).toContain(
        "must have at most 500 characters"
      )
      expect(seen).toHaveLength(1)
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("never contain X-Sendmux-Delivery-Group, and the error names delivery_group", () => {
    const { client, seen } = mockClient(() => ok(sent))
    return Effect.gen(function* () {
      const { emails } = yield* Sending
      for (const name of reserved) {
        expect(yield* issueOf(emails.send({ ...email, custom_headers: { [name]: "dgrp_a" } }))).toBe(
          "sending.emails.send: nothing was sent: custom_headers must not contain X-Sendmux-Delivery-Group, which is reserved: use the field delivery_group"
        )
        expect(yield* issueOf(emails.send(email, { headers: { [name]: "dgrp_a" } }))).toContain(
          "cannot be set, use the field delivery_group of the message"
        )
      }
      const message = { ...email, custom_headers: { "X-Sendmux-Delivery-Group": "dgrp_a" } }
      const { results } = yield* Effect.map(Effect.exit(emails.sendBatch({ messages: [message] })), () => ({
        results: seen
      }))
      expect(results).toHaveLength(0)
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("of a mailbox have any name, and those of a draft start with X-", () => {
    const { client, seen } = mockClient(() => ok({ message_id: "msg_1", status: "queued" }))
    return Effect.gen(function* () {
      const { drafts, messages } = yield* Mailbox
      const to = [{ email: "ada@example.com" }]
      yield* messages.send({ to, subject: "Hi", text_body: "Hi", custom_headers: { "List-Id": "<a.b>" } })
      expect(yield* issueOf(drafts.create({ to, custom_headers: { "List-Id": "<a.b>" } }))).toContain(
        "names start with X-"
      )
      for (const name of reserved) {
        const custom_headers = { [name]: "dgrp_a" }
        for (const call of [
          messages.send({ to, subject: "Hi", custom_headers }),
          drafts.create({ custom_headers })
        ]) {
          expect(yield* issueOf<unknown, { readonly message: string }>(call)).toContain(
            "a message of a mailbox has no delivery group"
          )
        }
      }
      expect(seen).toHaveLength(1)
    }).pipe(Effect.provide(mailboxOver(client)))
  })
})
