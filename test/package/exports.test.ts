import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import ts from "typescript"
import { describe, expect, it } from "vitest"
import { root } from "../support/blocks.js"

const services = ["Sending", "Mailbox", "Management"] as const

type Service = (typeof services)[number]

const entryFile = (service: Service) => join(root, "src", `${service}.ts`)

/** Types that are reachable but need no export, each with the reason. */
const unexported: Readonly<Record<string, string>> = {
  ElementWithValue: "the shared fields of exported interfaces",
  AnySyncEvent: "the union from which SyncEvent extracts, for all resource types",
  SyncItemEvent: "the part of AnySyncEvent that has one variant for each resource type"
}

/**
 * Parses the entries and the sources that they import. Packages and the standard library are left out, because the
 * analysis only follows names that this project declares. `replaced` holds other texts for files, by their path.
 */
const parse = (replaced: Readonly<Record<string, string>> = {}): ts.Program => {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noLib: true,
    types: [],
    noEmit: true
  }
  const host = ts.createCompilerHost(options)
  const { readFile } = host
  host.readFile = (file) => replaced[file] ?? readFile(file)
  host.getSourceFile = (file, version) => {
    const text = host.readFile(file)
    return text === undefined ? undefined : ts.createSourceFile(file, text, version, true)
  }
  host.resolveModuleNameLiterals = (literals, containingFile) =>
    literals.map(({ text }) =>
      text.startsWith(".")
        ? ts.resolveModuleName(text, containingFile, options, host)
        : { resolvedModule: undefined }
    )
  return ts.createProgram(services.map(entryFile), options, host)
}

/** Returns the identifier if it refers to a declaration, as opposed to naming a member or a new declaration. */
const isReference = (node: ts.Node): node is ts.Identifier => {
  if (!ts.isIdentifier(node)) return false
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isQualifiedName(parent)) return parent.left === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node
  return !(ts.isNamedTupleMember(parent) && parent.name === node) && !isDeclarationName(node, parent)
}

const isDeclarationName = (node: ts.Identifier, parent: ts.Node): boolean =>
  "name" in parent && parent.name === node

/** The declarations that the analysis follows: types, and top-level constants such as schemas. */
const isFollowed = (node: ts.Declaration): boolean =>
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  (ts.isVariableDeclaration(node) && ts.isSourceFile(node.parent.parent.parent))

const isConstant = (node: ts.Declaration): boolean => ts.isVariableDeclaration(node)

/** Constants below this folder are helpers that build schemas and are no part of the public interface. */
const isHelper = (node: ts.Declaration): boolean =>
  isConstant(node) && /\/src\/internal\/(?!model\/)/.test(node.getSourceFile().fileName)

/** Returns whether the module of a declaration exports it for users. */
const isPublic = (node: ts.Declaration): boolean =>
  (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0 &&
  !ts
    .getJSDocTags(ts.isVariableDeclaration(node) ? node.parent.parent : node)
    .some(({ tagName }) => tagName.text === "internal")

/** A type or a schema that is reachable from the interface of a service. */
interface Reachable {
  readonly name: string
  readonly file: string
  /** Whether it exists at run time, as schemas and classes do. */
  readonly isValue: boolean
  readonly isExported: boolean
}

const findReachable = (program: ts.Program, service: Service): ReadonlyArray<Reachable> => {
  const checker = program.getTypeChecker()
  const resolve = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const entry = program.getSourceFile(entryFile(service))
  const module = entry && checker.getSymbolAtLocation(entry)
  if (module === undefined) throw new Error(`There is no module ${service}`)
  const exported = new Set(checker.getExportsOfModule(module).map(resolve))
  const start = checker.tryGetMemberInModuleExports(`${service}Service`, module)
  if (start === undefined) throw new Error(`${service} exports no interface ${service}Service`)

  const reachable: Array<Reachable> = []
  const visited = new Set<ts.Symbol>()
  const visit = (symbol: ts.Symbol): void => {
    if (visited.has(symbol)) return
    visited.add(symbol)
    const declarations = (symbol.declarations ?? []).filter((node) => isFollowed(node) && !isHelper(node))
    const [declaration] = declarations
    if (declaration === undefined) return
    const isType = declarations.some((node) => !isConstant(node))
    // A constant without a type of the same name is a schema, a set of fields or a function.
    const isSchema = /^[A-Z]/.test(symbol.name) && declarations.every(isPublic)
    if (isType || isSchema) {
      reachable.push({
        name: symbol.name,
        file: relative(root, declaration.getSourceFile().fileName),
        isValue: declarations.some((node) => isConstant(node) || ts.isClassDeclaration(node)),
        isExported: exported.has(symbol)
      })
    }
    for (const node of declarations) follow(node)
  }
  const follow = (node: ts.Node): void => {
    // The code of a method is no part of its type, which is written out.
    if (ts.isBlock(node) && ts.isMethodDeclaration(node.parent)) return
    if (isReference(node)) {
      const symbol = ts.isShorthandPropertyAssignment(node.parent)
        ? checker.getShorthandAssignmentValueSymbol(node.parent)
        : checker.getSymbolAtLocation(node)
      if (symbol !== undefined) visit(resolve(symbol))
    }
    ts.forEachChild(node, follow)
  }
  visit(resolve(start))
  return reachable
}

const missingFrom = (reachable: ReadonlyArray<Reachable>): ReadonlyArray<string> =>
  reachable
    .filter(({ isExported, name }) => !isExported && !Object.hasOwn(unexported, name))
    .map(({ file, name }) => `${name} of ${file}`)

describe("the exports of an entry", () => {
  const program = parse()

  for (const service of services) {
    it(`include every type and schema that is reachable from ${service}Service`, async () => {
      const reachable = findReachable(program, service)
      expect(reachable.length).toBeGreaterThan(20)
      expect(missingFrom(reachable)).toEqual([])
      const values = Object.keys(await import(entryFile(service)))
      const onlyTypes = reachable.filter(({ isValue, name }) => isValue && !values.includes(name))
      expect(onlyTypes.map(({ name }) => name)).toEqual([])
    })
  }

  it("are reported by name when one is forgotten", () => {
    const file = entryFile("Mailbox")
    const text = readFileSync(file, "utf8")
    const without = (line: string) => {
      expect(text).toContain(`${line}\n`)
      return missingFrom(findReachable(parse({ [file]: text.replace(`${line}\n`, "") }), "Mailbox"))
    }
    expect(without('export * from "./mailbox/drafts/errors.js"')).toEqual([
      "DraftStateError of src/mailbox/drafts/errors.ts"
    ])
    expect(without('export * from "./mailbox/addresses.js"').toSorted()).toEqual([
      "MailboxAddress of src/mailbox/addresses.ts",
      "MailboxAddressInput of src/mailbox/addresses.ts"
    ])
  })

  it("have no obsolete exceptions", () => {
    const found = services
      .flatMap((service) => findReachable(program, service))
      .filter(({ isExported }) => !isExported)
    expect(found.map(({ name }) => name).toSorted()).toEqual(Object.keys(unexported).toSorted())
  })
})
