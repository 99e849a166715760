import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Mailbox } from "../../../src/Mailbox.js"
import { readableText, textOfHtml } from "../../../src/sandbox/mailbox/mail/plainText.js"
import { deliver, mailboxSandbox as sandbox } from "../../support/mailboxSandbox.js"

describe("textOfHtml", () => {
  it("decodes named and numeric entities of HTML", () => {
    expect(textOfHtml("<p>Tea &mdash; or &eacute;clairs &amp; more&hellip;</p>")).toBe(
      "Tea — or éclairs & more…"
    )
    expect(textOfHtml("&#8364;5 &#x1F600;")).toBe("€5 😀")
  })

  it("keeps text that looks like an entity but is not one, such as &constructor;", () => {
    expect(textOfHtml("<p>&constructor; &toString; &__proto__; &nosuchentity;</p>")).toBe(
      "&constructor; &toString; &__proto__; &nosuchentity;"
    )
  })

  it("decodes each entity only once", () => {
    expect(textOfHtml("&amp;lt;b&amp;gt;")).toBe("&lt;b&gt;")
  })

  it("keeps an angle bracket in an attribute out of the text", () => {
    expect(textOfHtml('<p title="a > b">Text</p>')).toBe("Text")
  })

  it("omits scripts, styles, comments, images and the head", () => {
    const html = `<html><head><title>Title</title><style>p { color: red }</style></head>
      <body><script>alert("<p>x</p>")</script><!-- <p>comment</p> --><img src="a.png" alt="Logo"><p>Body</p></body></html>`
    expect(textOfHtml(html)).toBe("Body")
  })

  it("separates paragraphs and list items, and neither wraps lines nor changes the case of headings", () => {
    const long = "word ".repeat(60).trim()
    expect(textOfHtml(`<h1>Hello</h1><p>${long}</p><ul><li>one</li><li>two</li></ul>a<br>b`)).toMatch(
      new RegExp(`^Hello\\n+${long}\\n+- one\\n- two\\n+a\\nb$`)
    )
  })

  it("shows the text of a link without its URL, and a non-breaking space as a space", () => {
    expect(textOfHtml('<a href="https://example.com">the&nbsp;plan</a>')).toBe("the plan")
  })

  it("returns an empty text for an empty document", () => {
    expect(textOfHtml("")).toBe("")
  })
})

describe("readableText", () => {
  it("prefers the text body, and converts the HTML body if there is no text body", () => {
    expect(readableText({ text: "plain", html: "<p>rich</p>" })).toBe("plain")
    expect(readableText({ text: null, html: "<p>rich</p>" })).toBe("rich")
    expect(readableText({ text: null, html: null })).toBe("")
  })
})

describe("messages with HTML", () => {
  it.effect("shows decoded entities in the preview, the content and the search snippets of a message", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const { id, preview } = yield* deliver({ html: "<p>Lunch &mdash; not &constructor;</p>" })
      expect(preview).toBe("Lunch — not &constructor;")
      expect((yield* messages.getContent(id)).body.text).toBe("Lunch — not &constructor;")
      expect((yield* messages.searchSnippets({ q: "—" })).snippets).toMatchObject([
        { message_id: id, preview: "Lunch <mark>—</mark> not &amp;constructor;" }
      ])
    }).pipe(Effect.provide(sandbox()))
  )
})
