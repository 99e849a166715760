import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, it } from "vitest"

/**
 * The names of Effect that sources outside the dialect may use, because they mean the same in Effect 3 and 4. Look a
 * name up in both versions before adding it here.
 */
const shared: Readonly<Record<string, string>> = {
  BigDecimal: "BigDecimal isBigDecimal make",
  Config: "Config",
  DateTime: "DateTime Utc formatIso isDateTime toEpochMillis",
  Duration: "Duration days hours infinity millis minutes seconds toMillis toSeconds zero",
  Effect: `Effect acquireRelease all andThen as asVoid catchIf catchTag catchTags die exit fail filterOrFail flatMap
    flip forEach forever gen ignore interrupt interruptible isEffect logDebug logError logInfo logTrace logWarning map mapBoth
    mapError match matchEffect never onExit option orDie promise provide provideService runPromise retry scoped sleep succeed
    suspend sync tap tapError try tryPromise uninterruptible uninterruptibleMask void withSpan`,
  Exit: "failCause Exit fail isFailure isSuccess succeed",
  Function: "constVoid dual identity pipe",
  Layer: "Layer effect empty merge mergeAll provide provideMerge succeed sync",
  Option: "Option getOrElse getOrUndefined isNone isSome map match none some toArray",
  Redacted: "Redacted isRedacted make value",
  Ref: "Ref get make modify set update",
  Schedule: "Schedule recurs",
  Schema:
    "Array Boolean Null NullOr Number Schema String Struct TaggedError Undefined UndefinedOr Unknown is",
  Scope: "Scope",
  Stream: `Stream concat drain empty fail filter flatMap fromEffect fromIterable make map mapEffect mapError merge
    never runDrain runForEach runHead succeed suspend take tap`
}

const root = new URL("../../src/", import.meta.url)

/** Returns whether a file may differ between the major versions of Effect. */
const isDialect = (file: string) => /^internal\/dialect\//.test(file)

/** Returns whether an entry is documented to run on Node only. */
const isForNode = (file: string) => /^bin\//.test(file) || /^Files\w*\.ts$/.test(file)

interface Use {
  readonly module: string
  /** `undefined` for the module itself. */
  readonly member: string | undefined
  readonly line: number
}

