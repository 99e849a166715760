/**
 * Finds the differences between a recorded response and that of the sandbox.
 */
import { isRecord } from "../../src/internal/values/json.js"
import { errorShape, successShape } from "../record/envelopes.js"
import { apiHeaders, joined } from "../record/headers.js"
import { dataShape, operations } from "../record/operations.js"
import type { Exchange } from "../record/recording.js"
import { itemShape, objectShape } from "../record/scrub.js"
import type { Shape } from "../record/shape.js"
import type { SandboxResponse } from "./request.js"

/** What kind of difference it is. */
export type DifferenceKind =
  | "operation"
  | "status"
  | "error-code"
  | "error-field"
  | "header"
  | "body"
  | "type"
  | "unknown-field"
  | "missing-field"
  | "unknown-value"

/** A difference of one response. */
export interface Difference {
  readonly kind: DifferenceKind
  /** Where it is: `status`, `header etag`, or a path in the body such as `data.items[].status`. */
  readonly path: string
  /** What the recording has. It is never a text of a message, an address or an id. */
  readonly recorded: string
  /** What the sandbox has. */
  readonly sandbox: string
}

/** Statuses that do not depend on the request alone, so that the sandbox cannot be expected to repeat them. */
export const isCircumstance = (status: number): boolean => status === 429 || status >= 500

/** Compares the response of an exchange with the one of the sandbox. */
export const differencesOf = ({ operation: name, response }: Exchange, found: SandboxResponse) => {
  const operation = operations.find((one) => one.name === name)
  const differences: Array<Difference> = []
  const json = jsonOf(found)
  const success = operation?.success ?? []
  const circumstance = isCircumstance(response.status)
  const bothSucceed = success.includes(response.status) && success.includes(found.status)
  const sameStatus = response.status === found.status || bothSucceed
  if (!circumstance && !sameStatus) {
    differences.push({
      kind: "status",
      path: "status",
      recorded: String(response.status),
      sandbox: String(found.status)
    })
  }
  if (sameStatus && !circumstance) differences.push(...headerDifferences(response, found))
  const { body } = response
  if (body?.kind === "events") {
    for (const { data } of body.events)
      differences.push(...valueDifferences(dataShape(operation), data, "event"))
  } else if (body?.kind === "json") {
    const isFailure = response.status >= 400
    const shape = isFailure ? errorShape : successShape(operation)
    differences.push(...valueDifferences(shape, body.value, ""))
    if (isFailure && sameStatus && !circumstance) {
      differences.push(...failureDifferences(body.value, json))
    } else if (!isFailure && sameStatus) differences.push(...metaDifferences(body.value, json))
  } else if (!circumstance && sameStatus && hasContent(response.body) !== found.body.byteLength > 0) {
    differences.push({
      kind: "body",
      path: "body",
      recorded: hasContent(response.body) ? "present" : "absent",
      sandbox: found.body.byteLength > 0 ? "present" : "absent"
    })
  }
  return differences
}

const hasContent = (body: Exchange["response"]["body"]): boolean => body !== undefined

