/**
 * What the names of a recording stand for in the sandbox. The comparison learns it from the responses of the sandbox.
 */
import { isRecord } from "../../src/internal/values/json.js"
import {
  addressPattern,
  digestOfFile,
  domainPattern,
  idPattern,
  revisionPattern,
  secretPattern
} from "../record/names.js"

const timePattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/

/** How a string of a recording is sent to the sandbox. */
export interface Translated {
  readonly value: string
  /** Whether it is the name of something that no response of the sandbox contained. */
  readonly unknown: boolean
}

export class Mapping {
  private readonly ids = new Map<string, string>()
  private readonly revisions = new Map<string, string>()
  private readonly addresses = new Map<string, string>()
  private readonly domains = new Map<string, string>()

  /** Translates a string of a request. Times move by `shiftMillis`. */
  translate(text: string, shiftMillis: number): Translated {
    if (revisionPattern.test(text)) return this.find(this.revisions, text)
    if (idPattern.test(text)) return this.find(this.ids, text)
    // A secret of the caller, such as a password, has no counterpart.
    if (secretPattern.test(text)) return { value: this.ids.get(text) ?? text, unknown: false }
    if (addressPattern.test(text)) return { value: this.addressOf(text), unknown: false }
    if (domainPattern.test(text)) return { value: this.domains.get(text) ?? text, unknown: false }
    if (timePattern.test(text)) return { value: shifted(text, shiftMillis), unknown: false }
    return { value: text, unknown: false }
  }

  /** The counterpart of an id or a secret. */
  known(name: string): string | undefined {
    return this.ids.get(name)
  }

  /**
   * Learns from a response of the recording and the response of the sandbox to the same request. Ids keep their first
   * counterpart, and the newest state replaces an earlier one.
   */
  learn(recorded: unknown, found: unknown): void {
    if (typeof recorded === "string") {
      if (typeof found === "string") this.learnText(recorded, found)
      return
    }
    if (Array.isArray(recorded)) {
      if (Array.isArray(found)) for (const [one, other] of this.pairs(recorded, found)) this.learn(one, other)
      return
    }
    if (!isRecord(recorded) || !isRecord(found)) return
    for (const [key, value] of Object.entries(recorded)) this.learn(value, found[key])
  }

  /** The items of two lists that belong together: those whose ids do, and the others in their order. */
  pairs(
    recorded: ReadonlyArray<unknown>,
    found: ReadonlyArray<unknown>
  ): ReadonlyArray<readonly [recorded: unknown, found: unknown]> {
    const idOf = (item: unknown) =>
      isRecord(item) && typeof item["id"] === "string" ? item["id"] : undefined
    const partner = (item: unknown) => {
      const id = idOf(item)
      const counterpart = id === undefined ? undefined : this.ids.get(id)
      return counterpart === undefined ? undefined : found.find((other) => idOf(other) === counterpart)
    }
    const partners = recorded.map(partner)
    const left = found.filter((item) => !partners.includes(item))
    return recorded.flatMap((item, index) => {
      const other = partners[index] ?? (isMapped(item, idOf, this.ids) ? undefined : left.shift())
      return other === undefined ? [] : [[item, other] as const]
    })
  }

  private learnText(recorded: string, found: string): void {
    if (revisionPattern.test(recorded)) this.revisions.set(recorded, found)
    else if (idPattern.test(recorded) || secretPattern.test(recorded)) setOnce(this.ids, recorded, found)
    else if (addressPattern.test(recorded) && found.includes("@")) {
      setOnce(this.addresses, recorded, found)
      setOnce(this.domains, domainOf(recorded), domainOf(found))
    } else if (domainPattern.test(recorded)) setOnce(this.domains, recorded, found)
  }

  private find(known: ReadonlyMap<string, string>, name: string): Translated {
    const value = known.get(name)
    return { value: value ?? name, unknown: value === undefined }
  }

  /** An address that a request uses first stays as it is, except for a domain that is known. */
  private addressOf(name: string): string {
    const known = this.addresses.get(name)
    if (known !== undefined) return known
    const domain = domainOf(name)
    const value = `${name.slice(0, -domain.length)}${this.domains.get(domain) ?? domain}`
    this.addresses.set(name, value)
    return value
  }
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1)

const isMapped = (
  item: unknown,
  idOf: (item: unknown) => string | undefined,
  ids: ReadonlyMap<string, string>
): boolean => {
  const id = idOf(item)
  return id !== undefined && ids.has(id)
}

const setOnce = (map: Map<string, string>, key: string, value: string): void => {
  if (!map.has(key)) map.set(key, value)
}

/** Moves a time, which keeps its precision. */
const shifted = (text: string, millis: number): string => {
  const time = Date.parse(text)
  if (Number.isNaN(time)) return text
  const moved = new Date(time + millis).toISOString()
  return text.includes("T") ? moved : moved.slice(0, 10)
}

/** A JSON value of a request as it is sent to the sandbox. `translate` is applied to each string. */
export const translateJson = (value: unknown, translate: (text: string) => string): unknown => {
  if (typeof value === "string") return translate(value)
  if (Array.isArray(value)) return value.map((item) => translateJson(item, translate))
  if (!isRecord(value)) return value
  const translated = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, translateJson(item, translate)])
  )
  const { sha256, size_bytes: size } = translated
  // The digest of a file is that of the bytes that stand for it.
  return typeof sha256 === "string" && /^[x0]{64}$/.test(sha256) && typeof size === "number"
    ? { ...translated, sha256: digestOfFile(size) }
    : translated
}
