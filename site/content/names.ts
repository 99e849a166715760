/** The public names of the package, and their pages in the reference. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"
import { entries, pages, root } from "./repository.js"
import { moduleOf } from "./sidebar.js"

/** The page of a name that a surface uses, below the root of the site, or undefined if it has none. */
export type PageOfName = (name: string, surface: string) => string | undefined

const modules: Readonly<Record<string, string>> = {
  sending: "Sending",
  mailbox: "Mailbox",
  management: "Management"
}

/** Finds pages among those that TypeDoc made. A name that surfaces share is on the pages of the root. */
export const pageOfName: PageOfName = (name, surface) =>
  [modules[surface] ?? surface, moduleOf("index")]
    .map((module) => `reference/${module}/${name}.md`)
    .find((page) => existsSync(join(pages, page)))

/** The public names of each entry: what it exports, except for what is marked as internal. */
export const publicNames = (): ReadonlyMap<string, ReadonlyArray<string>> => {
  const { config } = ts.readConfigFile(join(root, "src/tsconfig.json"), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, "src"))
  const files = entries().map((entry) => join(root, "src", `${entry}.ts`))
  const program = ts.createProgram(files, { ...options, noEmit: true })
  const checker = program.getTypeChecker()
  return new Map(
    entries().map((entry) => {
      const file = program.getSourceFile(join(root, "src", `${entry}.ts`))
      const module = file && checker.getSymbolAtLocation(file)
      if (module === undefined) throw new Error(`src/${entry}.ts is not a module`)
      const isInternal = (symbol: ts.Symbol): boolean => {
        const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
        return target.getJsDocTags(checker).some(({ name }) => name === "internal")
      }
      return [
        entry,
        checker
          .getExportsOfModule(module)
          .filter((symbol) => !isInternal(symbol))
          .map(({ name }) => name)
          .sort()
      ]
    })
  )
}

/** The names that have neither a page nor a link on the page of their entry, as texts. */
export const nameProblems = (
  names: ReadonlyMap<string, ReadonlyArray<string>> = publicNames(),
  folder: string = join(pages, "reference")
): ReadonlyArray<string> =>
  [...names].flatMap(([entry, exported]) => {
    const module = moduleOf(entry)
    const file = join(folder, `${module}.md`)
    const text = existsSync(file) ? readFileSync(file, "utf8") : ""
    return exported
      .filter((name) => !existsSync(join(folder, module, `${name}.md`)) && !text.includes(`[${name}](`))
      .map((name) => `${name} of the entry ${entry} is not in the reference`)
  })
