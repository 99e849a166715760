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
import type { SectionResult } from "./sections/section.js"

const runSections = (options: Options): Promise<Results["sections"]> =>
  withServer(async (origin) => {
    const results: Record<string, SectionResult> = {}
    for (const section of options.sections) {
      const start = performance.now()
      const result = await section.run({ quick: options.quick, rounds: options.rounds, origin })
      results[section.name] = result
      const seconds = ((performance.now() - start) / 1000).toFixed(1)
      console.log(`${sectionText(section.title, result)}\n\n  Took ${seconds} s.\n`)
    }
    return results
  })

const run = async (options: Options): Promise<Results> => {
  const start = performance.now()
  const loadBefore = load()
  await compile()
  const results = await runSections(options)
  return {
    date: new Date().toISOString().slice(0, 10),
    quick: options.quick,
    minutes: (performance.now() - start) / 60_000,
    machine: describeMachine(loadBefore),
    sections: results
  }
}

const lastResults = (): Results => {
  try {
    return JSON.parse(readFileSync(resultsFile, "utf8"))
  } catch {
    throw new Error("--render needs a complete run first: npm run bench -- --write")
  }
}

const main = async (): Promise<void> => {
  const options = parse(process.argv.slice(2), sections)
  const results = options.render ? lastResults() : await run(options)
  const goals = goalsTable(factsOf(results.sections), results.quick)
  if (goals.rows.length > 0) console.log(`Goals\n\n${tableText(goals)}\n`)
  if (options.write === undefined) return
  if (!options.render && !options.quick) writeFileSync(resultsFile, JSON.stringify(results))
  writeFileSync(resolve(options.write), markdown(results))
  console.log(`Wrote ${options.write}`)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
