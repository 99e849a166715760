import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import ts from "typescript"
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { type Block, docstringBlocks, guideBlocks, root } from "../support/blocks.js"

const folder = join(root, "test/.blocks")
const guides = guideBlocks()
const docstrings = docstringBlocks()

const fileOf = ({ place }: Block): string => join(folder, `${place.replace(/[^\w]+/g, "-")}.ts`)

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const block of [...guides, ...docstrings]) writeFileSync(fileOf(block), `${block.code}\nexport {}\n`)
})

const compile = (blocks: ReadonlyArray<Block>): ReadonlyArray<string> => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram(blocks.map(fileOf), {
    ...options,
    incremental: false,
    noUnusedLocals: false,
    noUnusedParameters: false
  })
  const places = new Map(blocks.map((block) => [fileOf(block), block.place]))
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText, start }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1
    const place = places.get(file?.fileName ?? "") ?? file?.fileName ?? ""
    return `${place}, line ${line} of the block: ${ts.flattenDiagnosticMessageText(messageText, " ")}`
  })
}

describe("the code blocks of the documentation", () => {
  it("are found in guides and docstrings", () => {
    expect(guides.length).toBeGreaterThan(10)
    expect(docstrings.length).toBeGreaterThan(3)
  })

  it("compile", { timeout: 300_000 }, () => {
    expect(compile([...guides, ...docstrings])).toEqual([])
  })

  describe("run", () => {
    afterEach(() => {
      vi.restoreAllMocks()
    })

    for (const block of guides) {
      it(`runs ${block.place}${block.output === undefined ? "" : " and prints its documented output"}`, async () => {
        const lines: Array<string> = []
        const print = (...values: ReadonlyArray<unknown>) => {
          lines.push(
            values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" ")
          )
        }
        vi.spyOn(console, "log").mockImplementation(print)
        vi.spyOn(console, "error").mockImplementation(print)
        vi.spyOn(globalThis, "fetch").mockRejectedValue(
          new Error("The documentation must not use the network")
        )
        await import(pathToFileURL(fileOf(block)).href)
        // The lines of Effect's logger, such as about a retry, are not part of the documented output.
        const printed = lines.filter((line) => !/^(?:timestamp=|\[\d\d:)/.test(line))
        if (block.output !== undefined) expect(printed.join("\n")).toBe(block.output.trimEnd())
      })
    }
  })
})
