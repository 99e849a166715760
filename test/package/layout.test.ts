import { readdirSync, readFileSync } from "node:fs"
import { join, posix } from "node:path"
import ts from "typescript"
import { describe, expect, it } from "vitest"
import { root } from "../support/blocks.js"

/** The folders of `src/internal`, lowest first: a layer may import itself and the layers before it. */
const internalLayers = [
  "values",
  "dialect",
  "schema",
  "model",
  "operation",
  "request",
  "response",
  "timing",
  "pipeline",
  "methods"
]

const resources = [
  "core",
  "bulk",
  "sending",
  "mailbox",
  "management",
  "webhooks",
  "sandbox",
  "ratelimit",
  "body",
  "testing",
  "oauth"
]

const maxLines = 450

/** Imports that break the layer order for a stated reason: "importer -> imported" to the reason. */
const allowedImports: Readonly<Record<string, string>> = {}

/** Files that may be longer than the limit, each with the reason. */
const allowedLength: Readonly<Record<string, string>> = {}

/** Cycles that are accepted, written as `findCycles` reports them, each with the reason. */
const allowedCycles: Readonly<Record<string, string>> = {}

/** An import graph: each file, relative to `src`, with the files it imports. */
type Graph = Readonly<Record<string, ReadonlyArray<string>>>

/** The relative modules that a source imports, as paths relative to `src`. Imports of types count too. */
const importsOf = (file: string, text: string): ReadonlyArray<string> => {
  const imports = ts
    .preProcessFile(text)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => posix.join(posix.dirname(file), fileName).replace(/\.js$/, ".ts"))
  return [...new Set(imports)]
}

/** The position of a file in the layer order, or `undefined` for a file that has none. */
const levelOf = (file: string): number | undefined => {
  const [first = "", second = "", third] = file.split("/")
  if (first === "internal") {
    const level = internalLayers.indexOf(second)
    return level < 0 || third === undefined ? undefined : level
  }
  if (second === "") return internalLayers.length + 1
  return resources.includes(first) ? internalLayers.length : undefined
}

const findUnplaced = (graph: Graph): ReadonlyArray<string> =>
  Object.keys(graph).filter((file) => levelOf(file) === undefined)

const findUpwardImports = (graph: Graph): ReadonlyArray<string> =>
  Object.entries(graph).flatMap(([file, imports]) =>
    imports
      .filter((imported) => (levelOf(imported) ?? 0) > (levelOf(file) ?? 0))
      .map((imported) => `${file} -> ${imported}`)
  )

const findEscapes = (graph: Graph): ReadonlyArray<string> =>
  Object.entries(graph).flatMap(([file, imports]) =>
    file.startsWith("internal/")
      ? imports
          .filter((imported) => !imported.startsWith("internal/"))
          .map((imported) => `${file} -> ${imported}`)
      : []
  )

/** Every cycle that a depth-first walk meets, each written from its alphabetically first file. */
const findCycles = (graph: Graph): ReadonlyArray<string> => {
  const cycles = new Set<string>()
  const finished = new Set<string>()
  const path: Array<string> = []
  const visit = (file: string): void => {
    const start = path.indexOf(file)
    if (start >= 0) {
      const cycle = path.slice(start)
      const first = cycle.indexOf([...cycle].sort()[0] ?? file)
      cycles.add([...cycle.slice(first), ...cycle.slice(0, first + 1)].join(" -> "))
      return
    }
    if (finished.has(file)) return
    path.push(file)
    for (const imported of graph[file] ?? []) visit(imported)
    path.pop()
    finished.add(file)
  }
  for (const file of Object.keys(graph)) visit(file)
  return [...cycles].sort()
}

const sources: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(join(root, "src"), { recursive: true })
    .map((file) => String(file).replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => [file, readFileSync(join(root, "src", file), "utf8")])
)

const graph: Graph = Object.fromEntries(
  Object.entries(sources).map(([file, text]) => [file, importsOf(file, text)])
)

