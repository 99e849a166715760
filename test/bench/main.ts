/**
 * `npm run bench`: what the SDK costs beside other clients. `docs/benchmarks.md` explains how to read it.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { compile, resultsFile } from "./harness/build.js"
import { withServer } from "./harness/loopback.js"
import { type Options, parse } from "./options.js"
import { goalsTable } from "./report/goals.js"
import { describeMachine, load } from "./report/machine.js"
import { factsOf, markdown, type Results } from "./report/markdown.js"
import { sectionText, tableText } from "./report/terminal.js"
import { sections } from "./sections/index.js"
import type { TimedResult } from "./sections/section.js"

const runSections = (options: Options): Promise<Results["sections"]> =>
  withServer(async (origin) => {
    const results: Record<string, TimedResult> = {}
    for (const section of options.sections) {
      const start = performance.now()
      const measured = await section.run({ quick: options.quick, rounds: options.rounds, origin })
      const seconds = (performance.now() - start) / 1000
      const result = { ...measured, seconds }
      results[section.name] = result
      if (!options.quick) save(results, options)
      console.log(`${sectionText(section.title, result)}\n\n  Took ${seconds.toFixed(1)} s.\n`)
    }
    return results
  })

const loadBefore = load()

const toResults = (measured: Results["sections"], quick: boolean): Results => ({
  date: new Date().toISOString().slice(0, 10),
  quick,
  machine: describeMachine(loadBefore),
  sections: measured
})

const lastResults = (): Results | undefined => {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8"))
  } catch {
    return undefined
  }
}

/** Saves the results after each section, beside those that earlier runs have measured of the other sections. */
const save = (measured: Results["sections"], { quick }: Options): void => {
  const merged = toResults({ ...lastResults()?.sections, ...measured }, quick)
  writeFileSync(resultsFile, JSON.stringify(merged))
}

const run = async (options: Options): Promise<Results> => {
  await compile()
  const measured = await runSections(options)
  return options.quick ? toResults(measured, true) : (lastResults() ?? toResults(measured, false))
}

const rendered = (): Results => {
  const results = lastResults()
  if (results === undefined) throw new Error("--render needs a run first: npm run bench -- --write")
  return results
}

const main = async (): Promise<void> => {
  const options = parse(process.argv.slice(2), sections)
  const results = options.render ? rendered() : await run(options)
  const goals = goalsTable(factsOf(results.sections), results.quick)
  if (goals.rows.length > 0) console.log(`Goals\n\n${tableText(goals)}\n`)
  if (options.write === undefined) return
  writeFileSync(resolve(options.write), markdown(results))
  console.log(`Wrote ${options.write}`)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
