/**
 * The example projects of `docs/examples/testing-*`: their tests pass, and their packages are those that this repository tests.
 */
import { execFile } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { root } from "../support/blocks.js"
import { chromiumPath } from "../support/chromium.js"

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")

const folders = readdirSync(join(root, "docs/examples")).filter((name) => name.startsWith("testing-"))

const packageOf = (...folder: ReadonlyArray<string>) =>
  JSON.parse(readFileSync(join(root, ...folder, "package.json"), "utf8"))

/** Runs the tests of a project, and returns the titles of those that passed. Rejects if one of them fails. */
const passed = async (folder: string): Promise<ReadonlyArray<string>> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      vitest,
      "run",
      "--root",
      join(root, "docs/examples", folder),
      "--config",
      join(root, "test/docs/projects/vitest.config.ts"),
      "--reporter",
      "json"
    ],
    { env: { ...process.env, CHROMIUM: chromiumPath } }
  )
  const { testResults } = JSON.parse(stdout)
  return testResults.flatMap(
    ({
      assertionResults
    }: {
      readonly assertionResults: ReadonlyArray<{ readonly status: string; readonly title: string }>
    }) => assertionResults.filter(({ status }) => status === "passed").map(({ title }) => title)
  )
}

it("the projects are those that the guides link", () => {
  expect(folders).toEqual(["testing-effect", "testing-playwright", "testing-vitest"])
  for (const guide of ["sandbox", "testing", "testing-kit"]) {
    const text = readFileSync(join(root, `docs/${guide}.md`), "utf8")
    for (const folder of folders) expect(text, guide).toContain(`(examples/${folder}/README.md)`)
  }
})

it.each(folders)("the project %s has the packages that this repository is tested with", (folder) => {
  const { devDependencies, peerDependencies } = packageOf()
  const project = packageOf("docs/examples", folder)
  const { "effect-sendmux": sdk, ...others } = { ...project.dependencies, ...project.devDependencies }
  expect(sdk).toMatch(/^\^\d+\.\d+\.\d+$/)
  for (const [name, range] of Object.entries(others)) {
    const tested: string = devDependencies[name] ?? peerDependencies[name]
    // The same major version, or the same minor version before 1.0.
    const line = (text: string) => /^\^(?:0\.\d+|[1-9]\d*)/.exec(text)?.[0]
    expect(line(String(range)), name).toBe(line(tested))
  }
})

it("the tests of the project testing-vitest pass", async () => {
  expect(await passed("testing-vitest")).toHaveLength(3)
})

it("the tests of the project testing-effect pass", async () => {
  expect(await passed("testing-effect")).toHaveLength(4)
})

it.skipIf(!existsSync(chromiumPath))(
  "the tests of the project testing-playwright pass (needs Chromium)",
  async () => {
    expect(await passed("testing-playwright")).toHaveLength(2)
  }
)
