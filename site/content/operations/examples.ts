/** Makes a call of an operation from the types of its parameters, for operations whose docstring has no example. */
import ts from "typescript"
import { isOptions, isText } from "./fields.js"
import { type Method, type Parameter, serviceOf } from "./source.js"

/** What the caller of an example passes to it, because a fixed value would tell nothing. */
const arguments_: Readonly<Record<string, string>> = {
  ids: "ReadonlyArray<string>",
  upload_token: "string",
  since_state: "string",
  since_query_state: "string",
  expected_revision: "number",
  expected_schedule_version: "number",
  ifMatch: "string"
}

/** Values of fields, as source text. */
const values: Readonly<Record<string, string>> = {
  app_name: '"CRM"',
  content: 'new TextEncoder().encode("Hello")',
  content_type: '"application/pdf"',
  days: "30",
  display_name: '"Support"',
  email: '"ada@example.com"',
  end: '"2026-11-01T00:00:00Z"',
  filename: '"invoice.pdf"',
  limit: "50",
  max_bytes: "100_000",
  name: '"Support"',
  pattern: '"spam.example"',
  policy: '{ allowed_from: { domains: ["example.com"] } }',
  q: '"invoice"',
  scheduled_for: '"2026-12-24T09:00:00Z"',
  size_bytes: "48_213",
  start: '"2026-10-01T00:00:00Z"',
  subject: '"Your invoice"'
}

/** Which of its fields an example shows of an input without required fields: the first one that it has. */
const preferred: ReadonlyArray<string> = [
  "display_name",
  "enabled",
  "is_unread",
  "since_state",
  "since_query_state",
  "subject",
  "days",
  "window",
  "result",
  "event_type",
  "status",
  "undo_status",
  "resource_type",
  "name",
  "part",
  "sort",
  "max_bytes",
  "type",
  "limit"
]

/** The values that an example prefers among those of an enumeration. */
const choices: ReadonlyArray<string> = [
  "denylist",
  "deny",
  "failed",
  "active",
  "pending",
  "USAGE",
  "7d",
  "text"
]

interface Written {
  readonly code: string
  readonly needed: ReadonlyMap<string, string>
}

const literal = (code: string): Written => ({ code, needed: new Map() })

const isOptionalProperty = (symbol: ts.Symbol): boolean => (symbol.flags & ts.SymbolFlags.Optional) !== 0

const isObject = (type: ts.Type): boolean => (type.flags & ts.TypeFlags.Object) !== 0

/** The value of a field or a parameter, or undefined if its type gives none. */
const valueOf = (checker: ts.TypeChecker, name: string, type: ts.Type): Written | undefined => {
  const asked = arguments_[name]
  if (asked !== undefined) return { code: name, needed: new Map([[name, asked]]) }
  const known = values[name]
  if (known !== undefined) return literal(known)
  const members = type.isUnion() ? type.types : [type]
  const texts = members.flatMap((member) => (member.isStringLiteral() ? [member.value] : []))
  const [first] = texts
  if (first !== undefined) return literal(JSON.stringify(choices.find((it) => texts.includes(it)) ?? first))
  if (members.some((member) => (member.flags & ts.TypeFlags.BooleanLike) !== 0)) return literal("true")
  const list = members.find((member) => checker.isArrayType(member))
  if (list !== undefined) return listOf(checker, name, list)
  const object = members.find(isObject)
  return object === undefined ? undefined : objectOf(checker, object, false)
}

const listOf = (checker: ts.TypeChecker, name: string, list: ts.Type): Written | undefined => {
  const item = checker.getIndexTypeOfType(list, ts.IndexKind.Number)
  const written = item && valueOf(checker, `${name} item`, item)
  return written && { ...written, code: `[${written.code}]` }
}

