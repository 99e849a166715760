/**
 * The names that stand for what a recording must not contain. The same value has the same name in a whole recording.
 */
import { createHash } from "node:crypto"

/** The part of a name by which the comparison recognizes ids, secrets, and state tokens, ETags and cursors. */
const idWord = "recorded"
const secretWord = "secret"
const revisionWord = "revision"

/** As long as the ids of the API, some of which have a fixed length. */
const digits = 16

export const idPattern: RegExp = new RegExp(`${idWord}\\d{${digits}}`)
export const secretPattern: RegExp = new RegExp(`${secretWord}\\d{${digits}}`)
export const revisionPattern: RegExp = new RegExp(`${revisionWord}\\d{${digits}}`)
export const addressPattern: RegExp = /^user-\d+@domain-\d+\.example$/
export const domainPattern: RegExp = /^domain-\d+\.example$/

/** Replaces letters and digits, and keeps the length, white space and punctuation of a text. */
export const mask = (text: string): string =>
  text
    .replace(/\p{L}\p{M}*/gu, (letters) => "x".repeat(letters.length))
    .replace(/\p{N}/gu, (digit) => "0".repeat(digit.length))
    .replace(/[^\p{ASCII}]/gu, (rest) => "?".repeat(rest.length))

/** Bytes that stand for a file. */
export const fileOf = (size: number): Buffer => Buffer.alloc(size, "x")

/** The digest of the bytes that stand for a file. */
export const digestOfFile = (size: number): string => createHash("sha256").update(fileOf(size)).digest("hex")

/** Text in base64 of the same length that stands for a file. */
export const maskFile = (base64: string): string =>
  /^[A-Za-z0-9+/]+={0,2}$/.test(base64)
    ? fileOf(Buffer.from(base64, "base64").byteLength).toString("base64")
    : mask(base64)

export class Names {
  private readonly names = new Map<string, string>()
  private readonly secrets = new Set<string>()
  private count = 0

  /** The name of an id. The prefix of an id stays, because it is part of its format. */
  id(value: string): string {
    return this.named(`id ${value}`, () => wrapped(value, `${idWord}${this.next()}`))
  }

  /** The name of a state token, an ETag or a cursor. */
  revision(value: string): string {
    return this.named(`revision ${value}`, () => wrapped(value, `${revisionWord}${this.next()}`))
  }

  /** The name of a secret, which keeps a prefix such as `whsec_`. */
  secret(value: string): string {
    if (value.length >= 6) this.secrets.add(value)
    return this.named(`secret ${value}`, () => `${prefixOf(value)}${secretWord}${this.next()}`)
  }

  /** The name of a URL. Its scheme stays. */
  url(value: string): string {
    const scheme = /^[a-z][\w+.-]*:\/\//i.exec(value)?.[0]
    const hidden = new URLSearchParams(value.split("?")[1] ?? "")
    for (const parameter of hidden.values()) if (parameter.length >= 16) this.secrets.add(parameter)
    return this.named(
      `url ${value}`,
      () => `${scheme?.startsWith("http") ? scheme : "https://"}url-${this.nextOf("url")}.example/`
    )
  }

  /** The name of an email address. Addresses of one domain stay addresses of one domain. */
  address(value: string): string {
    const at = value.lastIndexOf("@")
    const user = value.slice(0, at).toLowerCase()
    // A pattern such as `*@example.com` stays a pattern.
    const name = user === "*" ? user : this.named(`user ${user}`, () => `user-${this.nextOf("user")}`)
    return `${name}@${this.domain(value.slice(at + 1))}`
  }

  /** The name of a domain. */
  domain(value: string): string {
    return this.named(`domain ${value.toLowerCase()}`, () => `domain-${this.nextOf("domain")}.example`)
  }

  /** The name of a key that a caller chose, such as an idempotency key or the key of a record. */
  key(value: string): string {
    // The API accepts own headers only with this prefix.
    const prefix = /^x-/i.test(value) ? "X-" : ""
    return this.named(`key ${value}`, () => `${prefix}key_${this.nextOf("key")}`)
  }

  /** Replaces the secrets that are known by now in a text, as a last protection before it is written. */
  withoutSecrets(text: string): string {
    let safe = text
    for (const secret of this.secrets) safe = safe.replaceAll(secret, "secret")
    return safe
  }

  private readonly counts = new Map<string, number>()

  private nextOf(kind: string): number {
    const count = (this.counts.get(kind) ?? 0) + 1
    this.counts.set(kind, count)
    return count
  }

  private next(): string {
    return String(++this.count).padStart(digits, "0")
  }

  private named(value: string, make: () => string): string {
    let name = this.names.get(value)
    if (name === undefined) {
      name = make()
      this.names.set(value, name)
    }
    return name
  }
}

const prefixOf = (value: string): string => /^(?:[a-z]{2,8}_)+/.exec(value)?.[0] ?? ""

/** A name in the form of the value: `W/"..."`, `<...@...>` or `prefix_...`. */
const wrapped = (value: string, name: string): string => {
  const [, weak = ""] = /^(W\/)?"/.exec(value) ?? []
  if (value.endsWith('"')) return `${weak}"${name}"`
  if (/^<.*>$/.test(value)) return `<${name}@domain.example>`
  return `${prefixOf(value)}${name}`
}
