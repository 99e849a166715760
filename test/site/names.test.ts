import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { nameProblems, publicNames } from "../../site/content/names.js"

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "effect-sendmux-reference-"))
  mkdirSync(join(folder, "Sending"))
  writeFileSync(join(folder, "Sending", "EmailInput.md"), "# EmailInput\n")
  writeFileSync(join(folder, "Sending.md"), "- [CallOptions](effect-sendmux/CallOptions.md)\n")
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe("the check of the public names", () => {
  it("accepts a name with a page, and one that the page of its entry links to", () => {
    expect(nameProblems(new Map([["Sending", ["EmailInput", "CallOptions"]]]), folder)).toEqual([])
  })

  it("reports a name that the reference does not have", () => {
    expect(nameProblems(new Map([["Sending", ["SendResult"]]]), folder)).toEqual([
      "SendResult of the entry Sending is not in the reference"
    ])
  })

  it("finds the names of every entry, and leaves out those that are internal", { timeout: 300_000 }, () => {
    const names = publicNames()
    expect(names.get("index")).toContain("Sandbox")
    expect(names.get("Sending")).toEqual(expect.arrayContaining(["Sending", "EmailInput", "CallOptions"]))
    expect(names.get("Sending")).not.toContain("emailOperations")
    for (const [entry, exported] of names) expect(exported.length, entry).toBeGreaterThan(0)
  })
})
