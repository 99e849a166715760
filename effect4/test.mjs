/**
 * Runs the tests with Effect 4. Arguments are passed on: `npm run test:effect4 -- test/mailbox`.
 */
import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { findNode } from "./node.mjs"
import { syncSources, syncTests } from "./sync.mjs"

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)

const node = findNode()
if (node === undefined) {
  console.log(
    "SKIPPED: the tests with Effect 4 need Node 22.19 or later, and npm installed none for this machine."
  )
} else {
  syncSources()
  syncTests()
  const vitest = join(dirname(require.resolve("vitest/package.json")), "vitest.mjs")
  const { status } = spawnSync(node, [vitest, "run", ...process.argv.slice(2)], {
    cwd: here,
    stdio: "inherit"
  })
  process.exitCode = status ?? 1
}
