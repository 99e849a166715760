import { describe, expect, it } from "vitest"
import * as Body from "../../src/Body.js"

describe("the text of HTML", () => {
  it("has no markup, and keeps paragraphs, lists, headings and entities", () => {
    const html = `<html><head><title>No</title><style>p { color: red }</style></head><body>
      <h1>Hello Ada</h1><p>One &amp; two.<br>Three.</p><ul><li>first</li><li>second</li></ul>
      <script>alert(1)</script></body></html>`
    expect(Body.toText(html)).toBe("Hello Ada\n\nOne & two.\nThree.\n\n- first\n- second")
  })

  it("has the addresses of links in brackets, unless the text of the link is the address", () => {
    expect(Body.toText('<a href="https://example.com/a">Open</a>')).toBe("Open [https://example.com/a]")
    expect(Body.toText('<a href="https://example.com">https://example.com</a>')).toBe("https://example.com")
    expect(Body.toText('<a href="#top">Top</a>')).toBe("Top")
  })

  it("has the descriptions of images, and leaves out hidden parts", () => {
    const html =
      '<div style="display:none">Preview</div><p><img src="cid:logo" alt="The shop"><img src="x.gif" alt=""></p>'
    expect(Body.toText(html)).toBe("The shop")
    expect(Body.toText('<div data-skip-in-text="true">Preview</div><p>Body</p>')).toBe("Body")
  })

  it("is made of HTML with any nesting and of text that contains the marks of its conversion", () => {
    expect(Body.toText(`${"<div>".repeat(20_000)}deep`)).toBeTypeOf("string")
    expect(Body.toText("<p>\ufdd00\ufdd1 [DP_NAME]</p>")).toBe("0 [DP_NAME]")
    expect(Body.toText("")).toBe("")
  })
})

describe("the bodies of a message", () => {
  it("are made from HTML", () => {
    expect(Body.fromHtml("<p>Hi</p>")).toEqual({ html_body: "<p>Hi</p>", text_body: "Hi" })
  })

  it("are made from text, whose paragraphs, line breaks and spaces stay", () => {
    const text = 'Hi <Ada> & "Bob",\r\n\r\n  two  spaces\nand [DP_NAME]\n'
    expect(Body.fromText(text)).toEqual({
      text_body: text,
      html_body:
        "<p>Hi &lt;Ada&gt; &amp; &quot;Bob&quot;,</p>\n<p>&nbsp;&nbsp;two&nbsp; spaces<br>\nand [DP_NAME]</p>"
    })
    expect(Body.toText(Body.fromText("a\n\nb").html_body)).toBe("a\n\nb")
  })
})
