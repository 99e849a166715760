/** Every operation over HTTP, as a client without the SDK sees it. */
import { expect, it } from "vitest"
import { readFacts } from "../../contract/facts.js"
import { successProblems } from "../../support/rawResponses.js"
import { onSandbox } from "./plain.js"
import { findOperation } from "./find.js"
import { type Step, walk } from "./walk.js"

const documents = readFacts()

it(
  "responds to each of the 118 operations of a plain HTTP client as its documentation says",
  onSandbox(async (api) => {
    const steps: Array<Step> = []
    await walk(api, (step) => steps.push(step))
    const problems: Array<string> = []
    const called = new Set<string>()
    for (const { line, response, surface } of steps) {
      const document = findOperation(documents, surface, line)
      if (document === undefined) throw new Error(`no operation is documented for ${line}`)
      called.add(document.name)
      problems.push(...successProblems(document, response).map((problem) => `${document.name} ${problem}`))
    }
    expect(problems).toEqual([])
    expect(documents.operations).toHaveLength(118)
    expect(documents.operations.map(({ name }) => name).filter((name) => !called.has(name))).toEqual([])
  })
)
