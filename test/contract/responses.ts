/** Whether an operation reads every answer that its document allows, and loses nothing of it. */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Coded } from "../../src/internal/dialect/schema.js"
import { formatIssues } from "../../src/internal/schema/issues.js"
import type { DocumentedOperation } from "./documents.js"
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
  { title: "the smallest answer", choices: smallest },
  { title: "the largest answer", choices: largest },
  { title: "the largest answer of August 2026", choices: { ...largest, optional: (field) => !field.newer } },
  {
    title: "the smallest answer with every newer field",
    choices: { ...smallest, optional: ({ newer }) => newer }
  },
  { title: "an answer with unknown fields", choices: { ...largest, unknownKeys: true } },
  { title: "an answer with unknown values of enumerations", choices: { ...largest, value: unknownValue } },
  { title: "an answer with every null that is meant", choices: { ...largest, isNull: () => true } },
  {
    title: "an answer without the keys that may be null",
    choices: { ...largest, leavesOutNullable: true }
  },
  ...seeds.map((seed) => ({ title: `random answer ${seed}`, choices: random(generator(seed * 7_919)) }))
]

/** What is wrong with the way an operation reads its answers. */
export const responseProblems = (
  document: DocumentedOperation,
  decoders: ReadonlyArray<Decode>
): ReadonlyArray<string> => {
  const { data } = document
  if (data === undefined) return []
  return readingProblems(data, decoders)
}

/** What is wrong with the way decoders read what has a shape: each sample must fit one of them. */
export const readingProblems = (data: Shape, decoders: ReadonlyArray<Decode>): ReadonlyArray<string> => {
  const shapes: ReadonlyArray<Shape> = data.kind === "choice" ? data.members : [data]
  const found = shapes.flatMap((shape) => [
    ...kinds.flatMap((kind) => problemsOf(shape, kind, decoders)),
    ...badTimestamps(shape, decoders)
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
      : [`${title} of ${shape.address} is refused: ${formatIssues(coded.issues).split("\n").join("; ")}`]
  })
  return attempts.find((problems) => problems.length === 0) ?? attempts[0] ?? []
}

/** A date that cannot be read, where null could stand, must not spoil the rest. */
const badTimestamps = (shape: Shape, decoders: ReadonlyArray<Decode>): ReadonlyArray<string> => {
  const wire = sample(shape, largest)
  const spoilt = spoil(shape, wire)
  return decoders.some((decode) => decode(spoilt).ok)
    ? []
    : [`an unreadable date where ${shape.address} may have null fails the whole answer`]
}

const spoil = (shape: Shape, wire: unknown): unknown => {
  switch (shape.kind) {
    case "text":
      return shape.nullable && isTimestamp(shape.address, shape.format) ? "not a date" : wire
    case "list":
      return Array.isArray(wire) ? wire.map((item) => spoil(shape.item, item)) : wire
    case "object":
      return isObject(wire)
        ? Object.fromEntries(
            Object.entries(wire).map(([name, value]) => {
              const field = shape.fields.get(name)
              return [name, field === undefined ? value : spoil(field.shape, value)]
            })
          )
        : wire
    default:
      return wire
  }
}

/** Where the decoded value lacks something the answer said, or says it in another type than agreed. */
const differences = (shape: Shape, wire: unknown, decoded: unknown, path: string): ReadonlyArray<string> => {
  if (wire === null || wire === undefined) {
    return decoded === null || (wire === null && decoded === undefined)
      ? []
      : [`${path}: null or absent in the answer reads as ${show(decoded)}`]
  }
  switch (shape.kind) {
    case "text":
      return typeof wire === "string" ? textDifferences(shape.address, shape.format, wire, decoded, path) : []
    case "number":
    case "boolean":
      return decoded === wire ? [] : [`${path}: ${show(wire)} reads as ${show(decoded)}`]
    case "list":
      if (!Array.isArray(wire)) return []
      if (!Array.isArray(decoded)) return [`${path}: a list reads as ${show(decoded)}`]
      return wire.length === decoded.length
        ? wire.flatMap((item, index) => differences(shape.item, item, decoded[index], `${path}[]`))
        : [`${path}: a list of ${wire.length} reads as one of ${decoded.length}`]
    case "object": {
      if (!isObject(wire)) return []
      if (!isObject(decoded)) return [`${path}: an object reads as ${show(decoded)}`]
      const known = [...shape.fields].flatMap(([name, field]) => {
        if (name in wire) {
          return name in decoded
            ? differences(field.shape, wire[name], decoded[name], `${path}.${name}`)
            : wire[name] === null && !field.required
              ? []
              : [`${path}.${name} is documented, and the SDK does not know it`]
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
    `${path}: ${expected} is expected, and ${JSON.stringify(wire.slice(0, 40))} reads as ${show(decoded)}`
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
