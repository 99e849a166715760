/**
 * Runs the demo with Effect 4.
 */
import { runWithEffect4 } from "./run.mjs"

runWithEffect4("the demo", "--import", "tsx", "docs/examples/demo.ts", ...process.argv.slice(2))
