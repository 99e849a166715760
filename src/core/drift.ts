/**
 * Finds what the API has grown since this version of the SDK was made.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import { catchCause, counter } from "../internal/dialect/core.js"
import { wireShapeOf } from "../internal/dialect/shapes.js"
import { isErrorCode } from "../internal/model/errorCodes.js"
import { codeOfStatus } from "../internal/model/failure.js"
import type { OperationFacts } from "../internal/operation/operation.js"
import type { DriftObserver } from "../internal/response/drift.js"
import { isRecord, parseJson } from "../internal/values/json.js"
import { memoized } from "../internal/values/memo.js"
import { findGrowth, type Growth } from "../internal/values/shape.js"

/**
 * Something in a response that this version of the SDK does not know. It contains no value of the response.
 *
 * @since 0.2.0
 * @category models
 */
export interface DriftFinding {
  /** The operation, such as `management.domains.get`. */
  readonly operation: string
  /**
   * Where it is in the data, such as `records[].status`, or `error.code` for the code of a failure. Elements of a list are
   * `[]`. A key that does not look like the name of a field is `*`, because it may be a value.
   */
  readonly path: string
  /** `field`: a field that the schema does not have. `value`: a value that is not one of the known ones. */
  readonly kind: Growth
}

/** How many paths of an operation are told apart, so that no response can fill the metric. */
const maxPaths = 100

/** Makes an observer, which counts the findings and passes each to `report`. */
export const makeObserver = (report: (finding: DriftFinding) => Effect.Effect<void>): DriftObserver => {
  const pathsOf = memoized((_operation) => new Set<string>())

  const told = (operation: string, path: string, kind: Growth): Effect.Effect<void> => {
    const paths = pathsOf(operation)
    const isNew = !paths.has(path)
    const counted = isNew && paths.size >= maxPaths ? "*" : path
    paths.add(counted)
    counterOf(JSON.stringify([operation, counted, kind]))(1)
    // A report that dies must not fail the call.
    return catchCause(
      Effect.suspend(() => report({ operation, path: counted, kind })),
      () => Effect.void
    )
  }

  return {
    decoded: (operation, text) =>
      Effect.suspend(() => {
        const findings = findingsIn(operation, text)
        return Effect.forEach(findings, ([path, kind]) => told(operation.name, path, kind), { discard: true })
      }),
    failed: ({ code, operation, status }) =>
      code === codeOfStatus(status) || isErrorCode(code)
        ? Effect.void
        : told(operation, "error.code", "value")
  }
}

/** Each place of a response once, however often a list repeats it. */
const findingsIn = (
  { data, response }: OperationFacts,
  text: string
): ReadonlyArray<readonly [path: string, kind: Growth]> => {
  if (data === undefined || response === "text") return []
  const body = parseJson(text)
  const value = response === "document" ? body : isRecord(body) ? body["data"] : undefined
  const found = new Map<string, readonly [string, Growth]>()
  findGrowth([wireShapeOf(data)], value, "", (path, kind) => found.set(`${kind} ${path}`, [path, kind]))
  return [...found.values()]
}

const counterOf = memoized((key) => {
  const [operation = "", path = "", kind = ""]: ReadonlyArray<string> = JSON.parse(key)
  return counter("sendmux_drift", "Responses with something that this version of the SDK does not know", {
    operation,
    path,
    kind
  })
})
