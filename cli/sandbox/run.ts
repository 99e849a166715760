/**
 * Runs the command `sandbox` until the process is told to end, or until the program that it runs has ended.
 */
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Sandbox from "../../src/Sandbox.js"
import { type DataFolder, openFolder } from "../data/folder.js"
import { attempt } from "../support/attempt.js"
import { Problem, ProgramEnd } from "../support/problem.js"
import { runChild } from "./child.js"
import { continueState } from "./data.js"
import { readFaults } from "./faultsFile.js"
import { acceptedHosts, isLoopbackHost } from "./hosts.js"
import { logging } from "./logging.js"
import type { CommandOptions } from "./options.js"
import { withPage } from "./page.js"
import { loadPage } from "./pageFiles.js"
import { serveOn } from "./serve.js"

const openWarning = (host: string): string =>
  `warning: the sandbox listens on ${host}, so other machines can read everything that it stores and can control it. Use it with test data only, in a network that you trust`

/** Makes a sandbox. A wrong option is a problem of the user. */
const makeSandbox = (options: Sandbox.SandboxOptions) =>
  Effect.flatten(
    Effect.try({
      try: () => Sandbox.make(options),
      catch: (error) => {
        if (error instanceof RangeError) return new Problem(error.message)
        throw error
      }
    })
  )

const readyText = (origin: string, data: string | undefined): string =>
  [
    `listening on ${origin}`,
    "  page                 /",
    "  Sending              /sending/api/v1",
    "  Mailbox, Management  /app/api/v1",
    "  control              /__sandbox",
    `  keys                 ${Redacted.value(Sandbox.mailboxKey)}, ${Redacted.value(Sandbox.rootKey)}`,
    ...(data === undefined ? [] : [`  data                 ${data}`])
  ].join("\n")

/** What the command serves, and the program that it runs, which may be empty. */
interface Task {
  readonly options: CommandOptions
  readonly folder: DataFolder | undefined
  readonly command: ReadonlyArray<string>
}

/** Serves a sandbox. Succeeds with the exit code of the program that was to run, once that has ended. */
const program = ({ command, folder, options }: Task, stopSignal: () => NodeJS.Signals | undefined) =>
  Effect.gen(function* () {
    const { allowHost = [], allowOrigin, host, latency, port, rateLimit, rateWindow, seed } = options
    const faults = options.faults === undefined ? [] : yield* attempt(readFaults(options.faults))
    const allowedHosts = [...acceptedHosts(host), ...allowHost]
    const sandbox = yield* makeSandbox({
      allowedHosts,
      allowedOrigins: allowOrigin,
      faults,
      latency,
      limits: rateLimit,
      rateLimit: { window: rateWindow },
      seed
    })
    const data = folder === undefined ? undefined : yield* continueState(sandbox, folder, seed)
    const page = yield* attempt(loadPage())
    if (!isLoopbackHost(host)) yield* Console.error(openWarning(host))
    const { origin } = yield* serveOn({ host, port }, withPage(page, allowedHosts, sandbox.httpApp))
    yield* Console.log(readyText(origin, data))
    return yield* command.length === 0 ? Effect.never : runChild(command, origin, stopSignal)
  }).pipe(Effect.scoped, Effect.provide(logging(options.quiet === true)))

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

const serveUntilEnd = async (task: Task): Promise<void> => {
  let received: NodeJS.Signals | undefined
  // A terminal sends Ctrl+C to the program as well.
  const stopSignal = () => (received === "SIGINT" && process.stdin.isTTY ? undefined : received)
  // As a value, because a fiber that fails logs it.
  const fiber = Effect.runFork(Effect.either(program(task, stopSignal)))
  const stop = (signal: NodeJS.Signals) => {
    received = signal
    // A second signal ends the process as usual, in case something keeps it from ending.
    for (const signal of signals) process.off(signal, stop)
    Effect.runFork(Fiber.interrupt(fiber))
  }
  for (const signal of signals) process.on(signal, stop)
  const exit = await Effect.runPromise(Fiber.await(fiber))
  for (const signal of signals) process.off(signal, stop)
  if (Exit.isSuccess(exit)) {
    const code = Either.getOrThrowWith(exit.value, (problem) => problem)
    if (code !== 0) throw new ProgramEnd(code)
  } else if (!Cause.isInterruptedOnly(exit.cause)) throw Cause.squash(exit.cause)
}

/**
 * Serves a sandbox until the process receives a signal, or until the program that it runs has ended. Rejects with a `Problem`, or
 * with the exit code of the program if that is not 0.
 */
export const runSandbox = async (command: ReadonlyArray<string>, options: CommandOptions): Promise<void> => {
  const folder = options.data === undefined ? undefined : await openFolder(options.data)
  try {
    await serveUntilEnd({ command, folder, options })
  } finally {
    await folder?.close()
  }
}
