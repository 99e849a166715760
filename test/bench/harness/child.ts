/**
 * Measuring processes: each runs one compiled file, reports one result and exits.
 */
import { fork } from "node:child_process"
import { compiled } from "./build.js"

/** In a child: reports the result to the parent and exits. */
export const report = (result: unknown): void => {
  process.send?.(result, () => process.exit())
}

/** In a child: the request of the parent. The types on both sides must agree. */
export const request = <A>(): A => JSON.parse(process.argv[2] ?? "null")

/** Runs a file with a request, and returns its result. Fails with the child's errors when it does not report one. */
export const runChild = <A>(file: string, input: unknown, what: string): Promise<A> =>
  new Promise((resolve, reject) => {
    const child = fork(compiled(file), [JSON.stringify(input)], {
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "ignore", "pipe", "ipc"]
    })
    let result: { readonly value: A } | undefined
    let errors = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text
    })
    child.once("message", (value: unknown) => {
      result = { value: value as A }
    })
    child.once("error", reject)
    child.once("close", (code) => {
      if (result === undefined) reject(new Error(`${what} failed with exit code ${code}:\n${errors}`))
      else resolve(result.value)
    })
  })
