/**
 * Runs the demo with Effect 4.
 */
import { spawnSync } from "node:child_process"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { findNode } from "./node.mjs"
import { syncSources, syncTests } from "./sync.mjs"

const node = findNode()
if (node === undefined) {
  console.log(
    "SKIPPED: the demo with Effect 4 needs Node 22.19 or later, and npm installed none for this machine."
  )
} else {
  syncSources()
  syncTests()
  const { status } = spawnSync(node, ["--import", "tsx", "docs/examples/demo.ts", ...process.argv.slice(2)], {
    cwd: dirname(fileURLToPath(import.meta.url)),
    stdio: "inherit"
  })
  process.exitCode = status ?? 1
}
