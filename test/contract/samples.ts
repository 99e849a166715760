/** Makes values that fit a shape: the smallest, the largest, and random ones. */
import { countTexts, samples as good, isTimestamp, money } from "./intended.js"
import type { Field, NumberShape, Shape, TextShape } from "./shapes.js"

/** The choices of a sample where its shape allows several values. */
export interface Choices {
  readonly optional: (field: Field) => boolean
  /** Whether to omit each nullable key. */
  readonly leavesOutNullable: boolean
  readonly isNull: () => boolean
  readonly length: (min: number, max: number) => number
  readonly oneOf: <A>(values: ReadonlyArray<A>) => A | undefined
  readonly text: (shape: TextShape) => string
  readonly number: (shape: NumberShape) => number
  readonly timestamp: () => string
  readonly flag: () => boolean
  /** The value of an enumeration in a response. */
  readonly value: (shape: TextShape, values: ReadonlyArray<string>) => string | undefined
  readonly unknownKeys: boolean
}

/** A value that fits a shape. */
export const sample = (shape: Shape, choices: Choices): unknown => {
  if (shape.nullable && shape.kind !== "unknown" && choices.isNull()) return null
  switch (shape.kind) {
    case "text":
      return textOf(shape, choices)
    case "number":
      return shape.values === undefined ? choices.number(shape) : choices.oneOf(shape.values)
    case "boolean":
      return shape.values === undefined ? choices.flag() : choices.oneOf(shape.values)
    case "list": {
      const length = choices.length(shape.min ?? 0, shape.max ?? Number.POSITIVE_INFINITY)
      return Array.from({ length }, () => sample(shape.item, choices))
    }
    case "object": {
      const entries = [...shape.fields].flatMap(
        ([name, field]): ReadonlyArray<readonly [string, unknown]> => {
          if (!field.required && !choices.optional(field)) return []
          if (choices.leavesOutNullable && field.shape.nullable) return []
          return [[name, sample(field.shape, choices)]]
        }
      )
      const record = shape.others === undefined ? {} : recordOf(shape.address, shape.others, choices)
      const unknown = choices.unknownKeys
        ? { field_of_tomorrow: { nested: [1, null, "x"] }, "key with spaces": null }
        : {}
      return { ...Object.fromEntries(entries), ...record, ...(shape.others === undefined ? unknown : {}) }
    }
    case "choice":
      return sample(choices.oneOf(shape.members) ?? missing(shape), choices)
    case "unknown":
      return { anything: ["goes", 1, null] }
  }
}

const missing = (shape: Shape): never => {
  throw new Error(`${shape.address} has no possible value`)
}

const recordOf = (address: string, others: Shape, choices: Choices): object => {
  const known = good[address]
  if (typeof known === "object" && known !== null) return choices.length(0, 9) === 0 ? {} : known
  return Object.fromEntries(
    Array.from({ length: choices.length(0, 9) }, (_, index) => [`key_${index}`, sample(others, choices)])
  )
}

const textOf = (shape: TextShape, choices: Choices): string => {
  const known = good[shape.address]
  if (typeof known === "string") return known
  if (shape.values !== undefined) return choices.value(shape, shape.values) ?? ""
  if (isTimestamp(shape.address, shape.format)) return choices.timestamp()
  return choices.text(shape)
}

// -----------------------------------------------------------------------------
// texts
// -----------------------------------------------------------------------------

const patterned = [
  "a",
  "0",
  "12.340000",
  "0.123456789012345678",
  "example.com",
  "dgrp_a1",
  `att_${"a".repeat(24)}`,
  `upl_${"b".repeat(24)}`,
  `eml_${"c".repeat(24)}`,
  "0123456789abcdef".repeat(4)
]

/** A text that is plausible for its address, as a caller or the server would write it. */
export const likelyText = (shape: TextShape): string => {
  const name = shape.address.split(".").at(-1) ?? ""
  if (typeof good[shape.address] === "string") return String(good[shape.address])
  if (shape.pattern !== undefined) {
    const pattern = new RegExp(shape.pattern)
    return patterned.find((text) => pattern.test(text)) ?? missing(shape)
  }
  if (money.has(shape.address)) return "-12.340000"
  if (countTexts.has(shape.address)) return "12"
  if (shape.format === "email" || /(^|_)email(\[\])?$|return_path/.test(name)) return "ada@example.com"
  if (/addresses\[\]|alternate_from\[\]/.test(name)) return "ada@example.com"
  if (shape.format === "uri" || name === "url" || name.endsWith("_url")) return "https://example.com/a?b=c"
  if (name === "domain" || name === "tracking_domain" || name === "smtp_host") return "mail.example.com"
  if (shape.format === "date-time") return "2026-08-01T10:00:00Z"
  if (/^(from_date|to_date)$/.test(name)) return "2026-08-01"
  if (/^(after|before)$/.test(name)) return "2026-08-01T10:00:00Z"
  if (name === "content_type") return "text/plain"
  if (name === "content") return "aGVsbG8="
  return "x".repeat(Math.max(shape.min ?? 1, 1))
}

