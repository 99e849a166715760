/**
 * `effect-sendmux compare`: replays a recording against the sandbox, and lists the differences.
 */
import type { Command } from "@commander-js/extra-typings"

const help = `
The exit code is 0 without differences, and 1 with differences or if the recording cannot be read.`

export const addCompareCommand = (program: Command): void => {
  program
    .command("compare")
    .description("Replay a recording against a new sandbox, and list where its responses differ.")
    .helpOption("-h, --help", "print this text")
    .argument("<folder>", "the folder that effect-sendmux record has written")
    .option("--json", "print the result as JSON")
    .addHelpText("after", help)
    .action(async (folder, options) => {
      const { runCompare } = await import("../compare/run.js")
      await runCompare(folder, options)
    })
}
