/**
 * The plain text of HTML and of messages.
 */
import { compile } from "html-to-text"
import type { MessageContent } from "../state/records.js"

const headings = ["h1", "h2", "h3", "h4", "h5", "h6"]

const convert = compile({
  wordwrap: false,
  selectors: [
    ...headings.map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: "a", options: { ignoreHref: true } },
    { selector: "head", format: "skip" },
    { selector: "img", format: "skip" },
    { selector: "table", options: { uppercaseHeaderCells: false } },
    { selector: "ul", options: { itemPrefix: "- " } }
  ]
})

/** HTML as plain text. A non-breaking space becomes a space, so that a search finds it. */
export const textOfHtml = (html: string): string => convert(html).replaceAll("\u00a0", " ").trim()

/** The text of a message. It is made from the HTML body if the message has no text body. */
export const readableText = ({ html, text }: Pick<MessageContent, "html" | "text">): string =>
  text ?? (html === null ? "" : textOfHtml(html))
