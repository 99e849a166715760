import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../support/blocks.js"
import { packages } from "./install.mjs"
import { runtimes } from "./runtimes.js"

const guide = readFileSync(join(root, "docs", "runtimes.md"), "utf8")

const matrix = guide
  .slice(guide.indexOf("## Matrix"), guide.indexOf("## Probes"))
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| Runtime"))

describe("the guide of the runtimes", () => {
  it("names each package of a runtime with its pinned version", () => {
    for (const { package: name, version } of Object.values(packages)) {
      const rows = matrix.filter((row) => row.includes(`| ${version} | \`${name}\` |`))
      expect(rows, `${name}@${version}`).toHaveLength(1)
    }
  })

  it("has a row for each runtime of the probe, and no other", () => {
    expect(matrix).toHaveLength(runtimes.length)
    for (const { title } of runtimes) {
      expect(
        matrix.filter((row) => row.includes(title)),
        title
      ).toHaveLength(1)
    }
  })

  it("describes each probe", () => {
    const source = readFileSync(join(root, "test", "runtimes", "program", "probes.ts"), "utf8")
    const table = source.slice(source.indexOf("const probes:"), source.indexOf("const surfaces"))
    const names = [...table.matchAll(/^ {2}"?([a-z ]+)"?(?:: \w+)?,?$/gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThanOrEqual(9)
    for (const name of names) expect(guide).toContain(`| \`${name}\` |`)
  })
})
