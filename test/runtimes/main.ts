/**
 * `npm run runtimes [-- bun deno]`: runs the probe with both major versions of Effect on every runtime that can be had, and
 * prints what passed, the cold start and the size of the bundle. `docs/runtimes.md` explains it.
 */
import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs, promisify } from "node:util"
import { root } from "../support/blocks.js"
import type { Job, Outcome } from "./program/probes.js"
import { bundle, makeProject, pack, type Project } from "./project.js"
import { type Ready, type Runtime, runtimes } from "./runtimes.js"
import { type Served, serveSandbox } from "./served.js"
import { table } from "./table.js"

/** A runtime with one version of Effect. */
interface Row {
  readonly title: string
  readonly version: string
  readonly effect: string
  readonly outcomes: ReadonlyArray<Outcome>
  /** The cold starts in milliseconds. */
  readonly coldStarts: ReadonlyArray<number>
  readonly bundleSize: number
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Loads the root, the surfaces and the sandbox by `require`, from a CommonJS file. */
const requirePackage = async (ready: Ready, project: Project): Promise<Outcome> => {
  const start = Date.now()
  const prefix = project.major === 3 ? "effect-sendmux" : "effect-sendmux/v4"
  const names = ["", "/Sending", "/Mailbox", "/Management", "/Webhooks", "/Sandbox"]
  const file = join(project.folder, "require.cjs")
  writeFileSync(
    file,
    `const loaded = ${JSON.stringify(names)}.map((name) => Object.keys(require("${prefix}" + name)).length > 0)
console.log(JSON.stringify(loaded.every(Boolean)))
`
  )
  try {
    const { stdout } = await promisify(execFile)(ready.program ?? "", [file], { cwd: project.folder })
    const problem = stdout.trim() === "true" ? null : "an entry exports nothing"
    return { probe: "require", problem, millis: Date.now() - start }
  } catch (error) {
    const lines = messageOf(error).split("\n")
    const problem = lines.find((line) => line.includes("Error")) ?? lines[0] ?? ""
    return { probe: "require", problem, millis: Date.now() - start }
  }
}

/** Uploads a file with the entries that read files. */
const runFiles = async (ready: Ready, project: Project, job: Job): Promise<ReadonlyArray<Outcome>> => {
  const file = join(project.folder, "hello.txt")
  writeFileSync(file, "Hello")
  const { value } = await ready.run(project, "files", { ...job, file })
  if (!isOutcomes(value)) throw new Error(`The program returned ${JSON.stringify(value)}`)
  return value
}

const isOutcomes = (value: unknown): value is ReadonlyArray<Outcome> =>
  Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null && "probe" in item)

const runProbes = async (
  runtime: Runtime,
  ready: Ready,
  project: Project,
  sandbox: Served
): Promise<ReadonlyArray<Outcome>> => {
  const job: Job = { origin: sandbox.origin, control: sandbox.origin }
  await sandbox.reset()
  try {
    const { value } = await ready.run(project, "probes", job)
    if (!isOutcomes(value)) throw new Error(`The program returned ${JSON.stringify(value)}`)
    return [
      ...value,
      ...(runtime.hasFiles ? await runFiles(ready, project, job) : []),
      ...(runtime.requires ? [await requirePackage(ready, project)] : [])
    ]
  } catch (error) {
    return [{ probe: "start", problem: messageOf(error), millis: 0 }]
  }
}

const coldStart = async (ready: Ready, project: Project, sandbox: Served): Promise<number> => {
  const { startedAt, value } = await ready.run(project, "first", {
    origin: sandbox.origin,
    control: sandbox.origin
  })
  if (typeof value !== "number") throw new Error(`The program returned ${JSON.stringify(value)}`)
  return value - startedAt
}

/** A row, and how to measure one more cold start of it. */
interface Measured {
  readonly row: Row
  readonly measure: () => Promise<void>
}

