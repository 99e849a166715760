/**
 * Template tags: the names of values that the provider of a message puts in its subject and its bodies.
 *
 * The API replaces a tag such as `[DP_FROM_NAME]` by a value of the provider through which it sends the message, so the
 * values belong to the sender and not to the recipient. It replaces tags in the subject, the text and the HTML, once and
 * without escaping the values, and not in attachments. A tag of a variable that is not set becomes empty.
 *
 * Text that comes from strangers, such as the name in a form or a message that a reply quotes, can contain a tag too, and
 * would show its reader a value of the provider. `escape`, `escapeHtml` and `escapeMarkup` prevent that.
 *
 * @since 0.2.0
 */

/**
 * The tags of the values that every provider has.
 *
 * @since 0.2.0
 * @category constants
 */
export const tags = {
  /** The name of the provider. */
  name: "[DP_NAME]",
  /** The name with which the provider logs in. */
  username: "[DP_USERNAME]",
  from_email: "[DP_FROM_EMAIL]",
  from_name: "[DP_FROM_NAME]",
  /** The domain of the sender's address. */
  from_domain: "[DP_FROM_DOMAIN]",
  reply_to_email: "[DP_REPLY_TO_EMAIL]",
  tracking_domain: "[DP_TRACKING_DOMAIN]"
} as const

const variableKey = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/

/**
 * Makes the tag of a variable, which `management.providers.update` sets in `variables`. The key is in snake case and has at
 * most 64 characters. Throws a `RangeError` for another key.
 *
 * @example
 * import * as Template from "effect-sendmux/Template"
 *
 * export const text_body = `Yours, ${Template.variable("team_name")}`
 *
 * @since 0.2.0
 * @category constructors
 */
export const variable = (key: string): string => {
  if (key.length > 64 || !variableKey.test(key)) {
    throw new RangeError("Template.variable: the key must be in snake case and have at most 64 characters")
  }
  return `[DP_VAR_${key.toUpperCase()}]`
}

/**
 * A bracket that begins a tag, or that would begin one together with the text behind: the end of a text may be the first
 * part of a tag.
 */
const opening = /\[(?=\s*DP_|(?:DP?)?$)/gi

/** The rest of a tag, whose bracket may be in the text before. */
const withoutBracket = /^(?=\s*DP_)/i

/** U+2060 WORD JOINER has no width, and allows no line break. */
const joiner = "\u2060"

/**
 * Makes text of strangers safe for a subject or a text body: a tag in it is not replaced. An invisible character breaks the
 * tag, so that the reader sees the text as it was written. Escaping twice is the same as escaping once.
 *
 * @example
 * import { Sending } from "effect-sendmux/Sending"
 * import * as Template from "effect-sendmux/Template"
 * import * as Effect from "effect/Effect"
 *
 * export const forwardQuestion = (form: { readonly name: string; readonly question: string }) =>
 *   Effect.gen(function* () {
 *     const { emails } = yield* Sending
 *     return yield* emails.send({
 *       from: { email: "site@example.com" },
 *       to: { email: "help@example.com" },
 *       subject: `A question from ${Template.escape(form.name)}`,
 *       html_body: `<p>${Template.escapeHtml(form.question)}</p>`,
 *       text_body: Template.escape(form.question)
 *     })
 *   })
 *
 * @see `escapeHtml` for text in an HTML body
 * @since 0.2.0
 * @category escaping
 */
export const escape = (text: string): string =>
  text.replace(opening, `[${joiner}`).replace(withoutBracket, joiner)

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/** The characters that begin a tag, written so that HTML shows them and the API does not see them. */
const bracketEntity = "&#91;"
const letterEntity = (tag: string): string => `&#${tag.codePointAt(0)};${tag.slice(1)}`

/**
 * Makes text of strangers safe for an HTML body: it escapes the text for HTML, and a tag in it is not replaced. The reader
 * sees the text as it was written.
 *
 * @see `escape` for a subject or a text body, and for text that a template engine escapes for HTML itself
 * @since 0.2.0
 * @category escaping
 */
export const escapeHtml = (text: string): string =>
  escapeMarkup(text.replace(/[&<>"']/g, (character) => entities[character] ?? character))

/**
 * Keeps the API from replacing tags in HTML of strangers, such as a message that is forwarded. It changes nothing else, so
 * it does not make the HTML safe to display.
 *
 * @since 0.2.0
 * @category escaping
 */
export const escapeMarkup = (html: string): string =>
  html
    .replace(opening, bracketEntity)
    .replace(/^(\s*)(DP_)/i, (_, space: string, tag: string) => space + letterEntity(tag))

/**
 * The tags in a text.
 *
 * @internal
 */
export const tagPattern = /\[DP_[A-Z0-9_]+\]/g
