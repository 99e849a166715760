/**
 * Runs the tests with Effect 4. Arguments are passed on: `npm run test:effect4 -- test/mailbox`.
 */
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { runWithEffect4 } from "./run.mjs"

const require = createRequire(import.meta.url)
const vitest = join(dirname(require.resolve("vitest/package.json")), "vitest.mjs")

runWithEffect4("the test run", vitest, "run", ...process.argv.slice(2))
