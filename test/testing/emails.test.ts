import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Sandbox, Sending } from "../../src/index.js"
import * as Testing from "../../src/Testing.js"

const layer = Sending.layer({ apiKey: Sandbox.mailboxKey }).pipe(Layer.provideMerge(Sandbox.layer))

describe("the helpers for sent messages", () => {
  it.effect("find the messages to an address in any role and case", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      const control = yield* Sandbox.Control
      const base = { from: { email: "hello@example.com" }, subject: "Hi", text_body: "Hi", html_body: "Hi" }
      yield* sending.emails.send({ ...base, to: { email: "ada@example.org" } })
      yield* sending.emails.send({
        ...base,
        to: { email: "bob@example.org" },
        bcc: [{ email: "Ada@example.org" }]
      })
      yield* sending.emails.send({ ...base, to: { email: "bob@example.org" } })
      expect(Testing.emailsTo(yield* control.outbox, "ADA@example.org")).toHaveLength(2)
    }).pipe(Effect.provide(layer))
  )

  it("find the links of HTML and text, each once, with entities decoded", () => {
    expect(
      Testing.linksIn({
        html: '<p>Please <a href="https://example.com/confirm?a=1&amp;b=2">confirm</a>, <a href="mailto:x@y.z">write</a> or <a href="javascript:alert(1)">no</a>.</p>',
        text: "Please confirm: https://example.com/confirm?a=1&b=2. (Help: http://example.com/help)"
      })
    ).toEqual(["https://example.com/confirm?a=1&b=2", "http://example.com/help"])
  })

  it("find a one-time code that stands alone", () => {
    const html = '<p>Your code: <b>428913</b>. <a href="https://example.com/9999">Help</a></p>'
    expect(Testing.codeIn({ html, text: null })).toBe("428913")
    expect(Testing.codeIn({ html: null, text: "Order 2026-11-28, code 0042." })).toBe("0042")
    expect(Testing.codeIn({ html: null, text: "code: AB-77" }, /code: (\S+)/)).toBe("AB-77")
    expect(Testing.codeIn({ html: null, text: "no code" })).toBeUndefined()
  })
})
