/**
 * Runs the bundled program as a process.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { buildProgram } from "../../cli/build.mjs"

let executable: Promise<string> | undefined

/** A new folder, outside of the repository, so that the program finds no package there. */
export const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "effect-sendmux-"))

/** Bundles the program once. */
export const bundledProgram = (): Promise<string> => {
  executable ??= newFolder().then(buildProgram)
  return executable
}

/** A process of the program. */
export interface Running {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until the output contains a text. Rejects if the process ends before. */
  readonly until: (output: "stdout" | "stderr", pattern: RegExp) => Promise<RegExpExecArray>
  readonly kill: (signal: NodeJS.Signals) => void
  /** The exit code, or the signal that ended the process. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/** Ends a process, unless it has ended. */
const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, "exit")
  child.kill("SIGKILL")
  await gone
}

/** Starts the program in an empty folder. It ends with the test, if it has not ended before. */
export const start = async (...args: ReadonlyArray<string>): Promise<Running> => {
  const child = spawn(process.execPath, [await bundledProgram(), ...args], {
    cwd: await newFolder(),
    stdio: ["ignore", "pipe", "pipe"],
    // Colors and warnings of the environment of the tests would change the output.
    env: { PATH: process.env["PATH"], TZ: "UTC" }
  })
  onTestFinished(() => end(child))
  const output = { stdout: "", stderr: "" }
  const checks = new Set<() => void>()
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text
      for (const check of [...checks]) check()
    })
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (code, signal) => {
      resolve(code ?? signal ?? 0)
    })
  })
  return {
    pid: child.pid ?? 0,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    until: (name, pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = pattern.exec(output[name])
          if (found === null) return
          checks.delete(check)
          resolve(found)
        }
        checks.add(check)
        void ended.then((code) =>
          reject(new Error(`The program ended with ${code}: ${output.stdout}${output.stderr}`))
        )
        check()
      }),
    kill: (signal) => child.kill(signal),
    ended
  }
}

/** Runs the program until it ends. */
export const run = async (...args: ReadonlyArray<string>) => {
  const program = await start(...args)
  const code = await program.ended
  return { code, stdout: program.stdout(), stderr: program.stderr() }
}

/** A served sandbox. */
export interface Served extends Running {
  readonly origin: string
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>
  readonly post: (
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>
  ) => Promise<Response>
}

export const mailboxKey = { authorization: "Bearer smx_mbx_sandbox" }
export const rootKey = { authorization: "Bearer smx_root_sandbox" }

/** Serves a sandbox on a free port, and waits until it is ready. */
export const serveSandbox = async (...args: ReadonlyArray<string>): Promise<Served> => {
  const program = await start("sandbox", "--port", "0", ...args)
  const [, origin = ""] = await program.until("stdout", /listening on (\S+)[\s\S]*keys .*\n/)
  return {
    ...program,
    origin,
    get: (path, headers = {}) => fetch(`${origin}${path}`, { headers }),
    post: (path, body, headers = {}) =>
      fetch(`${origin}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body)
      })
  }
}

/** Sends a message. */
export const sendEmail = (
  { post }: Served,
  subject: string,
  headers: Readonly<Record<string, string>> = {}
) =>
  post(
    "/sending/api/v1/emails/send",
    {
      from: { email: "hello@example.com" },
      to: { email: "ada@example.org" },
      subject,
      html_body: `<p>${subject}</p>`
    },
    { ...mailboxKey, ...headers }
  )