const runRuntime = async (
  runtime: Runtime,
  ready: Ready,
  project: Project,
  sandbox: Served
): Promise<Measured> => {
  const outcomes = await runProbes(runtime, ready, project, sandbox)
  const { size } = await bundle(project, "first", runtime.condition)
  const coldStarts: Array<number> = []
  const failed = outcomes.some(({ problem }) => problem !== null)
  return {
    row: {
      title: runtime.title,
      version: ready.version,
      effect: project.effect,
      outcomes,
      coldStarts,
      bundleSize: size
    },
    measure: async () => {
      if (failed) return
      try {
        coldStarts.push(await coldStart(ready, project, sandbox))
      } catch (error) {
        throw new Error(
          `Failed on ${runtime.title} with Effect ${project.effect}: cold start: ${messageOf(error)}`
        )
      }
    }
  }
}

const median = (values: ReadonlyArray<number>): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

const report = (rows: ReadonlyArray<Row>): string => {
  const probes = [...new Set(rows.flatMap(({ outcomes }) => outcomes.map(({ probe }) => probe)))]
  const cell = (row: Row, name: string): string => {
    const outcome = row.outcomes.find(({ probe }) => probe === name)
    return outcome === undefined ? "-" : outcome.problem === null ? "pass" : "FAIL"
  }
  return table(
    ["runtime", "version", "effect", ...probes, "cold start", "bundle"],
    rows.map((row) => {
      const start = median(row.coldStarts)
      return [
        row.title,
        row.version,
        row.effect,
        ...probes.map((name) => cell(row, name)),
        start === undefined ? "-" : `${start} ms`,
        `${(row.bundleSize / 1024).toFixed(1)} KB`
      ]
    })
  )
}

const chosen = (names: ReadonlyArray<string>): ReadonlyArray<Runtime> => {
  const known = runtimes.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new Error(`There is no runtime ${unknown.join(", ")}. There are ${known.join(", ")}.`)
  return names.length === 0 ? runtimes : runtimes.filter(({ name }) => names.includes(name))
}

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string", default: "3" }, strict: { type: "boolean", default: false } }
  })
  const selected = chosen(positionals)
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 0) throw new Error("--rounds must be a whole number")
  if (!existsSync(join(root, "dist", "v4", "index.js"))) {
    throw new Error("The package has not been built: npm run build")
  }
  const work = mkdtempSync(join(tmpdir(), "effect-sendmux-probe-"))
  const measured: Array<Measured> = []
  const skipped: Array<string> = []
  const sandbox = await serveSandbox()
  try {
    const tarball = await pack(work)
    const projects = [await makeProject(3, tarball, work), await makeProject(4, tarball, work)]
    for (const runtime of selected) {
      let ready: Ready
      try {
        ready = await runtime.prepare()
      } catch (error) {
        skipped.push(`Skipped ${runtime.title}: ${messageOf(error)}`)
        continue
      }
      for (const project of projects) {
        const start = Date.now()
        measured.push(await runRuntime(runtime, ready, project, sandbox))
        console.log(
          `${runtime.title} with Effect ${project.major}: ${((Date.now() - start) / 1000).toFixed(1)} s`
        )
      }
    }
    // A busy moment of the machine affects one round of every runtime, and not all rounds of one.
    for (let round = 0; round < rounds; round++) {
      for (const { measure } of measured) await measure()
    }
  } finally {
    await sandbox.close()
    rmSync(work, { recursive: true, force: true })
  }
  const rows = measured.map(({ row }) => row)
  console.log(`\n${report(rows)}\n`)
  for (const line of skipped) console.log(line)
  const failures = rows.flatMap(({ effect, outcomes, title }) =>
    outcomes.flatMap(({ probe, problem }) =>
      problem === null ? [] : [`Failed on ${title} with Effect ${effect}: ${probe}: ${problem}`]
    )
  )
  for (const line of failures) console.error(line)
  if (failures.length > 0 || (values.strict && skipped.length > 0)) process.exitCode = 1
}

try {
  await main()
} catch (error) {
  console.error(messageOf(error))
  process.exitCode = 1
}
