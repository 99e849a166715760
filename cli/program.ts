/**
 * The program: its commands, and how it reports problems. A command is a file in `commands`.
 */
import { Command, CommanderError } from "@commander-js/extra-typings"
import { version } from "../src/internal/values/version.js"
import { addCompareCommand } from "./commands/compare.js"
import { addRecordCommand } from "./commands/record.js"
import { addSandboxCommand } from "./commands/sandbox.js"
import { oneLine, Problem, ProgramEnd } from "./support/problem.js"

/** The commands, in the order in which the help lists them. Each adds itself to the program that reads the arguments. */
const commands: ReadonlyArray<(program: Command, args: ReadonlyArray<string>) => void> = [
  addSandboxCommand,
  addRecordCommand,
  addCompareCommand
]

const makeProgram = (args: ReadonlyArray<string>): Command => {
  const program = new Command("effect-sendmux")
    .description("Tools for programs that use the email API Sendmux.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this text")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${oneLine(text)}\n`) })
  for (const add of commands) add(program, args)
  return program
}

/** The exit code of a command line that cannot be understood. */
const usageExitCode = 2

/** Runs the command that the arguments name. Returns the exit code of the process. */
export const runProgram = async (args: ReadonlyArray<string>): Promise<number> => {
  try {
    await makeProgram(args).parseAsync(args, { from: "user" })
    return 0
  } catch (error) {
    // Commander has printed what it throws.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode
    if (error instanceof ProgramEnd) return error.exitCode
    if (error instanceof Problem) {
      console.error(`error: ${oneLine(error.message)}`)
      return error.exitCode
    }
    throw error
  }
}
