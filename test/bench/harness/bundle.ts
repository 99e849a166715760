/**
 * The size of a bundle, as an application would load it.
 */
import { builtinModules } from "node:module"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"

/** The gzipped size of a program in bytes, bundled with what it imports from a folder, except the `external` packages. */
export const gzippedSize = async (
  folder: string,
  source: string,
  external: ReadonlyArray<string> = []
): Promise<number> => {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder, sourcefile: "consumer.ts", loader: "ts" },
    absWorkingDir: folder,
    tsconfig: join(folder, "tsconfig.json"),
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import"],
    target: "es2022",
    // Some optional peers, such as SQLite, import modules of Node without the prefix.
    external: [...external, ...builtinModules, "node:*"],
    logLevel: "silent"
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).byteLength, 0)
}
