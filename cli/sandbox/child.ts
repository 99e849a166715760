/**
 * Runs another program while the sandbox is served.
 */
import { spawn } from "node:child_process"
import { constants } from "node:os"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Sandbox from "../../src/Sandbox.js"
import { codeOf, Problem, reasonOf } from "../support/problem.js"

/** Variables that could lead the program to the API itself, with a credential of its user. */
const removed = ["SENDMUX_API_KEY", "SENDMUX_ACCESS_TOKEN", "SENDMUX_MAILBOX_ID"]

/** The environment of the program: that of this process, with the URLs and the keys of the sandbox. */
const environment = (origin: string): NodeJS.ProcessEnv => {
  const variables: NodeJS.ProcessEnv = {
    ...process.env,
    SENDMUX_MAILBOX_API_KEY: Redacted.value(Sandbox.mailboxKey),
    SENDMUX_ROOT_API_KEY: Redacted.value(Sandbox.rootKey),
    SENDMUX_SENDING_URL: `${origin}/sending/api/v1`,
    SENDMUX_APP_URL: `${origin}/app/api/v1`,
    SENDMUX_SANDBOX_URL: origin
  }
  for (const name of removed) delete variables[name]
  return variables
}

/** The exit code that shells use for a program that was ended by a signal. */
const codeOfSignal = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]

const startProblem = (name: string, error: unknown): Problem =>
  new Problem(
    `cannot run ${name}: ${codeOf(error) === "ENOENT" ? "there is no such program" : reasonOf(error)}`,
    127
  )

/**
 * Runs a program, and succeeds with its exit code. An interruption sends `stopSignal()` to the program, unless that is
 * `undefined`, and waits until it has ended. Fails if the program cannot be started.
 */
export const runChild = (
  [name = "", ...args]: ReadonlyArray<string>,
  origin: string,
  stopSignal: () => NodeJS.Signals | undefined
): Effect.Effect<number, Problem> =>
  Effect.async((resume) => {
    const child = spawn(name, args, {
      env: environment(origin),
      stdio: "inherit",
      // The programs that npm installs are scripts there, which only a shell can start.
      shell: process.platform === "win32"
    })
    child.once("error", (error) => resume(Effect.fail(startProblem(name, error))))
    child.once("exit", (code, signal) =>
      resume(Effect.succeed(code ?? (signal === null ? 1 : codeOfSignal(signal))))
    )
    return Effect.async<void>((ended) => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
        ended(Effect.void)
        return
      }
      child.once("exit", () => ended(Effect.void))
      const signal = stopSignal()
      if (signal !== undefined) child.kill(signal)
    })
  })
