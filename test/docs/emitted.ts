/** What the sources emit: the metrics, the attributes of spans and the messages of logs, as the guide on observability lists them. */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import ts from "typescript"
import { root } from "../support/blocks.js"

const sourceFiles = (): ReadonlyArray<ts.SourceFile> =>
  readdirSync(join(root, "src"), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) =>
      ts.createSourceFile(relative(root, path), readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true)
    )

const files = sourceFiles()

const callsIn = (file: ts.SourceFile): ReadonlyArray<ts.CallExpression> => {
  const calls: Array<ts.CallExpression> = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) calls.push(node)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return calls
}

/** Calls of the functions of the sources, by the name of the function. */
const callsOf = (isMeant: (callee: string) => boolean) =>
  files.flatMap((file) => callsIn(file).filter(({ expression }) => isMeant(expression.getText())))

/** A text whose parts that change are `<>`. */
export const patternOf = (text: string): string => text.replace(/<[^<>]*>/g, "<>")

const textIn = (node: ts.Expression | undefined): string | undefined => {
  if (node === undefined) return undefined
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isTemplateExpression(node)) return undefined
  return node.head.text + node.templateSpans.map(({ literal }) => `<>${literal.text}`).join("")
}

// -----------------------------------------------------------------------------
// metrics
// -----------------------------------------------------------------------------

export interface EmittedMetric {
  readonly name: string
  readonly type: string
  readonly labels: ReadonlyArray<string>
}

/** The keys of an object, or of the object that a constant of the file holds. */
const keysIn = (node: ts.Expression | undefined): ReadonlyArray<string> => {
  if (node === undefined) return []
  if (ts.isObjectLiteralExpression(node)) return node.properties.map(({ name }) => name?.getText() ?? "")
  const declared = new RegExp(`const ${node.getText()} = \\{ ([\\w, ]+) \\}`).exec(node.getSourceFile().text)
  return declared?.[1]?.split(", ") ?? []
}

/** The metrics that the sources define. */
export const emittedMetrics = (): ReadonlyArray<EmittedMetric> =>
  callsOf((callee) => callee === "counter" || callee === "durationHistogram").flatMap((call) => {
    const [name, , labels] = call.arguments
    const text = textIn(name)
    const type = call.expression.getText() === "counter" ? "counter" : "histogram"
    return text === undefined ? [] : [{ name: text, type, labels: keysIn(labels) }]
  })

// -----------------------------------------------------------------------------
// spans
// -----------------------------------------------------------------------------

/** The attributes of spans that the sources set. */
export const emittedAttributes = (): ReadonlySet<string> =>
  new Set(
    files
      .filter(({ fileName }) => fileName.startsWith("src/internal/pipeline"))
      .flatMap(({ text }) =>
        [...text.matchAll(/"((?:sendmux|http)\.[a-z_.]+)"/g)].map(([, name = ""]) => name)
      )
  )

// -----------------------------------------------------------------------------
// logs
// -----------------------------------------------------------------------------

export interface EmittedLog {
  readonly level: string
  readonly message: string
}

/** The levels of a logging function: of a function of Effect, or of a constant that is one of two of them. */
const levelsOf = (call: ts.CallExpression): ReadonlyArray<string> => {
  const callee = call.expression.getText()
  const direct = /^Effect\.log(\w+)$/.exec(callee)?.[1]
  if (direct !== undefined) return [direct]
  const before = call.getSourceFile().text.slice(0, call.getStart())
  const declared = before.slice(before.lastIndexOf(`const ${callee} = `))
  return [...declared.matchAll(/Effect\.log(\w+)/g)].slice(0, 2).map(([, level = ""]) => level)
}

/** The messages that are not written where they are logged, by the file that logs them. */
const computed: Readonly<Record<string, string>> = {
  "src/bulk/chunk.ts": "The ledger failed to <>: <>",
  "src/webhooks/eventQueue.ts": "The store of handled events failed (<>): <>",
  "src/sandbox/http/served.ts": "<> <> <> <>"
}

/** The messages that the sources log. */
export const emittedLogs = (): ReadonlyArray<EmittedLog> =>
  callsOf((callee) => callee === "log" || /^Effect\.log[A-Z]/.test(callee)).flatMap((call) => {
    const file = call.getSourceFile().fileName
    const message = textIn(call.arguments[0]) ?? computed[file] ?? `a message that ${file} computes`
    return levelsOf(call).map((level) => ({ level, message }))
  })
