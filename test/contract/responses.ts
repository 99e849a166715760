/** Checks that an operation decodes every documented response and keeps all of its data. */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Coded } from "../../src/internal/dialect/schema.js"
import { formatIssues } from "../../src/internal/schema/issues.js"
import type { DocumentedOperation } from "./contract.js"
import { closedEnums, countTexts, isTimestamp, money, secrets } from "./intended.js"
import { type Choices, generator, largest, random, sample, smallest } from "./samples.js"
import { isObject, type Shape } from "./shapes.js"

export type Decode = (data: unknown) => Coded<unknown>

interface Kind {
  readonly title: string
  readonly choices: Choices
}

const unknownValue: Choices["value"] = (shape, values) =>
  shape.address in closedEnums || values.length < 2 ? values[0] : "value_of_tomorrow"

const seeds = Array.from({ length: 25 }, (_, index) => index + 1)

const kinds: ReadonlyArray<Kind> = [
  { title: "the smallest response", choices: smallest },
  { title: "the largest response", choices: largest },
  {
    title: "the largest response of August 2026",
    choices: { ...largest, optional: (field) => !field.newer }
  },
  {
    title: "the smallest response with every newer field",
    choices: { ...smallest, optional: ({ newer }) => newer }
  },
  { title: "a response with unknown fields", choices: { ...largest, unknownKeys: true } },
  { title: "a response with unknown values of enumerations", choices: { ...largest, value: unknownValue } },
  { title: "a response with every documented null", choices: { ...largest, isNull: () => true } },
  {
    title: "a response without the keys that may be null",
    choices: { ...largest, leavesOutNullable: true }
  },
  ...seeds.map((seed) => ({ title: `random response ${seed}`, choices: random(generator(seed * 7_919)) }))
]

/** Each documented response that no decoder of an operation reads completely. */
export const responseProblems = (
  document: DocumentedOperation,
  decoders: ReadonlyArray<Decode>
): ReadonlyArray<string> => {
  const { data } = document
  if (data === undefined) return []
  return readingProblems(data, decoders)
}

/** Each sample of a shape that none of the decoders reads completely. */
export const readingProblems = (data: Shape, decoders: ReadonlyArray<Decode>): ReadonlyArray<string> => {
  const shapes: ReadonlyArray<Shape> = data.kind === "choice" ? data.members : [data]
  const found = shapes.flatMap((shape) => [
    ...kinds.flatMap((kind) => problemsOf(shape, kind, decoders)),
    ...invalidTimestamps(shape, decoders)
  ])
  return [...new Set(found)]
}

const problemsOf = (
  shape: Shape,
  { title, choices }: Kind,
  decoders: ReadonlyArray<Decode>
): ReadonlyArray<string> => {
  const wire = sample(shape, choices)
  const attempts = decoders.map((decode): ReadonlyArray<string> => {
    const coded = decode(wire)
    return coded.ok
      ? differences(shape, wire, coded.value, shape.address)
      : [`${title} of ${shape.address} is rejected: ${formatIssues(coded.issues).split("\n").join("; ")}`]
  })
  return attempts.find((problems) => problems.length === 0) ?? attempts[0] ?? []
}

/** Reports when one invalid date in a nullable field fails the whole response. */
const invalidTimestamps = (shape: Shape, decoders: ReadonlyArray<Decode>): ReadonlyArray<string> => {
  const wire = sample(shape, largest)
  const damaged = damage(shape, wire)
  return decoders.some((decode) => decode(damaged).ok)
    ? []
    : [`an invalid date in a nullable field of ${shape.address} fails the whole response`]
}

const damage = (shape: Shape, wire: unknown): unknown => {
  switch (shape.kind) {
    case "text":
      return shape.nullable && isTimestamp(shape.address, shape.format) ? "not a date" : wire
    case "list":
      return Array.isArray(wire) ? wire.map((item) => damage(shape.item, item)) : wire
    case "object":
      return isObject(wire)
        ? Object.fromEntries(
            Object.entries(wire).map(([name, value]) => {
              const field = shape.fields.get(name)
              return [name, field === undefined ? value : damage(field.shape, value)]
            })
          )
        : wire
    default:
      return wire
  }
}

