/**
 * Finds what a test looks for in sent messages.
 */
import { convert } from "html-to-text"
import type { SentEmail } from "../sandbox/state/world.js"

/**
 * The messages to an address, whether in `to`, `cc` or `bcc`, oldest first. The case of the address does not matter.
 *
 * @example
 * import { Sandbox } from "effect-sendmux"
 * import * as Testing from "effect-sendmux/Testing"
 * import * as Effect from "effect/Effect"
 *
 * export const confirmationLink = Effect.gen(function* () {
 *   const control = yield* Sandbox.Control
 *   const email = Testing.emailsTo(yield* control.outbox, "ada@example.org").at(-1)
 *   return email === undefined ? undefined : Testing.linksIn(email).find((link) => link.includes("/confirm"))
 * })
 *
 * @since 0.2.0
 * @category messages
 */
export const emailsTo = (outbox: ReadonlyArray<SentEmail>, address: string): ReadonlyArray<SentEmail> => {
  const wanted = address.toLowerCase()
  return outbox.filter(({ bcc, cc, to }) =>
    [...to, ...cc, ...bcc].some(({ email }) => email.toLowerCase() === wanted)
  )
}

/** What a message says. */
type Content = Pick<SentEmail, "html" | "text">

const urlPattern = /https?:\/\/[^\s<>"'\\^`{|}]+/g

/** Punctuation that ends a sentence, and is not a part of the link before it. */
const trailingPunctuation = /[.,;:!?)\]]+$/

const linksOfText = (text: string): ReadonlyArray<string> =>
  (text.match(urlPattern) ?? []).map((url) => url.replace(trailingPunctuation, ""))

const linksOfHtml = (html: string): ReadonlyArray<string> =>
  linksOfText(
    convert(html, {
      wordwrap: false,
      selectors: [{ selector: "a", options: { ignoreHref: false, linkBrackets: [" ", " "] } }]
    })
  )

/**
 * The `http` and `https` links of a message, each once: those of its HTML, then those of its text.
 *
 * @since 0.2.0
 * @category messages
 */
export const linksIn = ({ html, text }: Content): ReadonlyArray<string> => [
  ...new Set([...linksOfHtml(html ?? ""), ...linksOfText(text ?? "")])
]

/**
 * The first one-time code of a message: by default the first number of 4 to 8 digits that stands alone. A pattern with a
 * group returns the group. The subject is not searched.
 *
 * @since 0.2.0
 * @category messages
 */
export const codeIn = (
  { html, text }: Content,
  pattern = /(?<![\w.-])\d{4,8}(?![\w-])/
): string | undefined => {
  const words =
    text ??
    convert(html ?? "", { wordwrap: false, selectors: [{ selector: "a", options: { ignoreHref: true } }] })
  const match = new RegExp(pattern.source, pattern.flags.replace("g", "")).exec(words)
  return match?.[1] ?? match?.[0]
}
