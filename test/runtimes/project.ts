/**
 * The project of a user for one major version of Effect: an empty folder into which the packed package and its peers are
 * installed. The programs of the probe are in it, as modules and as bundles.
 */
import { execFile, execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { build, transform } from "esbuild"
import { root } from "../support/blocks.js"

export type Major = 3 | 4

const exec = promisify(execFile)

const versionIn = (folder: string, name: string): string =>
  JSON.parse(readFileSync(join(root, folder, "node_modules", name, "package.json"), "utf8")).version

const peersOf = (major: Major): ReadonlyArray<string> =>
  major === 3
    ? [`effect@${versionIn(".", "effect")}`, `@effect/platform@${versionIn(".", "@effect/platform")}`]
    : [`effect@${versionIn("effect4", "effect")}`]

/** The package whose `FileSystem` the probe of the files uses. */
const platformOf = (major: Major): string => {
  const name = "@effect/platform-node"
  return `${name}@${versionIn(major === 3 ? "." : "effect4", name)}`
}

/** The conditions that tell bundlers and runtimes which file of a package to load. */
export type Condition = "node" | "bun" | "deno" | "workerd" | "edge-light" | "browser"

export interface Project {
  readonly major: Major
  readonly folder: string
  /** The version of Effect. */
  readonly effect: string
}

/** Packs the built package, and returns the path of the file. */
export const pack = async (folder: string): Promise<string> => {
  const { stdout } = await exec(
    "npm",
    ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder],
    {
      cwd: root
    }
  )
  return join(folder, stdout.trim())
}

/** Writes a program as a user of the major version writes it. */
const writeProgram = async (name: string, major: Major, folder: string): Promise<void> => {
  const file = join(root, "test", "runtimes", "program", `${name}.ts`)
  const source =
    major === 3
      ? readFileSync(file, "utf8")
      : execFileSync(process.execPath, [join(root, "effect4", "sync.mjs"), "--convert", file], {
          encoding: "utf8"
        })
  const { code } = await transform(source, { loader: "ts", format: "esm", target: "es2022" })
  writeFileSync(join(folder, `${name}.mjs`), code)
}

export const makeProject = async (major: Major, tarball: string, work: string): Promise<Project> => {
  const folder = join(work, `effect${major}`)
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), `{ "private": true }\n`)
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
  await exec("npm", [...args, tarball, ...peersOf(major)], { cwd: folder })
  // The peers of this package are not needed for its `FileSystem`.
  await exec("npm", [...args, "--legacy-peer-deps", platformOf(major)], { cwd: folder })
  await writeProgram("probes", major, folder)
  await writeProgram("first", major, folder)
  await writeProgram("files", major, folder)
  return { major, folder, effect: versionIn(major === 3 ? "." : "effect4", "effect") }
}

export interface Bundle {
  readonly file: string
  /** The size in bytes, minified and compressed by gzip. */
  readonly size: number
}

/** Bundles a program for a runtime: what esbuild makes for an application that is deployed there. */
export const bundle = async (
  { folder }: Project,
  name: string,
  condition: Condition,
  format: "esm" | "iife" = "esm"
): Promise<Bundle> => {
  const outfile = join(folder, `${name}.${condition}.${format === "esm" ? "mjs" : "js"}`)
  const result = await build({
    entryPoints: [join(folder, `${name}.mjs`)],
    absWorkingDir: folder,
    outfile,
    bundle: true,
    minify: true,
    format,
    ...(format === "iife" ? { globalName: "program" } : {}),
    platform: condition === "node" || condition === "bun" || condition === "deno" ? "node" : "browser",
    conditions: [condition, "import"],
    target: "es2022",
    logLevel: "silent"
  })
  if (result.warnings.length > 0) throw new Error(`${name}: ${result.warnings[0]?.text}`)
  return { file: outfile, size: gzipSync(readFileSync(outfile), { level: 9 }).byteLength }
}
