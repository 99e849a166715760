/**
 * Compiles the SDK and the benchmark to JavaScript once, file by file, so that each measuring process starts quickly,
 * runs without a loader, and loads the same modules as an application does.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

/** The root of the project. */
export const root = fileURLToPath(new URL("../../../", import.meta.url))

/** Below `node_modules`, so that the compiled files find the packages. */
const output = join(root, "node_modules/.cache/effect-sendmux-bench")

/** The compiled form of a source file, both relative to the root. */
export const compiled = (file: string): string => join(output, "js", file.replace(/\.ts$/, ".js"))

/** The raw results of the last complete run. */
export const resultsFile = join(output, "results.json")

const sourcesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true })
    .map((file) => join(root, folder, String(file)))
    .filter((file) => file.endsWith(".ts"))

export const compile = async (): Promise<void> => {
  const outdir = join(output, "js")
  rmSync(outdir, { recursive: true, force: true })
  mkdirSync(outdir, { recursive: true })
  writeFileSync(join(outdir, "package.json"), JSON.stringify({ type: "module" }))
  await build({
    entryPoints: [...sourcesIn("src"), ...sourcesIn("test/bench")],
    outdir,
    outbase: root,
    format: "esm",
    target: "es2022",
    logLevel: "error"
  })
}