/** Where a decoded value lacks data of the response or has another type than intended. */
const differences = (shape: Shape, wire: unknown, decoded: unknown, path: string): ReadonlyArray<string> => {
  if (wire === null || wire === undefined) {
    return decoded === null || (wire === null && decoded === undefined)
      ? []
      : [`${path}: null or absent in the response decodes to ${show(decoded)}`]
  }
  switch (shape.kind) {
    case "text":
      return typeof wire === "string" ? textDifferences(shape.address, shape.format, wire, decoded, path) : []
    case "number":
    case "boolean":
      return decoded === wire ? [] : [`${path}: ${show(wire)} decodes to ${show(decoded)}`]
    case "list":
      if (!Array.isArray(wire)) return []
      if (!Array.isArray(decoded)) return [`${path}: a list decodes to ${show(decoded)}`]
      return wire.length === decoded.length
        ? wire.flatMap((item, index) => differences(shape.item, item, decoded[index], `${path}[]`))
        : [`${path}: a list of ${wire.length} decodes to one of ${decoded.length}`]
    case "object": {
      if (!isObject(wire)) return []
      if (!isObject(decoded)) return [`${path}: an object decodes to ${show(decoded)}`]
      const known = [...shape.fields].flatMap(([name, field]) => {
        if (name in wire) {
          return name in decoded
            ? differences(field.shape, wire[name], decoded[name], `${path}.${name}`)
            : wire[name] === null && !field.required
              ? []
              : [`${path}.${name} is documented, and the SDK drops it`]
        }
        if (!field.required || !field.shape.nullable || decoded[name] === null) return []
        return [`${path}.${name} is absent, and reads as ${show(decoded[name])} instead of null`]
      })
      const { others } = shape
      const further =
        others === undefined
          ? []
          : Object.keys(wire)
              .filter((name) => !shape.fields.has(name))
              .flatMap((name) => differences(others, wire[name], decoded[name], `${path}.*`))
      return [...known, ...further]
    }
    case "choice": {
      const attempts = shape.members.map((member) => differences(member, wire, decoded, path))
      return attempts.find((problems) => problems.length === 0) ?? attempts[0] ?? []
    }
    case "unknown":
      return decoded === undefined ? [`${path} is lost`] : []
  }
}

const textDifferences = (
  address: string,
  format: string | undefined,
  wire: string,
  decoded: unknown,
  path: string
): ReadonlyArray<string> => {
  const wrong = (expected: string) => [
    `${path}: expected ${expected}, and ${JSON.stringify(wire.slice(0, 40))} decodes to ${show(decoded)}`
  ]
  if (secrets.has(address)) {
    return Redacted.isRedacted(decoded) && Redacted.value(decoded) === wire ? [] : wrong("a Redacted")
  }
  if (isTimestamp(address, format)) {
    return DateTime.isDateTime(decoded) && DateTime.toEpochMillis(decoded) === Date.parse(wire)
      ? []
      : wrong("a DateTime")
  }
  if (money.has(address)) {
    const amount = BigDecimal.fromString(wire)
    return BigDecimal.isBigDecimal(decoded) &&
      Option.isSome(amount) &&
      BigDecimal.equals(decoded, amount.value)
      ? []
      : wrong("a BigDecimal")
  }
  if (countTexts.has(address)) {
    return decoded === wire || decoded === Number(wire) || decoded === BigInt(wire) ? [] : wrong("a count")
  }
  return decoded === wire ? [] : wrong("the same text")
}

const show = (u: unknown): string => {
  if (u === undefined) return "nothing"
  if (Redacted.isRedacted(u)) return "a Redacted"
  if (DateTime.isDateTime(u)) return "a DateTime"
  if (BigDecimal.isBigDecimal(u)) return "a BigDecimal"
  if (typeof u === "object" && u !== null) return Array.isArray(u) ? "a list" : "an object"
  return typeof u === "string" ? JSON.stringify(u.slice(0, 40)) : String(u)
}
