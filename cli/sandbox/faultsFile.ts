/**
 * The file of the option `--faults`: a JSON list of faults, which may contain comments.
 */
import { readFile } from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode
} from "jsonc-parser"
import { readFault } from "../../src/sandbox/control/faultRoutes.js"
import type { Fault } from "../../src/sandbox/state/faults.js"
import { Problem, reasonOf } from "../support/problem.js"

/** The line and the column of an offset, both from 1. */
const positionOf = (text: string, offset: number): string => {
  const lines = text.slice(0, offset).split("\n")
  return `${lines.length}:${(lines.at(-1) ?? "").length + 1}`
}

/** The message of a syntax error: `PropertyNameExpected` becomes `property name expected`. */
const syntaxMessage = ({ error }: ParseError): string =>
  printParseErrorCode(error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase()

/** The innermost part of a value that exists, on the way to a field such as `kind.status`. */
const nodeOf = (fault: Node, field: string): Node => {
  const segments = field.split(".")
  for (let length = segments.length; length > 0; length--) {
    const node = findNodeAtLocation(fault, segments.slice(0, length))
    if (node !== undefined) return node
  }
  return fault
}

/** Reads the faults of a text. Throws a `Problem` that names the place of the first mistake. */
export const parseFaults = (path: string, text: string): ReadonlyArray<Fault> => {
  const problemAt = (offset: number, message: string) =>
    new Problem(`${path}:${positionOf(text, offset)}: ${message}`)
  const errors: Array<ParseError> = []
  const tree = parseTree(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first !== undefined)
    throw problemAt(first.offset, `the file is not valid JSON (${syntaxMessage(first)})`)
  if (tree?.type !== "array") throw problemAt(tree?.offset ?? 0, "the file must be a JSON list of faults")
  return (tree.children ?? []).map((node, index) => {
    const read = Effect.runSync(Effect.either(readFault(getNodeValue(node))))
    if (Either.isRight(read)) return read.right
    const { field = "", message = read.left.message } = read.left.details.errors?.[0] ?? {}
    const name = field === "" ? `fault ${index + 1}` : `fault ${index + 1}, ${field}`
    throw problemAt(nodeOf(node, field).offset, `${name}: ${message}`)
  })
}

/** Reads a file of faults. */
export const readFaults = async (path: string): Promise<ReadonlyArray<Fault>> => {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new Problem(`cannot read the file of faults ${path}: ${reasonOf(error)}`)
  })
  return parseFaults(path, text)
}
