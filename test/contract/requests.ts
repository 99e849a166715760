/** Checks that an operation accepts every documented input and rejects every other. */
import * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import type { Coded } from "../../src/internal/dialect/schema.js"
import { type AnyOperation, placeOf } from "../../src/internal/operation/operation.js"
import { formatIssues } from "../../src/internal/schema/issues.js"
import type { DocumentedOperation } from "./contract.js"
import {
  commaJoined,
  headerInputs,
  leftToServer,
  rejectedOnPurpose,
  secretInputs,
  timestampInputs,
  uploadInputs
} from "./intended.js"
import { type Field, isObject, type ObjectShape } from "./shapes.js"
import { along, least, type Variant, variants } from "./variants.js"

/** The documented query and body of an operation as the one input object of the SDK. */
const inputOf = (document: DocumentedOperation): ObjectShape => {
  const query = [...document.query].filter(
    ([name]) => !(name === "mailbox_id" && document.surface === "mailbox")
  )
  const body = document.bodyShape?.kind === "object" ? document.bodyShape : undefined
  return {
    kind: "object",
    address: body?.address ?? document.operationId,
    nullable: false,
    fields: new Map<string, Field>([...query, ...(body?.fields ?? [])]),
    others: undefined
  }
}

/** Each difference between documented and accepted inputs; `vocabulary` holds every documented input name. */
export const requestProblems = (
  document: DocumentedOperation,
  operations: ReadonlyArray<AnyOperation>,
  vocabulary: ReadonlySet<string>,
  shown = 12
): ReadonlyArray<string> => {
  const shape = inputOf(document)
  const hasNoInput = operations.every(({ input }) => input === undefined)
  if (hasNoInput && shape.fields.size === 0 && document.body === "none") return []
  if (hasNoInput)
    return [`the API documents ${[...shape.fields.keys()].join(", ")}, and the SDK accepts no input`]
  const problems = [
    ...[...variants(shape)].flatMap((variant) => variantProblems(document, operations, variant)),
    ...placeProblems(document, operations, shape),
    ...conversionProblems(document, operations, shape),
    ...unknownNameProblems(document, operations, shape, vocabulary)
  ]
  const distinct = [...new Set(problems)]
  return distinct.length <= shown
    ? distinct
    : [...distinct.slice(0, shown), `and ${distinct.length - shown} more`]
}

const variantProblems = (
  document: DocumentedOperation,
  operations: ReadonlyArray<AnyOperation>,
  { title, address, rule, value, valid }: Variant
): ReadonlyArray<string> => {
  if (valid ? `${address}: ${title}` in rejectedOnPurpose : leftToServer[address]?.rule === rule) return []
  const attempts = operations.map((operation) => {
    const coded = encodeAnyForm(document, operation, value)
    return coded.ok && isObject(coded.value)
      ? wireDifferences(document, value, coded.value)
      : [`is rejected: ${coded.ok ? "not an object" : formatIssues(coded.issues).split("\n").join("; ")}`]
  })
  const accepted = attempts.find((problems) => problems.length === 0)
  if (valid && accepted === undefined) return [`${address}: ${title} ${attempts[0]?.join("; ")}`]
  if (!valid && accepted !== undefined) return [`${address}: ${title} is accepted, and the API forbids it`]
  return []
}

/** The bytes and secrets of an input that no documented query or body field holds. */
const extraInput = (document: DocumentedOperation): Readonly<Record<string, unknown>> => ({
  ...(document.body === "bytes" ? { content: new Uint8Array([1, 2, 3]) } : {}),
  ...Object.fromEntries(
    [...document.headers].flatMap(([header, required]) => {
      const key = headerInputs[header]
      return required && key !== undefined ? [[key, "a-token"]] : []
    })
  )
})

/** The forms in which the SDK accepts a query value: arrays for joined values, numbers and booleans for their text. */
const formsOf = (address: string, value: unknown): ReadonlyArray<unknown> => {
  if (typeof value !== "string") return [value]
  if (commaJoined.has(address)) return [value.split(",")]
  if (value === "true") return [value, true]
  return value !== "" && value === String(Number(value)) ? [value, Number(value)] : [value]
}

const encodeAnyForm = (
  document: DocumentedOperation,
  operation: AnyOperation,
  value: unknown
): Coded<unknown> => {
  if (!isObject(value)) return operation.encode(value)
  const input = { ...extraInput(document), ...value }
  const candidates = [...document.query.keys()].reduce<ReadonlyArray<Readonly<Record<string, unknown>>>>(
    (inputs, name) =>
      name in value
        ? inputs.flatMap((one) =>
            formsOf(`${document.operationId}.${name}`, value[name]).map((form) => ({ ...one, [name]: form }))
          )
        : inputs,
    [input]
  )
  const attempts = candidates.map((candidate) => operation.encode(candidate))
  return attempts.find(({ ok }) => ok) ?? attempts[0] ?? operation.encode(input)
}

