/**
 * The runtimes of the probe: how each is found, and how it runs a program with a job.
 */
import { execFile, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { chromium } from "playwright-core"
import { root } from "../support/blocks.js"
import { chromiumFlags, chromiumPath } from "../support/chromium.js"
import { freePort } from "../support/freePort.js"
import { install, type packages } from "./install.mjs"
import type { Job } from "./program/probes.js"
import { type Bundle, bundle, type Condition, type Project } from "./project.js"
import { end, serveSite } from "./served.js"

const exec = promisify(execFile)

/** A program that ran: what it returned, and when its process was started, in milliseconds since 1970. */
export interface Ran {
  readonly startedAt: number
  readonly value: unknown
}

/** A runtime that is here. */
export interface Ready {
  readonly version: string
  /** The path of its program, if the runtime is one. */
  readonly program?: string
  readonly run: <J extends Job>(project: Project, program: string, job: J) => Promise<Ran>
}

export interface Runtime {
  readonly name: string
  readonly title: string
  readonly condition: Condition
  /** Whether the runtime gets a bundle, and not the modules of the package. */
  readonly bundled: boolean
  /** Whether programs can read files of a disk. */
  readonly hasFiles?: true
  /** Whether it is expected that `require` loads the package. */
  readonly requires?: true
  /** Finds or installs the runtime. Rejects with the reason if it cannot be had. */
  readonly prepare: () => Promise<Ready>
}

const host = (name: string): string => join(root, "test", "runtimes", "hosts", name)

/** Runs a command that prints its result as JSON in its last line, after its log, in a folder. */
const runCommand = async (command: string, args: ReadonlyArray<string>, cwd: string): Promise<Ran> => {
  const startedAt = Date.now()
  try {
    const { stdout } = await exec(command, args, { cwd, timeout: 180_000, maxBuffer: 2 ** 24 })
    return { startedAt, value: JSON.parse(stdout.trim().split("\n").at(-1) ?? "") }
  } catch (error) {
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : ""
    throw new Error(stderr === "" ? String(error) : stderr.split("\n").slice(0, 12).join("\n"))
  }
}

/** A runtime that loads the modules of the package as they are installed. */
const modules = (
  names: { readonly name: string; readonly title: string; readonly condition: Condition },
  find: () => Promise<string>,
  args: ReadonlyArray<string> = []
): Runtime => ({
  ...names,
  bundled: false,
  hasFiles: true,
  prepare: async () => {
    const program = await find()
    const { stdout } = await exec(program, ["--version"])
    const [version = ""] = /\d+\.\d+\.\d+/.exec(stdout) ?? []
    return {
      version,
      program,
      run: (project, name, job) => {
        const file = join(project.folder, `${name}.mjs`)
        // The host is in the project, so that the runtime reads the configuration of that folder.
        const copy = join(project.folder, "host.mjs")
        writeFileSync(copy, readFileSync(host("process.mjs")))
        return runCommand(program, [...args, copy, `file://${file}`, JSON.stringify(job)], project.folder)
      }
    }
  }
})

const node = (major: 20 | 22 | 24): Runtime => {
  const name: keyof typeof packages = `node${major}`
  const isThis = process.versions.node.startsWith(`${major}.`)
  const runtime = modules({ name, title: `Node ${major}`, condition: "node" }, () =>
    isThis ? Promise.resolve(process.execPath) : install(name)
  )
  return { ...runtime, requires: true }
}

const bun = modules({ name: "bun", title: "Bun", condition: "bun" }, () => install("bun"), ["run"])

const deno = modules(
  { name: "deno", title: "Deno", condition: "deno" },
  () => install("deno"),
  // Everything that it needs is in node_modules, and it may not download anything else.
  [
    "run",
    "--quiet",
    "--no-remote",
    "--node-modules-dir=manual",
    "--allow-net=127.0.0.1",
    "--allow-read",
    "--allow-env"
  ]
)

const workerConfig = (file: string, port: number): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "probe", worker = .probe),
    (name = "loopback", network = (allow = ["local", "private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "probe")]
);
const probe :Workerd.Worker = (
  modules = [
    (name = "worker", esModule = embed "worker.mjs"),
    (name = "program.mjs", esModule = embed "${file}")
  ],
  compatibilityDate = "2026-10-01",
  globalOutbound = "loopback"
);
`

const worker = `import { run } from "program.mjs"
export default {
  async fetch(request) {
    return Response.json(await run(await request.json()))
  }
}
`

const workerd: Runtime = {
  name: "workerd",
  title: "workerd",
  condition: "workerd",
  bundled: true,
  prepare: async () => {
    const program = await install("workerd")
    const { stdout } = await exec(program, ["--version"])
    return {
      version: stdout.replace("workerd", "").trim(),
      run: async (project, name, job) => {
        const { file } = await bundle(project, name, "workerd")
        const port = await freePort()
        const config = join(dirname(file), `${name}.capnp`)
        writeFileSync(join(dirname(file), "worker.mjs"), worker)
        writeFileSync(config, workerConfig(file.slice(dirname(file).length + 1), port))
        const startedAt = Date.now()
        const child = spawn(program, ["serve", config], { stdio: ["ignore", "pipe", "pipe"] })
        let output = ""
        for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text))
        try {
          for (;;) {
            if (child.exitCode !== null) throw new Error(output.split("\n").slice(0, 12).join("\n"))
            const response = await fetch(`http://127.0.0.1:${port}/`, {
              method: "POST",
              body: JSON.stringify(job),
              signal: AbortSignal.timeout(180_000)
            }).catch((error: unknown) => {
              // Not listening yet.
              if (Date.now() - startedAt > 60_000) throw error
              return new Promise<void>((resolve) => setTimeout(resolve, 5))
            })
            if (response === undefined) continue
            const text = await response.text()
            if (!response.ok) throw new Error(`${text}\n${output}`)
            return { startedAt, value: JSON.parse(text) }
          }
        } finally {
          await end(child)
        }
      }
    }
  }
}

