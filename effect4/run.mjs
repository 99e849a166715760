/**
 * Runs the tools of this folder, with the sources and tests brought up to date before.
 */
import { spawnSync } from "node:child_process"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { findNode } from "./node.mjs"
import { syncSources, syncTests } from "./sync.mjs"

/** Runs Node in this folder, and exits with its status. Without a Node that is new enough, says that `subject` is skipped. */
export const runWithEffect4 = (subject, ...args) => {
  const node = findNode()
  if (node === undefined) {
    console.log(
      `SKIPPED: ${subject} with Effect 4 needs Node 22.19 or later, and npm installed none for this machine.`
    )
    return
  }
  syncSources()
  syncTests()
  const cwd = dirname(fileURLToPath(import.meta.url))
  const { status } = spawnSync(node, args, { cwd, stdio: "inherit" })
  process.exitCode = status ?? 1
}