/** The required fields of an object and, if it has none or if an update needs a change, one optional field. */
const objectOf = (checker: ts.TypeChecker, type: ts.Type, wantsChange: boolean): Written | undefined => {
  const fields = checker.getPropertiesOfType(type)
  const required = fields.filter((field) => !isOptionalProperty(field))
  const extra = preferred
    .map((name) => fields.find((field) => field.name === name))
    .find((it) => it !== undefined)
  const shown =
    extra !== undefined && !required.includes(extra) && (required.length === 0 || wantsChange)
      ? [...required, extra]
      : required
  const needed = new Map<string, string>()
  const parts: Array<string> = []
  for (const field of shown) {
    const of = checker.getNonNullableType(checker.getTypeOfSymbol(field))
    const written = valueOf(checker, field.name, of)
    if (written === undefined) return undefined
    for (const [name, asked] of written.needed) needed.set(name, asked)
    parts.push(written.code === field.name ? field.name : `${field.name}: ${written.code}`)
  }
  return { code: parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`, needed }
}

/** A program that calls the operation. It takes what it cannot know, such as an id, as its arguments. */
export const exampleOf = (checker: ts.TypeChecker, method: Method): string => {
  const { operation, parameters } = method
  const needed = new Map<string, string>()
  const args: Array<string> = []
  for (const parameter of parameters) {
    if (isText(parameter)) {
      needed.set(parameter.name, "string")
      args.push(parameter.name)
    } else if (isOptions(parameter)) {
      const options = optionsOf(checker, method, parameter)
      for (const [name, asked] of options?.needed ?? []) needed.set(name, asked)
      if (options !== undefined) args.push(options.code)
    } else if (!(parameter.isOptional && operation.http === "DELETE")) {
      const isUpdate = operation.http === "PATCH"
      const written = isObject(parameter.type)
        ? objectOf(checker, parameter.type, isUpdate)
        : valueOf(checker, parameter.name, parameter.type)
      if (written === undefined) throw new Error(`${operation.name}: no example of ${parameter.name}`)
      for (const [name, asked] of written.needed) needed.set(name, asked)
      if (!(parameter.isOptional && written.code === "{}")) args.push(written.code)
    }
  }
  return programOf(method, needed, args)
}

/**
 * The options that an example shows: those that are required, and the idempotency key of what creates something. A fixed key
 * would be wrong for what may happen again to the same resource, such as suspending a mailbox.
 */
const optionsOf = (checker: ts.TypeChecker, { operation, parameters }: Method, options: Parameter) => {
  const required = checker.getPropertiesOfType(options.type).filter((field) => !isOptionalProperty(field))
  const needed = new Map(required.map(({ name }) => [name, arguments_[name] ?? "string"]))
  const hasKey = "idempotencyKey" in operation.flags && !parameters.some(isText)
  const key = `${operation.group}-${operation.method}-42`.replace(
    /[A-Z]/g,
    (letter) => `-${letter.toLowerCase()}`
  )
  const parts = [...required.map(({ name }) => name), ...(hasKey ? [`idempotencyKey: "${key}"`] : [])]
  return parts.length === 0 ? undefined : { code: `{ ${parts.join(", ")} }`, needed }
}

const programOf = (
  { declared, operation }: Method,
  needed: ReadonlyMap<string, string>,
  args: ReadonlyArray<string>
): string => {
  const service = serviceOf(operation)
  const isList = /^(?:Conditional)?ListMethod</.test(declared)
  const form = operation.response === "bytes" ? `${operation.method}.bytes` : operation.method
  const call = callOf(`${operation.group}.${form}`, args)
  const lines = [
    `const { ${operation.group} } = yield* ${service}`,
    `return yield* ${isList ? collected(call) : call}`
  ]
  const parameters = [...needed].map(([name, type]) => `${name}: ${type}`).join(", ")
  const body = lines.map((line) => indent(line, needed.size === 0 ? "  " : "    ")).join("\n")
  const program =
    needed.size === 0
      ? `export const program = Effect.gen(function* () {\n${body}\n})`
      : `export const program = (${parameters}) =>\n  Effect.gen(function* () {\n${body}\n  })`
  return [
    `import { ${service} } from "effect-sendmux/${service}"`,
    'import * as Effect from "effect/Effect"',
    ...(isList ? ['import * as Stream from "effect/Stream"'] : []),
    "",
    program
  ].join("\n")
}

const collected = (call: string): string => {
  const line = `${call}.pipe(Stream.take(100), Stream.runCollect)`
  return line.length <= 90 ? line : `${call}.pipe(\n  Stream.take(100),\n  Stream.runCollect\n)`
}

const indent = (text: string, by: string): string => text.replace(/^/gm, by)

/** A call on one line, or with an argument on each line if it is long. */
const callOf = (name: string, args: ReadonlyArray<string>): string => {
  const line = `${name}(${args.join(", ")})`
  return line.length <= 76 ? line : `${name}(\n${args.map((arg) => indent(arg, "  ")).join(",\n")}\n)`
}
