/**
 * Decoding alone, beside a decoder written by hand. `test/bench/decode.ts` measures it: run with `--json`, it prints
 * `{ "ratios": [{ "name", "median", "min", "max" }] }`, the processor time of the SDK's decoder to the one by hand.
 */
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { compiled, root } from "../harness/build.js"
import type { Value } from "../harness/stats.js"
import { ratio } from "../report/format.js"
import type { Section } from "./section.js"

const file = "test/bench/decode.ts"

interface DecodeResult {
  readonly ratios: ReadonlyArray<Value & { readonly name: string }>
}

/** The fact with the highest ratio. */
export const decodeFact = "decode: highest ratio to a decoder by hand"

export const decode: Section = {
  name: "decode",
  title: "Decoding alone",
  guide:
    "The decoder of a page, without `JSON.parse`, compared with one that is written by hand for the same fields.",
  run: async ({ quick }) => {
    if (!existsSync(join(root, file))) return { tables: [], facts: {}, note: `There is no ${file} yet.` }
    const args = [compiled(file), "--json", ...(quick ? ["--quick"] : [])]
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", ...args])
    const { ratios }: DecodeResult = JSON.parse(stdout)
    const highest = [...ratios].sort((a, b) => b.median - a.median)[0]
    if (highest === undefined) throw new Error(`${file} reports no ratios`)
    const rows = ratios.map((value) => [value.name, ratio(value)])
    return {
      tables: [{ header: ["", "CPU, ratio to a decoder by hand"], rows }],
      facts: { [decodeFact]: { median: highest.median, min: highest.min, max: highest.max } }
    }
  }
}
