/**
 * Child processes: their programs are bundled once, so that each starts quickly.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { createInterface } from "node:readline"
import { build } from "esbuild"
import { root } from "./blocks.js"

/** The folder has to be below the packages that are not bundled. */
const cache = join(root, "node_modules", ".cache")

export interface Bundles {
  /** The path of a program's bundle. */
  readonly script: (name: string) => string
  readonly remove: () => void
}

/** Bundles programs, whose paths are relative to the root and end with `.ts`. */
export const bundlePrograms = async (paths: ReadonlyArray<string>): Promise<Bundles> => {
  mkdirSync(cache, { recursive: true })
  const outdir = mkdtempSync(join(cache, "programs-"))
  await build({
    entryPoints: Object.fromEntries(paths.map((path) => [basename(path, ".ts"), join(root, path)])),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["better-sqlite3", "pg-native"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
    },
    logLevel: "error"
  })
  return {
    script: (name) => join(outdir, `${name}.mjs`),
    remove: () => rmSync(outdir, { recursive: true, force: true })
  }
}

/** A child process whose lines of output are JSON. */
export interface Child {
  readonly process: ChildProcess
  /** Resolves with the next line, or `undefined` after the last one. */
  readonly line: () => Promise<unknown>
  /** Resolves when the process has ended, with `true` if it ended with status 0. */
  readonly ended: Promise<boolean>
  readonly kill: () => void
}

/** Starts a program with an argument. Its standard error is passed through. */
export const start = (script: string, argument: unknown): Child => {
  const child = spawn(process.execPath, [script, JSON.stringify(argument)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<boolean>((resolve) => {
    child.once("exit", (code) => resolve(code === 0))
  })
  return {
    process: child,
    line: async () => {
      const { done, value } = await lines.next()
      return done === true ? undefined : JSON.parse(value)
    },
    ended,
    kill: () => {
      child.kill("SIGKILL")
    }
  }
}
