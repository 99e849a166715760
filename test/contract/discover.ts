/** Finds the operations of this package in every module of the surfaces. */
import { existsSync, readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type AnyOperation, isOperation, operationName } from "../../src/internal/operation/operation.js"

const source = new URL("../../src/", import.meta.url)

const surfaces = ["sending", "management", "mailbox"]

export interface BuiltOperation {
  /** The path of the declaring file below `src`. */
  readonly file: string
  readonly operation: AnyOperation
}

export interface Discovery {
  /** By name; one operation may have several definitions. */
  readonly operations: ReadonlyMap<string, ReadonlyArray<BuiltOperation>>
  readonly failures: ReadonlyArray<{ readonly file: string; readonly reason: string }>
}

const isRunnable = (u: unknown): u is AnyOperation =>
  isOperation(u) && "encode" in u && typeof u.encode === "function" && "decode" in u

export const discover = async (): Promise<Discovery> => {
  const operations = new Map<string, Array<BuiltOperation>>()
  const seen = new Set<unknown>()
  const failures: Array<{ file: string; reason: string }> = []
  const add = (file: string, operation: AnyOperation) => {
    if (seen.has(operation)) return
    seen.add(operation)
    const name = operationName(operation)
    operations.set(name, [...(operations.get(name) ?? []), { file, operation }])
  }
  for (const surface of surfaces) {
    const folder = new URL(`${surface}/`, source)
    if (!existsSync(folder)) continue
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts")
    )) {
      try {
        const module: Readonly<Record<string, unknown>> = await import(
          /* @vite-ignore */ fileURLToPath(new URL(file, folder))
        )
        for (const [name, value] of Object.entries(module)) {
          if (isRunnable(value)) add(`${surface}/${file}`, value)
          else if (name.endsWith("Operations") && typeof value === "object" && value !== null) {
            for (const operation of Object.values(value).filter(isRunnable)) {
              add(`${surface}/${file}`, operation)
            }
          }
        }
      } catch (error) {
        failures.push({ file: `${surface}/${file}`, reason: String(error).split("\n")[0] ?? "" })
      }
    }
  }
  return { operations, failures }
}