const edge: Runtime = {
  name: "edge",
  title: "@edge-runtime/vm",
  condition: "edge-light",
  bundled: true,
  prepare: async () => {
    const file = join(root, "node_modules", "@edge-runtime", "vm", "package.json")
    if (!existsSync(file)) throw new Error("@edge-runtime/vm is not installed: npm ci")
    return {
      version: JSON.parse(readFileSync(file, "utf8")).version,
      run: async (project, name, job) => {
        const { file } = await bundle(project, name, "edge-light", "iife")
        return runCommand(process.execPath, [host("edge.mjs"), file, JSON.stringify(job)], root)
      }
    }
  }
}

const browser: Runtime = {
  name: "chromium",
  title: "Chromium",
  condition: "browser",
  bundled: true,
  prepare: async () => {
    if (!existsSync(chromiumPath)) throw new Error("it is not installed: test/services/chromium.sh install")
    const { stdout } = await exec(chromiumPath, ["--version"])
    return {
      version: /[\d.]+/.exec(stdout)?.[0] ?? "",
      run: async (project, name, job) => {
        const built: Bundle = await bundle(project, name, "browser")
        const site = await serveSite({ "/program.mjs": () => readFileSync(built.file, "utf8") }, job.origin)
        const profile = mkdtempSync(join(tmpdir(), "effect-sendmux-chromium-"))
        const startedAt = Date.now()
        try {
          const context = await chromium.launchPersistentContext(profile, {
            executablePath: chromiumPath,
            args: chromiumFlags
          })
          try {
            const page = await context.newPage()
            await page.goto(site.origin)
            // A text, because the page has the module and this file does not.
            const given = JSON.stringify({ ...job, control: site.origin })
            const value: unknown = await page.evaluate(
              `import("/program.mjs").then(({ run }) => run(${given}))`
            )
            return { startedAt, value }
          } finally {
            await context.close()
          }
        } finally {
          await site.close()
          rmSync(profile, { recursive: true, force: true })
        }
      }
    }
  }
}

export const runtimes: ReadonlyArray<Runtime> = [
  node(20),
  node(22),
  node(24),
  bun,
  deno,
  workerd,
  edge,
  browser
]