/** The JSON of a response, or `undefined` if it has none. */
export const jsonOf = ({ body, headers }: SandboxResponse): unknown => {
  if (joined(headers["content-type"])?.includes("json") !== true) return undefined
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

const mediaType = (value: string | undefined): string =>
  value?.split(";")[0]?.trim().toLowerCase() ?? "absent"

const headerDifferences = (
  { headers }: Exchange["response"],
  found: SandboxResponse
): ReadonlyArray<Difference> =>
  apiHeaders.flatMap((name): ReadonlyArray<Difference> => {
    const recorded = headers[name]
    const other = joined(found.headers[name])
    const shown =
      name === "content-type"
        ? [mediaType(recorded), mediaType(other)]
        : [recorded, other].map((value) => (value === undefined ? "absent" : "present"))
    const [left = "", right = ""] = shown
    return left === right ? [] : [{ kind: "header", path: `header ${name}`, recorded: left, sandbox: right }]
  })

const textIn = (value: unknown, key: string): string => {
  const found: unknown = isRecord(value) ? value[key] : undefined
  return found === undefined ? "absent" : String(found)
}

/** The fields of an error whose values a program may branch on. */
const failureDifferences = (recorded: unknown, found: unknown): ReadonlyArray<Difference> => {
  const [left, right] = [recorded, found].map((body) => (isRecord(body) ? body["error"] : undefined))
  const compare = (key: string, kind: DifferenceKind): ReadonlyArray<Difference> => {
    const [one, other] = [textIn(left, key), textIn(right, key)]
    return one === other ? [] : [{ kind, path: `error.${key}`, recorded: one, sandbox: other }]
  }
  return [
    ...compare("code", "error-code"),
    ...compare("retryable", "error-field"),
    ...compare("param", "error-field")
  ]
}

/** The meta of an envelope may have fields of its operation, which the sandbox has to have too. */
const metaDifferences = (recorded: unknown, found: unknown): ReadonlyArray<Difference> => {
  const [left, right] = [recorded, found].map((body) => (isRecord(body) ? body["meta"] : undefined))
  const keys = (value: unknown) => (isRecord(value) ? Object.keys(value) : [])
  return [
    ...keys(left)
      .filter((key) => !keys(right).includes(key))
      .map((key) => unknownField(`meta.${key}`)),
    ...keys(right)
      .filter((key) => !keys(left).includes(key))
      .map((key) => missingField(`meta.${key}`))
  ]
}

const unknownField = (path: string): Difference => ({
  kind: "unknown-field",
  path,
  recorded: "present",
  sandbox: "unknown"
})

const missingField = (path: string): Difference => ({
  kind: "missing-field",
  path,
  recorded: "absent",
  sandbox: "required"
})

const join = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`)

const typeOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "list" : typeof value

/** Where a recorded value does not fit what the sandbox has there. */
export const valueDifferences = (shape: Shape, value: unknown, path: string): ReadonlyArray<Difference> => {
  if (shape.kind === "unknown") return []
  if (value === null && shape.nullable) return []
  const wrong = (expected: string): ReadonlyArray<Difference> => [
    {
      kind: "type",
      path,
      recorded: typeOf(value),
      sandbox: shape.nullable ? `${expected} or null` : expected
    }
  ]
  switch (shape.kind) {
    case "text":
      if (typeof value !== "string") return wrong("string")
      return shape.values === undefined || shape.values.includes(value)
        ? []
        : [{ kind: "unknown-value", path, recorded: value, sandbox: shape.values.join(", ") }]
    case "number":
    case "boolean":
      return typeof value === shape.kind ? [] : wrong(shape.kind)
    case "list":
      return Array.isArray(value)
        ? value.flatMap((item) => valueDifferences(itemShape(shape), item, `${path}[]`))
        : wrong("list")
    case "record":
      return isRecord(value)
        ? Object.values(value).flatMap((item) => valueDifferences(shape.value, item, `${path}.*`))
        : wrong("object")
    case "object":
      return isRecord(value) ? fieldDifferences(shape, value, path) : wrong("object")
    case "choice": {
      if (isRecord(value)) {
        const member = objectShape(shape, value)
        return member.kind === "object"
          ? fieldDifferences(member, value, path)
          : wrong("a value of another type")
      }
      const attempts = shape.members.map((member) => valueDifferences(member, value, path))
      const best = attempts.sort((a, b) => a.length - b.length)[0]
      return best === undefined || best.length > 0 ? wrong("a value of another type") : []
    }
  }
}

const fieldDifferences = (
  { fields }: Extract<Shape, { kind: "object" }>,
  value: Readonly<Record<string, unknown>>,
  path: string
): ReadonlyArray<Difference> => [
  ...Object.entries(value).flatMap(([key, item]) => {
    const field = fields.get(key)
    return field === undefined
      ? [unknownField(join(path, key))]
      : valueDifferences(field.shape, item, join(path, key))
  }),
  ...[...fields].flatMap(([key, { optional }]) =>
    optional || key in value ? [] : [missingField(join(path, key))]
  )
]
