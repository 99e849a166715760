/**
 * `docs/sandbox.md`: its examples are files, and its tables name every option.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Command } from "@commander-js/extra-typings"
import ts from "typescript"
import { describe, expect, it } from "vitest"
import { addSandboxCommand } from "../../cli/commands/sandbox.js"
import { root } from "../support/blocks.js"

const guide = readFileSync(join(root, "docs/sandbox.md"), "utf8")
const folder = join(root, "docs/examples/sandbox")

/** The text of the section with a heading. */
const section = (heading: string): string => {
  const [, text = ""] = guide.split(`\n## ${heading}\n`)
  return text.split("\n## ")[0] ?? ""
}

/** The names in the first column of the table of a section. */
const firstColumn = (heading: string): ReadonlyArray<string> =>
  Array.from(section(heading).matchAll(/^\| (`.*?) \|/gm), ({ 1: cell = "" }) => cell).flatMap((cell) =>
    Array.from(cell.matchAll(/`([^`]+)`/g), ({ 1: name = "" }) => name)
  )

/** The names of the properties of an interface of a file. */
const propertiesOf = (file: string, name: string): ReadonlyArray<string> => {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.ES2022)
  return source.statements.flatMap((statement) =>
    ts.isInterfaceDeclaration(statement) && statement.name.text === name
      ? statement.members.flatMap((member) =>
          member.name !== undefined && ts.isIdentifier(member.name) ? [member.name.text] : []
        )
      : []
  )
}

describe("docs/sandbox.md", () => {
  it("quotes every example of docs/examples/sandbox as it is, and has no other program in its languages", () => {
    const quoted = Array.from(
      guide.matchAll(/^```(?:sh|python|go) (\S+)\n([\s\S]*?)^```$/gm),
      ({ 1: name = "", 2: text = "" }) => [name, text] as const
    )
    expect(quoted.map(([name]) => name).sort()).toEqual(readdirSync(folder).sort())
    for (const [name, text] of quoted) expect(text, name).toBe(readFileSync(join(folder, name), "utf8"))
    const others = Array.from(
      guide.matchAll(/^```(?:sh|python|go)\n([\s\S]*?)^```$/gm),
      ({ 1: text }) => text
    )
    for (const text of others) expect(text).toMatch(/^npx effect-sendmux sandbox(?: .*)?\n$/)
  })

  it("lists every option of the layer, and no other", () => {
    const options = propertiesOf("src/Sandbox.ts", "SandboxOptions")
    expect(options.length).toBeGreaterThan(10)
    expect([...firstColumn("The options of the layer")].sort()).toEqual([...options].sort())
  })

  it("lists every option of the command line with its argument, and no other", () => {
    const program = new Command()
    addSandboxCommand(program, [])
    const [command] = program.commands
    const flags = (command?.options ?? []).map(({ flags }) => flags.replace(/^-\w, /, ""))
    expect(flags.length).toBeGreaterThan(8)
    expect([...firstColumn("The command line")].sort()).toEqual([...flags].sort())
  })

  it("has no behavior twice in the list of what the documents do not say", () => {
    const items = Array.from(
      section("Where the documents are silent").matchAll(/^- (.+)$/gm),
      ({ 1: text = "" }) => text
    )
    expect(items.length).toBeGreaterThan(40)
    expect(new Set(items).size).toBe(items.length)
  })
})
