import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../harness/build.js"

interface EntryMap {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>
}

export interface Entry {
  /** The key in `exports`, such as `./Sending`. */
  readonly key: string
  /** What an application imports. */
  readonly name: string
  /** The source file, relative to the root. */
  readonly source: string
}

/** The entries of the package that are modules. */
export const entries = (): ReadonlyArray<Entry> => {
  const manifest: EntryMap = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  return Object.entries(manifest.exports).flatMap(([key, target]) => {
    if (typeof target === "string") return []
    const source = target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts")
    return existsSync(join(root, source)) ? [{ key, name: `effect-sendmux${key.slice(1)}`, source }] : []
  })
}
