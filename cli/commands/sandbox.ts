/**
 * `effect-sendmux sandbox`: serves a sandbox of the API.
 */
import type { Command } from "@commander-js/extra-typings"
import { durationRange, integer, listOf, rateLimits, secondOrMore } from "../support/values.js"

const examples = `
Examples:
  effect-sendmux sandbox                               serve on http://127.0.0.1:4700
  effect-sendmux sandbox --port 0 --seed 7             a free port, and the same ids in every run
  effect-sendmux sandbox --data .sandbox               keep messages, keys and everything else over restarts
  effect-sendmux sandbox --latency 50ms-300ms --faults faults.json
  effect-sendmux sandbox -- npm test                   run a program with it, and end with its exit code

The program has the URLs and the keys of the sandbox in the variables SENDMUX_SENDING_URL, SENDMUX_APP_URL (Mailbox and
Management), SENDMUX_SANDBOX_URL, SENDMUX_MAILBOX_API_KEY and SENDMUX_ROOT_API_KEY.

A file of faults is a JSON list such as
  [{ "operation": "sending.emails.send", "times": 2, "kind": { "_tag": "RateLimited", "retryAfter": 1 } }]`

/** The first operand before `--`, such as a misspelled option without its dashes. */
const operandBefore = (command: ReadonlyArray<string>, args: ReadonlyArray<string>): string | undefined => {
  const separator = args.indexOf("--")
  const allowed = separator < 0 ? 0 : args.length - separator - 1
  return command.length > allowed ? command[0] : undefined
}

export const addSandboxCommand = (program: Command, args: ReadonlyArray<string>): void => {
  program
    .command("sandbox")
    .description("Serve a sandbox of the API on this machine, without an account and without a network.")
    .helpOption("-h, --help", "print this text")
    .argument("[command...]", "a program to run with the sandbox, after --")
    .option("-p, --port <number>", "the port; 0 takes a free one", integer(0, 65_535), 4700)
    .option(
      "--host <name>",
      "the host name or address to listen on; any but a loopback one opens the sandbox to other machines",
      "127.0.0.1"
    )
    .option(
      "--allow-host <name>",
      "accept requests for this host name too, such as that of a container; may be repeated",
      listOf
    )
    .option(
      "--allow-origin <origin>",
      "let pages of this origin, such as https://app.example.com, use the API and the control; may be repeated",
      listOf
    )
    .option(
      "--seed <number>",
      "where the ids begin; the same seed gives the same ids; with the state of --data, they continue until a reset",
      integer(0, 2 ** 32 - 1)
    )
    .option(
      "--data <folder>",
      "keep the state in this folder, and continue from it; without it, the state ends with the process"
    )
    .option(
      "--rate-limit <limits>",
      "requests per key and window: a number, or limits such as sending=100,mailbox=50 (default: 1800, and 600 for management)",
      rateLimits
    )
    .option(
      "--rate-window <duration>",
      "the length of these windows, at least 1s (default: 1m)",
      secondOrMore
    )
    .option(
      "--latency <duration>",
      "delay every call to the API, by a duration such as 200ms or one from a range such as 50ms-300ms",
      durationRange
    )
    .option("--faults <file>", "inject the faults of this JSON file")
    .option("-q, --quiet", "do not print a line for each request")
    .addHelpText("after", examples)
    .action(async (command, options, self) => {
      const operand = operandBefore(command, args)
      if (operand !== undefined) {
        self.error(
          `error: unexpected argument '${operand}'; a program to run with the sandbox follows after --`
        )
      }
      const { runSandbox } = await import("../sandbox/run.js")
      await runSandbox(command, options)
    })
}
