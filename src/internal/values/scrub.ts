/**
 * Makes text from a server safe to keep: without the secrets of the call, without control characters, and of bounded
 * length.
 */

const redacted = "<redacted>"

/** The pattern of each list of secrets, computed once. The list of a surface's credential serves all of its calls. */
const knownPatterns = new WeakMap<ReadonlyArray<string>, RegExp | undefined>()

/**
 * Replaces every secret of the call that the server has echoed: as it is or percent-encoded, in any letter case, or
 * inside of a base64 text.
 */
export const scrub = (text: string, secrets: ReadonlyArray<string>): string => {
  const pattern = patternOf(secrets)
  return pattern === undefined ? text : text.replace(pattern, redacted)
}

/** Control characters, line separators, and characters that change the direction of text. */
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Replaces control characters, which could forge log lines or steer a terminal. */
export const printable = (text: string): string => text.replace(/[\t\n]/g, " ").replace(unprintable, "\ufffd")

/** Truncates text to a number of characters. Truncated text ends with an ellipsis. */
export const clamp = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`

/** Text beyond this length is not searched. It is far longer than any text that is kept. */
const maxSearchedLength = 1_000_000

/** Text from a server, as an error may keep it. */
export const safeText = (text: string, secrets: ReadonlyArray<string>, length: number): string =>
  clamp(printable(scrub(text.slice(0, maxSearchedLength), secrets)), length)

const patternOf = (secrets: ReadonlyArray<string>): RegExp | undefined => {
  if (secrets.length === 0) return undefined
  if (knownPatterns.has(secrets)) return knownPatterns.get(secrets)
  // Longest first, so that a secret is replaced before a shorter one that it contains.
  const forms = secrets.flatMap(formsOfSecret).sort((one, other) => other.length - one.length)
  const pattern = forms.length === 0 ? undefined : new RegExp(forms.map(escapePattern).join("|"), "gi")
  knownPatterns.set(secrets, pattern)
  return pattern
}

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")

const halfSurrogate = /\p{Surrogate}/u

const formsOfSecret = (secret: string): ReadonlyArray<string> => {
  if (secret === "") return []
  if (halfSurrogate.test(secret)) return [secret]
  return [...new Set([secret, encodeURIComponent(secret), ...base64Forms(secret)])]
}

/** Shorter parts of base64 text would match by chance. */
const minBase64Length = 12

/**
 * The base64 texts that contain the secret, one for each of the three alignments in which it can be encoded together
 * with other text. Characters that also depend on the neighbors are left out.
 */
const base64Forms = (secret: string): ReadonlyArray<string> => {
  const bytes = String.fromCharCode(...new TextEncoder().encode(secret))
  return [0, 1, 2].flatMap((shift) => {
    const encoded = btoa("\0".repeat(shift) + bytes).replace(/=+$/, "")
    const start = shift === 0 ? 0 : shift + 1
    const end = (shift + bytes.length) % 3 === 0 ? encoded.length : encoded.length - 1
    const form = encoded.slice(start, end)
    return form.length < minBase64Length ? [] : [form, form.replaceAll("+", "-").replaceAll("/", "_")]
  })
}
