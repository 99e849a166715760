import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import ts from "typescript"
import { describe, expect, it } from "vitest"
import { errorCodes } from "../../src/internal/model/errorCodes.js"
import { root } from "../support/blocks.js"
import { patternOf } from "./emitted.js"

const guide = readFileSync(join(root, "docs/troubleshooting.md"), "utf8")

/** The texts of a file: literals, templates with `<>` for their parts, and pairs of texts that a call joins. */
interface SourceText {
  readonly file: string
  readonly text: string
  /** The function that is called with the text. */
  readonly callee: string | undefined
}

const literalOf = (node: ts.Node | undefined): string | undefined => {
  if (node === undefined) return undefined
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isTemplateExpression(node)) return undefined
  return node.head.text + node.templateSpans.map(({ literal }) => `<>${literal.text}`).join("")
}

const textsIn = (file: string): ReadonlyArray<SourceText> => {
  const found: Array<SourceText> = []
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
    true
  )
  const visit = (node: ts.Node): void => {
    const text = literalOf(node)
    if (text !== undefined) found.push({ file, text, callee: undefined })
    if (ts.isCallExpression(node)) {
      const texts = node.arguments.map(literalOf).filter((text) => text !== undefined)
      if (texts.length > 0) found.push({ file, text: texts.join(" "), callee: node.expression.getText() })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const sources = ["src", "cli", "effect4/src/internal/dialect"].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .flatMap((entry) => textsIn(relative(root, join(entry.parentPath, entry.name))))
)

const patterns = [...new Set(sources.map(({ text }) => text))]

/** The part of a message that is written in the sources, which a `<>` may surround. */
const coreOf = (message: string): string => patternOf(message).replace(/^(?:<>)?/, "")

const exists = (message: string): boolean => patterns.some((pattern) => pattern.includes(coreOf(message)))

/** Messages of npm, of Node, of Effect and of browsers. */
const foreign = new Set([
  "Cannot find package '@effect/platform'",
  "ERESOLVE unable to resolve dependency tree",
  "ERR_REQUIRE_ESM",
  "EBADENGINE Unsupported engine"
])

/** The rows of the tables that have a column with messages, by their section. */
const rows = guide.split(/^## /m).flatMap((section) => {
  const lines = section.split("\n")
  let column = -1
  return lines.flatMap((line) => {
    if (!line.startsWith("|")) return []
    const cells = line.split("|").map((cell) => cell.trim())
    if (cells.includes("What to do")) column = cells.indexOf("Message")
    if (column < 0 || cells.includes("What to do") || line.startsWith("|---")) return []
    return [{ section: lines[0] ?? "", message: cells[column] ?? "" }]
  })
})

/** The messages of the guide. */
const messages = rows.flatMap(({ message, section }) =>
  [...message.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => ({ section, text }))
)

const documented = messages.map(({ text }) => coreOf(text))

const isDocumented = (text: string): boolean => {
  const core = coreOf(text)
  return documented.some((known) => known.includes(core) || core.includes(known))
}

describe("the guide to error messages", () => {
  it("quotes only messages that the sources contain", () => {
    expect(messages.length).toBeGreaterThan(100)
    const missing = messages
      .filter(({ section }) => !section.startsWith("The program does not start"))
      .filter(({ text }) => !exists(text))
    expect(missing).toEqual([])
  })

  it("names the files and the types that report the wrong version of Effect", () => {
    const files = ["src", "effect4/src"].flatMap((folder) =>
      readdirSync(join(root, folder, "internal/dialect"))
    )
    for (const [, name = ""] of guide.matchAll(/`(with-effect-\d[\w-]+)\.js`/g)) {
      expect(files).toContain(`${name}.ts`)
    }
    for (const text of [...guide.matchAll(/`(Effect \d is installed\.[^`]+)`/g)].map(
      ([, text = ""]) => text
    )) {
      expect([text, patterns.some((pattern) => pattern.includes(text))]).toEqual([text, true])
    }
    for (const text of foreign) expect(guide).toContain(text)
  })

  it("has every problem of a layer's options", () => {
    const problems = sources.filter(
      ({ callee, file }) =>
        /^src\/internal\/pipeline\/(?:credentials|make)\.ts$/.test(file) && callee === "refuse"
    )
    expect(problems.length).toBeGreaterThan(8)
    expect(problems.map(({ text }) => text).filter((text) => !isDocumented(text))).toEqual([])
  })

  it("has every problem of arguments that is not one of a field", () => {
    const problems = sources.filter(
      ({ callee, file }) => file.startsWith("src/internal/request/") && callee === "refuse"
    )
    expect(problems.length).toBeGreaterThan(25)
    expect(problems.map(({ text }) => text).filter((text) => !isDocumented(text))).toEqual([])
  })

  it("has every code of the API", () => {
    const codes = [...guide.matchAll(/^\| `(\w+)` \| \d{3} \|/gm)].map(([, code]) => code)
    expect(codes.sort()).toEqual([...errorCodes].sort())
  })

  it("has every reason of a TransportError, and every description of one", () => {
    const reasons = new Set([...guide.matchAll(/^\| `(\w+)` \| `(?:The|No) /gm)].map(([, reason]) => reason))
    for (const reason of [
      "Network",
      "Timeout",
      "TruncatedBody",
      "TooLarge",
      "AccessToken",
      "LoginRequired"
    ]) {
      expect(reasons).toContain(reason)
    }
    const descriptions = sources
      .filter(({ callee, file, text }) =>
        callee === "transportError"
          ? text.includes(" ")
          : file === "src/internal/response/errors.ts" && /^The (?:connection|host|TLS|request) /.test(text)
      )
      .map(({ text, ...rest }) => ({ ...rest, text: text.replace(/^[A-Z]\w+ (?=[A-Z])/, "") }))
    expect(descriptions.length).toBeGreaterThan(6)
    expect(descriptions.map(({ text }) => text).filter((text) => !isDocumented(text))).toEqual([])
  })

  it("names only tags that errors have", () => {
    for (const [, tag = ""] of guide.matchAll(/^\| `([A-Z]\w+(?:Error|Stopped|Required))` \|/gm)) {
      expect([tag, patterns.includes(tag)]).toEqual([tag, true])
    }
  })
})
