/**
 * Decoded values, encoded values and the problems of invalid inputs, for every operation. The file `golden.json` is written
 * with Effect 3 (`UPDATE_GOLDEN=1 npx vitest run test/contract/golden`), and both major versions have to agree with it.
 */
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import { describe, expect, it } from "vitest"
import { decoder, encoder } from "../../src/internal/dialect/schema.js"
import { discover } from "./discover.js"
import { readFacts } from "./facts.js"
import { leastInput } from "./requests.js"
import { generator, largest, random, sample, smallest } from "./samples.js"

const path = fileURLToPath(new URL("golden.json", import.meta.url))

/** A value as plain data that does not depend on how a version of Effect prints it. */
const plain = (value: unknown): unknown => {
  if (value === undefined) return "<undefined>"
  if (DateTime.isDateTime(value)) return `<instant ${DateTime.formatIso(value)}>`
  if (BigDecimal.isBigDecimal(value)) return `<decimal ${value.value} ${value.scale}>`
  if (Redacted.isRedacted(value)) return `<secret ${String(Redacted.value(value))}>`
  if (Duration.isDuration(value)) return `<duration ${Duration.toMillis(value)}>`
  if (value instanceof Uint8Array) return `<bytes ${value.byteLength}>`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}

const { operations } = await discover()
const documents = readFacts().operations

/** Each input with one of its fields replaced by a value of another type. */
const invalidInputs = (input: Readonly<Record<string, unknown>>): ReadonlyArray<unknown> => [
  ...Object.keys(input).flatMap((key) => [
    { ...input, [key]: [7] },
    { ...input, [key]: { a: 1 } }
  ]),
  { ...input, not_a_field: 1 },
  {},
  "text"
]

const entriesOf = (name: string): ReadonlyArray<readonly [string, unknown]> => {
  const document = documents.find((one) => one.name === name)
  if (document === undefined) return []
  return (operations.get(name) ?? []).flatMap(({ operation: { data, input } }, index) => {
    const entries: Array<readonly [string, unknown]> = []
    const title = index === 0 ? "" : ` (definition ${index + 1})`
    if (data !== undefined && document.data !== undefined) {
      for (const [kind, choices] of Object.entries({ smallest, largest, random: random(generator(7)) })) {
        const decoded = decoder(data)(sample(document.data, choices))
        entries.push([`data, ${kind}${title}`, plain(decoded)])
        if (decoded.ok) entries.push([`data encoded, ${kind}${title}`, plain(encoder(data)(decoded.value))])
      }
    }
    if (input !== undefined) {
      const encode = encoder(input)
      const least = leastInput(document)
      entries.push([`input${title}`, plain(encode(least))])
      entries.push([`problems${title}`, invalidInputs(least).map((one) => plain(encode(one)))])
    }
    return entries
  })
}

/** A long entry as its digest, so that the table stays readable. `FULL_GOLDEN=1` keeps it, to look at a difference. */
const shortened = (entry: unknown): unknown => {
  const text = JSON.stringify(entry)
  return text.length <= 1_000 || process.env["FULL_GOLDEN"] !== undefined
    ? entry
    : `sha256 ${createHash("sha256").update(text).digest("hex")}, ${text.length} characters`
}

const golden = Object.fromEntries(
  [...operations.keys()]
    .sort()
    .map((name) => [name, Object.fromEntries(entriesOf(name).map(([key, entry]) => [key, shortened(entry)]))])
)

if (process.env["UPDATE_GOLDEN"] !== undefined) {
  const lines = Object.entries(golden).map(([name, entries]) => `"${name}": ${JSON.stringify(entries)}`)
  writeFileSync(path, `{\n${lines.join(",\n")}\n}\n`)
}

const expected: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(path, "utf8"))

describe("the values and the problems of every operation are those of the golden table", () => {
  it("which has every operation", () => {
    expect(Object.keys(golden)).toEqual(Object.keys(expected))
    expect(Object.keys(golden)).toHaveLength(118)
  })

  for (const [name, entries] of Object.entries(golden)) {
    it(`${name} decodes, encodes and refuses as in the table`, () => {
      expect(JSON.parse(JSON.stringify(entries))).toEqual(expected[name])
    })
  }
})
