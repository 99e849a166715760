/** Whether an operation takes every request that its document allows, and refuses what it does not. */
import * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import type { Coded } from "../../src/internal/dialect/schema.js"
import { type AnyOperation, placeOf } from "../../src/internal/operation/operation.js"
import { formatIssues } from "../../src/internal/schema/issues.js"
import type { DocumentedOperation } from "./documents.js"
import {
  commaJoined,
  headerInputs,
  leftToServer,
  refusedOnPurpose,
  secretInputs,
  timestampInputs,
  uploadInputs
} from "./intended.js"
import { type Field, isObject, type ObjectShape } from "./shapes.js"
import { along, least, type Variant, variants } from "./variants.js"

/** Everything a caller gives, in one object as the SDK takes it. */
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

/** What is wrong with the requests an operation takes; `vocabulary` is every name that any document knows. */
export const requestProblems = (
  document: DocumentedOperation,
  operations: ReadonlyArray<AnyOperation>,
  vocabulary: ReadonlySet<string>,
  shown = 12
): ReadonlyArray<string> => {
  const shape = inputOf(document)
  const takesNothing = operations.every(({ input }) => input === undefined)
  if (takesNothing && shape.fields.size === 0 && document.body === "none") return []
  if (takesNothing) return [`the document has ${[...shape.fields.keys()].join(", ")}, and the SDK no input`]
  const problems = [
    ...[...variants(shape)].flatMap((variant) => variantProblems(document, operations, variant)),
    ...placeProblems(document, operations, shape),
    ...comfortProblems(document, operations, shape),
    ...unknownNames(document, operations, shape, vocabulary)
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
  if (valid ? `${address}: ${title}` in refusedOnPurpose : leftToServer[address]?.rule === rule) return []
  const answers = operations.map((operation) => {
    const coded = encodeFriendly(document, operation, value)
    return coded.ok && isObject(coded.value)
      ? sameWire(document, value, coded.value)
      : [`is refused: ${coded.ok ? "not an object" : formatIssues(coded.issues).split("\n").join("; ")}`]
  })
  const accepted = answers.find((problems) => problems.length === 0)
  if (valid && accepted === undefined) return [`${address}: ${title} ${answers[0]?.join("; ")}`]
  if (!valid && accepted !== undefined)
    return [`${address}: ${title} is accepted, and the document forbids it`]
  return []
}

/** Bytes and secrets that travel beside the documented fields. */
const besides = (document: DocumentedOperation): Readonly<Record<string, unknown>> => ({
  ...(document.body === "bytes" ? { content: new Uint8Array([1, 2, 3]) } : {}),
  ...Object.fromEntries(
    [...document.headers].flatMap(([header, required]) => {
      const key = headerInputs[header]
      return required && key !== undefined ? [[key, "a-token"]] : []
    })
  )
})

/** The SDK's friendlier forms of a value: arrays for joined ids, numbers and booleans for their texts. */
const formsOf = (address: string, value: unknown): ReadonlyArray<unknown> => {
  if (typeof value !== "string") return [value]
  if (commaJoined.has(address)) return [value.split(",")]
  if (value === "true") return [value, true]
  return value !== "" && value === String(Number(value)) ? [value, Number(value)] : [value]
}

const encodeFriendly = (
  document: DocumentedOperation,
  operation: AnyOperation,
  value: unknown
): Coded<unknown> => {
  if (!isObject(value)) return operation.encode(value)
  const input = { ...besides(document), ...value }
  const candidates = [...document.query.keys()].reduce<ReadonlyArray<Readonly<Record<string, unknown>>>>(
    (inputs, name) =>
      name in value
        ? inputs.flatMap((one) =>
            formsOf(`${document.operationId}.${name}`, value[name]).map((form) => ({ ...one, [name]: form }))
          )
        : inputs,
    [input]
  )
  const answers = candidates.map((candidate) => operation.encode(candidate))
  return answers.find(({ ok }) => ok) ?? answers[0] ?? operation.encode(input)
}

/** Whether what is sent says what was given. */
const sameWire = (
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

/** Whether two values are the same JSON. */
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

/** Whether each field goes where the document has it. */
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
        : [`${name} belongs into the ${documented}, and the SDK sends it in the ${place}`]
    })
  )

/** Whether secrets may come wrapped, and instants as dates. */
const comfortProblems = (
  document: DocumentedOperation,
  operations: ReadonlyArray<AnyOperation>,
  shape: ObjectShape
): ReadonlyArray<string> => {
  const date = new Date("2027-01-02T03:04:05.000Z")
  const names = new Set([...shape.fields.keys(), ...Object.keys(besides(document))])
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
    const base = { ...besides(document), ...along(address, undefined, least(shape)) }
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

/** Names that some document knows and this one does not: the SDK must not know them either. */
const unknownNames = (
  document: DocumentedOperation,
  operations: ReadonlyArray<AnyOperation>,
  shape: ObjectShape,
  vocabulary: ReadonlySet<string>
): ReadonlyArray<string> => {
  const known = new Set([...shape.fields.keys(), ...Object.keys(besides(document))])
  if (document.body === "bytes") for (const name of uploadInputs) known.add(name)
  const base = { ...besides(document), ...least(shape) }
  return operations.flatMap((operation) =>
    [...vocabulary]
      .filter((name) => !known.has(name))
      .flatMap((name) => {
        const coded = operation.encode({ ...base, [name]: "x" })
        const refused =
          !coded.ok &&
          coded.issues.some(({ path, message }) => path === name && message.includes("not a known"))
        return refused ? [] : [`${name} is a field of the SDK's input, and the document has none`]
      })
  )
}

/** The least a caller must give, the bytes of an upload included. */
export const leastInput = (document: DocumentedOperation): Readonly<Record<string, unknown>> => ({
  ...besides(document),
  ...least(inputOf(document))
})

/** Every name of an input, in any document. */
export const vocabularyOf = (documents: ReadonlyArray<DocumentedOperation>): ReadonlySet<string> =>
  new Set(documents.flatMap((document) => [...inputOf(document).fields.keys()]))