/** Each field whose wire form differs from the given value. */
const wireDifferences = (
  document: DocumentedOperation,
  given: unknown,
  wire: Readonly<Record<string, unknown>>
): ReadonlyArray<string> => {
  if (!isObject(given)) return []
  return Object.entries(given).flatMap(([name, value]) => {
    const sent = wire[name]
    const same =
      document.query.has(name) && !Array.isArray(value) ? String(sent) === String(value) : equal(value, sent)
    return same ? [] : [`${name} is sent as ${JSON.stringify(sent)?.slice(0, 80)}`]
  })
}

/** Whether two values are equal as JSON. */
export const equal = (one: unknown, other: unknown): boolean => {
  if (one === other) return true
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => equal(item, other[index]))
  }
  if (!isObject(one) || !isObject(other)) return false
  const names = (record: object) =>
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name)
  return (
    names(one).length === names(other).length && names(one).every((name) => equal(one[name], other[name]))
  )
}

/** Each field that the SDK sends in another place than documented. */
const placeProblems = (
  document: DocumentedOperation,
  operations: ReadonlyArray<AnyOperation>,
  shape: ObjectShape
): ReadonlyArray<string> =>
  operations.flatMap((operation) =>
    [...shape.fields.keys()].flatMap((name) => {
      const place = placeOf(operation, name)
      const isHeader = place === "header" && document.headers.has(operation.headers[name] ?? "")
      const documented = document.query.has(name) ? "query" : "body"
      return place === documented || isHeader
        ? []
        : [`${name} belongs in the ${documented}, and the SDK sends it in the ${place}`]
    })
  )

/** Each secret that is not accepted as `Redacted`, and each timestamp that is not accepted as `Date` or `DateTime`. */
const conversionProblems = (
  document: DocumentedOperation,
  operations: ReadonlyArray<AnyOperation>,
  shape: ObjectShape
): ReadonlyArray<string> => {
  const date = new Date("2027-01-02T03:04:05.000Z")
  const names = new Set([...shape.fields.keys(), ...Object.keys(extraInput(document))])
  return [...names].flatMap((name) => {
    const address = shape.fields.get(name)?.shape.address ?? name
    const tries: ReadonlyArray<readonly [string, unknown, string]> = secretInputs.has(name)
      ? [["a Redacted", Redacted.make("secret-1"), "secret-1"]]
      : timestampInputs.has(name)
        ? [
            ["a Date", date, date.toISOString()],
            ["a DateTime", DateTime.unsafeMake(date), date.toISOString()]
          ]
        : []
    const base = { ...extraInput(document), ...along(address, undefined, least(shape)) }
    return tries.flatMap(([title, given, sent]) =>
      operations.some((operation) => {
        const coded = operation.encode({ ...base, [name]: given })
        return coded.ok && isObject(coded.value) && coded.value[name] === sent
      })
        ? []
        : [`${address}: ${title} is not sent as ${sent}`]
    )
  })
}

/** Each name that the SDK accepts although only other operations document it. */
const unknownNameProblems = (
  document: DocumentedOperation,
  operations: ReadonlyArray<AnyOperation>,
  shape: ObjectShape,
  vocabulary: ReadonlySet<string>
): ReadonlyArray<string> => {
  const known = new Set([...shape.fields.keys(), ...Object.keys(extraInput(document))])
  if (document.body === "bytes") for (const name of uploadInputs) known.add(name)
  const base = { ...extraInput(document), ...least(shape) }
  return operations.flatMap((operation) =>
    [...vocabulary]
      .filter((name) => !known.has(name))
      .flatMap((name) => {
        const coded = operation.encode({ ...base, [name]: "x" })
        const refused =
          !coded.ok &&
          coded.issues.some(({ path, message }) => path === name && message.includes("not a known"))
        return refused ? [] : [`the SDK accepts the field ${name}, which the API does not document`]
      })
  )
}

/** The smallest input of an operation, with the bytes of an upload. */
export const leastInput = (document: DocumentedOperation): Readonly<Record<string, unknown>> => ({
  ...extraInput(document),
  ...least(inputOf(document))
})

/** Every input name of any operation. */
export const vocabularyOf = (documents: ReadonlyArray<DocumentedOperation>): ReadonlySet<string> =>
  new Set(documents.flatMap((document) => [...inputOf(document).fields.keys()]))