/** A text of exactly the given number of characters that is plausible for its address. */
export const textOfLength = (shape: TextShape, length: number): string => {
  const likely = likelyText(shape)
  if (likely.length === length) return likely
  if (likely === "ada@example.com") {
    return length < 5
      ? "a@b.c".slice(0, length)
      : `a@${"b".repeat(Math.min(length - 4, 60))}${fill(length)}.c`
  }
  if (likely === "text/plain") return length < 3 ? "a".repeat(length) : `t/${"p".repeat(length - 2)}`
  if (likely === "mail.example.com") return length < 4 ? "a".repeat(length) : `${labels(length - 2)}.c`
  if (likely.startsWith("https://")) return `https://example.com/${"a".repeat(Math.max(0, length - 20))}`
  return "a".repeat(length)
}

const fill = (length: number): string => (length - 4 > 60 ? labels(length - 64) : "")

/** Letters separated into domain labels of a valid length. */
const labels = (length: number): string =>
  Array.from({ length }, (_, index) => (index % 60 === 30 && index < length - 1 ? "." : "d")).join("")

// -----------------------------------------------------------------------------
// choices
// -----------------------------------------------------------------------------

const numberWithin = ({ min = 0, max = Number.MAX_SAFE_INTEGER }: NumberShape, wanted: number): number =>
  Math.min(Math.max(wanted, min), max)

const shortest = (shape: TextShape): string =>
  shape.pattern !== undefined || money.has(shape.address) || countTexts.has(shape.address)
    ? shape.pattern === undefined
      ? "0"
      : likelyText(shape)
    : "x".repeat(shape.min ?? 0)

export const smallest: Choices = {
  optional: () => false,
  leavesOutNullable: false,
  isNull: () => true,
  length: (min) => min,
  oneOf: (values) => values[0],
  text: shortest,
  number: (shape) => numberWithin(shape, 0),
  timestamp: () => "1970-01-01T00:00:00.000Z",
  flag: () => false,
  value: (_, values) => values[0],
  unknownKeys: false
}

export const largest: Choices = {
  optional: () => true,
  leavesOutNullable: false,
  isNull: () => false,
  length: (_, max) => Math.min(2, max),
  oneOf: (values) => values.at(-1),
  text: likelyText,
  number: (shape) => numberWithin(shape, shape.whole ? 53_687_091_200 : 0.25),
  timestamp: () => "2026-08-31T23:59:59.999Z",
  flag: () => true,
  value: (_, values) => values.at(-1),
  unknownKeys: false
}

/** A generator of pseudo-random numbers from 0 to 1, determined by its seed. */
export const generator = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const oddTexts = [
  "",
  " ",
  "Grüße, 世界 👋🏽",
  "line\nbreak",
  '"quoted" <b>',
  "null",
  "\u0000",
  "a".repeat(5_000)
]

const instants = [
  "2026-02-28T23:59:59Z",
  "2026-08-01T10:00:00+02:00",
  "2026-08-01T10:00:00.123456Z",
  "1969-12-31T23:59:59Z"
]

export const random = (next: () => number): Choices => {
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <A>(values: ReadonlyArray<A>): A | undefined => values[below(values.length)]
  return {
    optional: () => next() < 0.5,
    leavesOutNullable: false,
    isNull: () => next() < 0.4,
    length: (min, max) => Math.min(min + below(4), max),
    oneOf: pick,
    text: (shape) =>
      shape.pattern !== undefined || money.has(shape.address) || countTexts.has(shape.address)
        ? likelyText(shape)
        : (pick(oddTexts.filter(({ length }) => length >= (shape.min ?? 0))) ?? ""),
    number: (shape) => {
      const wanted = next() < 0.3 ? 53_687_091_200 : below(1_000) + (shape.whole ? 0 : next())
      return numberWithin(shape, wanted)
    },
    timestamp: () => pick(instants) ?? "",
    flag: () => next() < 0.5,
    value: (_, values) => pick(values),
    unknownKeys: next() < 0.5
  }
}
