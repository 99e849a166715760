/**
 * Runs the tests with Effect 4, whose test tools need Node 22.19 or later. An older Node runs them with the one from the
 * optional dependencies of this folder. Arguments are passed on: `npm run test:effect4 -- test/mailbox`.
 */
import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { syncSources, syncTests } from "./sync.mjs"

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)

const isNewEnough = (version) => {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number)
  return major > 22 || (major === 22 && minor >= 19)
}

/** The packages that contain a Node for this machine, of which at most one is installed. */
const packages = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]

const findNode = () => {
  if (isNewEnough(process.version)) return process.execPath
  for (const name of packages) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), "bin", "node")
    } catch {
      // The package is not for this machine.
    }
  }
  return undefined
}

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