const without = (found: ReadonlyArray<string>, allowed: Readonly<Record<string, string>>) =>
  found.filter((name) => !(name in allowed))

describe("the layout of src", () => {
  it("resolves every relative import to a file of src", () => {
    expect(Object.keys(graph).length).toBeGreaterThan(100)
    const unresolved = Object.entries(graph).flatMap(([file, imports]) =>
      imports.filter((imported) => !(imported in graph)).map((imported) => `${file} -> ${imported}`)
    )
    expect(unresolved).toEqual([])
  })

  it("places every file in a layer: a folder of src/internal, a resource folder, or an entry", () => {
    expect(findUnplaced(graph)).toEqual([])
  })

  it("has no import cycles between files", () => {
    expect(without(findCycles(graph), allowedCycles)).toEqual([])
  })

  it("imports nothing from outside src/internal in src/internal", () => {
    expect(findEscapes(graph)).toEqual([])
  })

  it("imports only from the same layer or from a lower one", () => {
    expect(without(findUpwardImports(graph), allowedImports)).toEqual([])
  })

  it(`has no file of more than ${maxLines} lines`, () => {
    const long = Object.entries(sources)
      .filter(([, text]) => text.split("\n").length - 1 > maxLines)
      .map(([file]) => file)
    expect(without(long, allowedLength)).toEqual([])
  })

  it("lists no exception that the sources no longer need", () => {
    const upward = findUpwardImports(graph)
    const cycles = findCycles(graph)
    const lines = (file: string) => (sources[file] ?? "").split("\n").length - 1
    expect(Object.keys(allowedImports).filter((name) => !upward.includes(name))).toEqual([])
    expect(Object.keys(allowedCycles).filter((name) => !cycles.includes(name))).toEqual([])
    expect(Object.keys(allowedLength).filter((file) => lines(file) <= maxLines)).toEqual([])
  })
})

describe("the checks of the layout", () => {
  it("finds a cycle, whichever file it is entered from", () => {
    const cyclic: Graph = { "b.ts": ["a.ts"], "a.ts": ["c.ts"], "c.ts": ["b.ts"], "d.ts": ["c.ts"] }
    expect(findCycles(cyclic)).toEqual(["a.ts -> c.ts -> b.ts -> a.ts"])
    expect(findCycles({ "a.ts": ["b.ts", "c.ts"], "b.ts": ["c.ts"], "c.ts": [] })).toEqual([])
  })

  it("finds an import of a higher layer", () => {
    expect(
      findUpwardImports({
        "internal/model/call.ts": ["internal/pipeline/run.ts", "internal/values/json.ts"],
        "mailbox/folders.ts": ["Mailbox.ts", "internal/methods/methods.ts"],
        "Mailbox.ts": ["mailbox/folders.ts"]
      })
    ).toEqual(["internal/model/call.ts -> internal/pipeline/run.ts", "mailbox/folders.ts -> Mailbox.ts"])
  })

  it("finds an import from outside src/internal, and a file that has no layer", () => {
    expect(findEscapes({ "internal/timing/retry.ts": ["Retry.ts"] })).toEqual([
      "internal/timing/retry.ts -> Retry.ts"
    ])
    expect(
      findUnplaced({ "internal/odd.ts": [], "internal/other/odd.ts": [], "extra/odd.ts": [] })
    ).toHaveLength(3)
  })

  it("reads imports of values and types, re-exports and dynamic imports", () => {
    const text = `
      import type { A } from "./a.js"
      import * as B from "../b.js"
      export * from "./c.js"
      export { d } from "../internal/d.js"
      const e = await import("./e.js")
      type F = import("./f.js").F
      import * as Effect from "effect/Effect"`
    expect([...importsOf("mailbox/x.ts", text)].sort()).toEqual([
      "b.ts",
      "internal/d.ts",
      "mailbox/a.ts",
      "mailbox/c.ts",
      "mailbox/e.ts",
      "mailbox/f.ts"
    ])
  })
})
