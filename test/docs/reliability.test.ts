import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../support/blocks.js"

const rows = readFileSync(join(root, "docs/reliability.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const match = /\| `(test\/[^`]+)`: (.+) \|$/.exec(line)
    return match === null ? [] : [{ file: match[1] ?? "", title: match[2] ?? "" }]
  })

describe("the promises of docs/reliability.md", () => {
  it("each name a test", () => {
    expect(rows.length).toBeGreaterThan(20)
  })

  for (const { file, title } of rows) {
    it(`name a test of ${file} that exists: ${title}`, () => {
      expect(readFileSync(join(root, file), "utf8")).toContain(title)
    })
  }
})
