/**
 * Text from a server, made safe to keep: without the call's secrets, and of bounded length.
 */

const redacted = "<redacted>"

/** The forms of each list of secrets, computed once. The list of a surface's credential serves all of its calls. */
const knownForms = new WeakMap<ReadonlyArray<string>, ReadonlyArray<string>>()

/** Replaces every secret of the call that the server has echoed, as it is or percent-encoded. */
export const scrub = (text: string, secrets: ReadonlyArray<string>): string => {
  let clean = text
  for (const form of formsOf(secrets)) {
    if (clean.includes(form)) clean = clean.split(form).join(redacted)
  }
  return clean
}

/** Longest first, so that a secret is replaced before a shorter one that it contains. */
const formsOf = (secrets: ReadonlyArray<string>): ReadonlyArray<string> => {
  let forms = knownForms.get(secrets)
  if (forms === undefined) {
    forms = secrets.flatMap(formsOfSecret).sort((one, other) => other.length - one.length)
    knownForms.set(secrets, forms)
  }
  return forms
}

const halfSurrogate = /\p{Surrogate}/u

const formsOfSecret = (secret: string): ReadonlyArray<string> => {
  if (secret === "") return []
  return halfSurrogate.test(secret) ? [secret] : [secret, encodeURIComponent(secret)]
}

/** At most the given number of characters; what is longer ends in an ellipsis. */
export const clamp = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`