/** Returns every module that a source imports, and every member of Effect's namespaces that it uses. */
const usesOf = (name: string, text: string): ReadonlyArray<Use> => {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
  const namespaces = new Map<string, string>()
  const uses: Array<Use> = []
  const add = (node: ts.Node, module: string, member?: string) =>
    uses.push({ module, member, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 })
  const imported = (node: ts.Node, module: string, names: ts.Node | undefined) => {
    add(node, module)
    if (names === undefined) return
    if (ts.isNamespaceImport(names)) namespaces.set(names.name.text, module)
    else if (ts.isNamespaceExport(names)) add(names, module, "*")
    else if (ts.isNamedImports(names) || ts.isNamedExports(names)) {
      for (const { name, propertyName } of names.elements) add(name, module, (propertyName ?? name).text)
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      if (node.importClause?.name !== undefined) add(node, node.moduleSpecifier.text, "default")
      imported(node, node.moduleSpecifier.text, node.importClause?.namedBindings)
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      imported(node, node.moduleSpecifier.text, node.exportClause)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      if (argument !== undefined && ts.isStringLiteral(argument)) add(node, argument.text)
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) add(node, node.argument.literal.text)
    } else if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const module = namespaces.get(node.expression.text)
      if (module !== undefined) add(node, module, node.name.text)
    } else if (ts.isQualifiedName(node) && ts.isIdentifier(node.left)) {
      const module = namespaces.get(node.left.text)
      if (module !== undefined) add(node, module, node.right.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return uses
}

/** Describes the problem of a use and how to fix it. */
const problemOf = (file: string, { member, module }: Use): string | undefined => {
  if (/^(effect|@effect\/[\w-]+)$/.test(module)) {
    return `import from "${module}/..." instead of the barrel "${module}", which doubles the size of a bundle`
  }
  if (module.startsWith("node:") || module.startsWith("@effect/platform-")) {
    return isForNode(file) || (isDialect(file) && module.startsWith("@effect/"))
      ? undefined
      : `${module} runs on one runtime only: it belongs in src/bin or in an entry for files`
  }
  if (isDialect(file)) return undefined
  if (module.startsWith("@effect/")) {
    return `${module} is gone in Effect 4: use it only in src/internal/dialect, and export a wrapper with its own name`
  }
  if (!module.startsWith("effect/")) return undefined
  const namespace = module.slice("effect/".length)
  const members = shared[namespace]?.split(/\s+/)
  if (members === undefined) {
    return `effect/${namespace} is not shared by Effect 3 and 4: use it only in src/internal/dialect, and export a wrapper with its own name`
  }
  return member === undefined || members.includes(member)
    ? undefined
    : `${namespace}.${member} is not on the list of names that Effect 3 and 4 share: add a helper to src/internal/dialect, or add the name to the list in this test if it means the same in both`
}

/** Uses that no import shows: members of values, and type arguments whose number differs. */
const spellings: ReadonlyArray<readonly [pattern: RegExp, advice: string]> = [
  [
    /\bSchema\.Schema<[^<>]*,/,
    "Schema.Schema has one type argument in Effect 4: use the Codec of the dialect"
  ],
  [
    /\.epoch(?:Millis|Milliseconds)\b/,
    "the property has another name in Effect 4: use DateTime.toEpochMillis"
  ],
  [
    /\bdisable(?:Validation|Checks)\b/,
    "the option has another name in Effect 4: use `unchecked` of the dialect"
  ],
  [
    /\bSchema\.TaggedError</,
    "its instances have another name in Effect 4: use the TaggedError of the dialect"
  ],
  [/\bEffect\.gen\(this\b/, "Effect 4 takes `{ self: this }`: use `pipe` or a constant"],
  [/\.annotations?\(|\.annotate\(/, "the method has another name in Effect 4: use `described` of the dialect"]
]

const problemsOf = (file: string, text: string): ReadonlyArray<string> => [
  ...usesOf(file, text).flatMap((use) => {
    const problem = problemOf(file, use)
    return problem === undefined ? [] : [`src/${file}:${use.line} ${problem}`]
  }),
  ...(isDialect(file)
    ? []
    : text.split("\n").flatMap((line, index) => {
        const code = line.replace(/^\s*(?:\*|\/[/*]).*/, "")
        return spellings.flatMap(([pattern, advice]) =>
          pattern.test(code) ? [`src/${file}:${index + 1} ${advice}`] : []
        )
      }))
]

const files = readdirSync(root, { recursive: true })
  .map((file) => String(file).replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"))

describe("the sources, on both major versions of Effect", () => {
  for (const file of files) {
    it(`src/${file} uses only what both versions share`, () => {
      expect(problemsOf(file, readFileSync(fileURLToPath(new URL(file, root)), "utf8"))).toEqual([])
    })
  }

  it("are found by this test", () => {
    expect(files).toContain("internal/dialect/core.ts")
    expect(files.length).toBeGreaterThan(20)
  })
})

describe("the check of the dialect", () => {
  const broken: ReadonlyArray<readonly [string, string]> = [
    ['import { Effect } from "effect"', "barrel"],
    ['import * as Platform from "@effect/platform"', "barrel"],
    ['import type * as HttpClient from "@effect/platform/HttpClient"', "@effect/platform/HttpClient is gone"],
    ['export * from "@effect/platform/HttpClient"', "@effect/platform/HttpClient is gone"],
    ['import * as Effect from "effect/Effect"\nEffect.catchAll(x, f)', "Effect.catchAll is not on the list"],
    ['import * as E from "effect/Effect"\nconst fork = E.fork', "Effect.fork is not on the list"],
    ['import { fork as start } from "effect/Effect"', "Effect.fork is not on the list"],
    ['export { fork } from "effect/Effect"', "Effect.fork is not on the list"],
    ['import * as Schema from "effect/Schema"\nSchema.Literal("a")', "Schema.Literal is not on the list"],
    [
      'import type * as Stream from "effect/Stream"\ntype T = Stream.StreamTypeId',
      "Stream.StreamTypeId is not on the list"
    ],
    ['import * as Chunk from "effect/Chunk"', "effect/Chunk is not shared"],
    ['type T = import("effect/Either").Either<1, 2>', "effect/Either is not shared"],
    ['import { readFile } from "node:fs/promises"', "one runtime only"],
    ['const fs = await import("node:fs")', "one runtime only"],
    ["export const A: Schema.Schema<A, string> = x", "Schema.Schema has one type argument"],
    ["const at = instant.epochMillis", "use DateTime.toEpochMillis"],
    ["new APIError({}, { disableValidation: true })", "use `unchecked`"],
    ['class A extends Schema.TaggedError<A>("A")("A", {}) {}', "use the TaggedError"],
    ["Effect.gen(this, function* () {})", "Effect 4 takes"],
    ['schema.annotations({ description: "x" })', "use `described`"]
  ]
  for (const [text, problem] of broken) {
    it(`rejects ${text.replace("\n", "; ")}`, () => {
      expect(problemsOf("sending/emails.ts", text).join()).toContain(problem)
    })
  }

  it("accepts the allowed uses", () => {
    const text =
      'import * as Effect from "effect/Effect"\nEffect.map(x, f)\nimport type { Method } from "../../internal/model/call.js"'
    expect(problemsOf("sending/emails.ts", text)).toEqual([])
    expect(problemsOf("internal/dialect/core.ts", 'import * as Chunk from "effect/Chunk"')).toEqual([])
    expect(problemsOf("bin/sandbox.ts", 'import * as Http from "node:http"')).toEqual([])
  })
})
