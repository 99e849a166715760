/**
 * The two bodies of a message from one of them: the text from the HTML, or the HTML from the text.
 *
 * @since 0.2.0
 */
import { compile, type FormatCallback, type HtmlToTextOptions } from "html-to-text"
import { maxMessageBytes } from "../internal/model/limits.js"
import { lazily } from "../internal/values/memo.js"
import { escape, tagPattern } from "./template.js"

/**
 * The bodies of a message, as `emails.send` and `messages.send` accept them.
 *
 * @since 0.2.0
 * @category models
 */
export interface Bodies {
  readonly html_body: string
  readonly text_body: string
}

const skip = (selector: string) => ({ selector, format: "skip" })

const headings = ["h1", "h2", "h3", "h4", "h5", "h6"]

/** An image becomes its description. */
const description: FormatCallback = ({ attribs }, _, builder) => {
  const text: unknown = attribs?.alt
  if (typeof text === "string" && text !== "") builder.addInline(text)
}

const options: HtmlToTextOptions = {
  wordwrap: false,
  limits: { maxInputLength: maxMessageBytes, maxDepth: 500 },
  formatters: { description },
  selectors: [
    ...headings.map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: "a", options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    { selector: "img", format: "description" },
    { selector: "table", options: { uppercaseHeaderCells: false } },
    { selector: "ul", options: { itemPrefix: "- " } },
    // The texts that a mail client shows in its list of messages are hidden in the message.
    ...['[style*="display:none"]', '[style*="display: none"]', "[data-skip-in-text=true]"].map(skip),
    ...["head", "title", "style", "script"].map(skip)
  ]
}

/** The conversion is compiled at its first use. */
const convert: (html: string) => string = /* @__PURE__ */ lazily(() => compile(options))

/** Characters that Unicode reserves for uses such as this one. They mark the place of a tag. */
const open = "\ufdd0"
const close = "\ufdd1"
const marks = /[\ufdd0\ufdd1]/g
const marked = /\ufdd0(\d+)\ufdd1/g

/**
 * Derives the text of a message from its HTML: without markup, with the addresses of links in brackets, and with the
 * descriptions of images. Hidden parts are left out. A template tag that is written in the HTML stays one, and text that was
 * escaped with `Template.escapeHtml` does not become one.
 *
 * @since 0.2.0
 * @category conversions
 */
export const toText = (html: string): string => {
  const tags: Array<string> = []
  const source = html.replace(marks, "").replace(tagPattern, (tag) => `${open}${tags.push(tag) - 1}${close}`)
  return escape(convert(source).trim()).replace(marked, (_, index: string) => tags[Number(index)] ?? "")
}

/**
 * Makes both bodies of a message from its HTML. Recipients whose mail client does not display HTML read the text.
 *
 * @example
 * import * as Body from "effect-sendmux/Body"
 * import { Sending } from "effect-sendmux/Sending"
 * import * as Effect from "effect/Effect"
 *
 * export const sendWelcome = (email: string) =>
 *   Effect.gen(function* () {
 *     const { emails } = yield* Sending
 *     return yield* emails.send({
 *       from: { email: "hello@example.com" },
 *       to: { email },
 *       subject: "Welcome",
 *       ...Body.fromHtml("<h1>Welcome</h1><p>Your account is ready.</p>")
 *     })
 *   })
 *
 * @since 0.2.0
 * @category constructors
 */
export const fromHtml = (html: string): Bodies => ({ html_body: html, text_body: toText(html) })

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

const unbroken = (spaces: string): string => "&nbsp;".repeat(spaces.length)

/**
 * Makes both bodies of a message from its text, for example because `emails.send` requires HTML. Empty lines separate
 * paragraphs, and line breaks and spaces are kept. A template tag in the text is one in the HTML too.
 *
 * @since 0.2.0
 * @category constructors
 */
export const fromText = (text: string): Bodies => ({
  text_body: text,
  html_body: text
    .replace(/[&<>"]/g, (character) => entities[character] ?? character)
    .replace(/^ +/gm, unbroken)
    .replace(/ +(?= )/g, unbroken)
    .replace(/\r\n?/g, "\n")
    .replace(/^\n+|\n+$/g, "")
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${paragraph.replaceAll("\n", "<br>\n")}</p>`)
    .join("\n")
})
