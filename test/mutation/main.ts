/**
 * Measures the tests: changes the sources of a group in one place at a time, and runs the tests that cover the place.
 *
 *     npm run mutation -- <group> ... [--concurrency <n>] [--survivors] [--mutate <file:line-line> --force]
 *
 * A run is incremental: a mutant is tested again only if its code has changed, if the test that killed it is gone, or if
 * another test covers it. Code that runs when a module is loaded has no tests that cover it: use `--survivors` to test
 * all mutants that survived again.
 */
import { existsSync } from "node:fs"
import { parseArgs } from "node:util"
import { Stryker } from "@stryker-mutator/core"
import { groups } from "./groups.js"
import { placesOfSurvivors, resultOf } from "./results.js"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    concurrency: { type: "string", default: "2" },
    mutate: { type: "string", multiple: true },
    force: { type: "boolean", default: false },
    survivors: { type: "boolean", default: false }
  }
})

const names = positionals.length === 0 ? Object.keys(groups) : positionals
const unknown = names.filter((name) => groups[name] === undefined)
if (unknown.length > 0) {
  throw new Error(`Unknown groups: ${unknown.join(", ")}. Use ${Object.keys(groups).join(", ")}`)
}

for (const name of names) {
  const mutate = values.mutate ?? (values.survivors ? placesOfSurvivors(name) : (groups[name]?.mutate ?? []))
  process.env["MUTATION_GROUP"] = name
  if (!existsSync(resultOf(name))) console.log(`${name}: no earlier result, all mutants are tested`)
  await new Stryker({
    mutate: [...mutate],
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
    coverageAnalysis: "perTest",
    concurrency: Number(values.concurrency),
    incremental: true,
    incrementalFile: resultOf(name),
    force: values.force || values.survivors,
    reporters: ["clear-text", "progress-append-only"],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
    ignorePatterns: ["docs", "test/bench", "test/contract"],
    // For loops without an end, which no limit of the test runner stops.
    timeoutMS: 10_000
  }).runMutationTest()
}
