/**
 * `effect-sendmux record`: writes what a program exchanges with the API to files, without secrets.
 */
import type { Command } from "@commander-js/extra-typings"
import { integer } from "../support/values.js"

const help = `
Let your program use the printed address instead of the API, with its own API key:
  http://127.0.0.1:4701/sending/api/v1   for https://smtp.sendmux.ai/api/v1
  http://127.0.0.1:4701/app/api/v1       for https://app.sendmux.ai/api/v1

The requests reach your account: what they send is sent, and what they delete is deleted. Compare the recording with the
sandbox by effect-sendmux compare.`

export const addRecordCommand = (program: Command): void => {
  program
    .command("record")
    .description(
      "Record what a program exchanges with the API, without secrets, to compare it with the sandbox."
    )
    .helpOption("-h, --help", "print this text")
    .requiredOption("--to <folder>", "the folder of the recording, which must be new or empty")
    .option("-p, --port <number>", "the port on 127.0.0.1; 0 takes a free one", integer(0, 65_535), 4701)
    .option(
      "--upstream <origin>",
      "forward requests to a server on this machine that has the paths of the sandbox, such as http://127.0.0.1:4700"
    )
    .option(
      "--keep-content",
      "write texts, email addresses and files as they are; secrets are still left out"
    )
    .option("-q, --quiet", "do not print a line for each request")
    .addHelpText("after", help)
    .action(async (options) => {
      const { runRecord } = await import("../record/run.js")
      await runRecord(options)
    })
}
