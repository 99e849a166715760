/**
 * The results of the mutation runs, in the format of Stryker's reports.
 */
import { readdirSync, readFileSync } from "node:fs"
import { dirname } from "node:path"

interface Position {
  readonly line: number
  readonly column: number
}

export interface Mutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: Position; readonly end: Position }
}

interface Results {
  readonly files: Readonly<
    Record<string, { readonly source: string; readonly mutants: ReadonlyArray<Mutant> }>
  >
}

/** The file with the latest result of each mutant of a group. */
export const resultOf = (group: string): string => `node_modules/.cache/mutation/${group}.json`

/** A mutant that no test noticed. */
export interface Survivor {
  readonly file: string
  readonly line: number
  readonly mutator: string
  /** The code that was changed, in one line. */
  readonly code: string
  readonly replacement: string
}

export interface Summary {
  readonly total: number
  readonly killed: number
  /** Mutants with which a module or a test file could not be loaded. They count neither as killed nor as survivors. */
  readonly broken: number
  readonly survivors: ReadonlyArray<Survivor>
  /** The files that were measured. A run with `--mutate` may leave out some of a group. */
  readonly files: ReadonlyArray<string>
}

const inOneLine = (text: string): string => text.replace(/\s+/g, " ").trim()

const codeAt = (source: string, { start, end }: Mutant["location"]): string => {
  const lines = source.split("\n").slice(start.line - 1, end.line)
  const last = lines.length - 1
  const cut = lines.map((line, index) =>
    line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined)
  )
  return inOneLine(cut.join("\n"))
}

const hasSurvived = ({ status }: Mutant): boolean => status === "Survived" || status === "NoCoverage"

const read = (group: string): Results => JSON.parse(readFileSync(resultOf(group), "utf8"))

/** The places of the survivors of a group, as Stryker's option `mutate` names them: its columns start at 0. */
export const placesOfSurvivors = (group: string): ReadonlyArray<string> =>
  Object.entries(read(group).files).flatMap(([file, { mutants }]) =>
    mutants.filter(hasSurvived).map(({ location: { end, start } }) => {
      const from = `${start.line}:${start.column - 1}`
      return `${file}:${from}-${end.line}:${end.column - 1}`
    })
  )

/** The wildcards that the groups use: `*`, `{a,b}` and `!(a|b)`, in the name of a file. */
const patternOf = (glob: string): RegExp => {
  const source = glob
    .replaceAll(".", "\\.")
    .replaceAll("*", "[^/]+")
    .replace(/!\(([^)]*)\)/, "(?!(?:$1)\\.)[^/]+")
    .replace(/\{([^}]*)\}/, (_, names: string) => `(?:${names.replaceAll(",", "|")})`)
  return new RegExp(`^${source}$`)
}

/** The files that match patterns, without those that declare types only. */
export const filesOf = (globs: ReadonlyArray<string>): ReadonlyArray<string> =>
  globs.flatMap((glob) =>
    readdirSync(dirname(glob))
      .map((name) => `${dirname(glob)}/${name}`)
      .filter((file) => patternOf(glob).test(file))
      .filter((file) => /^(export )?(const|class|function) /m.test(readFileSync(file, "utf8")))
  )

export const summaryOf = (group: string): Summary => {
  const { files } = read(group)
  const all = Object.entries(files).flatMap(([file, { mutants, source }]) =>
    mutants.map((mutant) => ({ file, mutant, source }))
  )
  const count = (...statuses: ReadonlyArray<string>) =>
    all.filter(({ mutant }) => statuses.includes(mutant.status)).length
  const survivors = all
    .filter(({ mutant }) => hasSurvived(mutant))
    .map(({ file, mutant, source }) => ({
      file,
      line: mutant.location.start.line,
      mutator: mutant.mutatorName,
      code: codeAt(source, mutant.location),
      replacement: inOneLine(mutant.replacement ?? "")
    }))
  const killed = count("Killed", "Timeout")
  return {
    total: killed + survivors.length,
    killed,
    broken: count("RuntimeError", "CompileError"),
    survivors,
    files: Object.keys(files)
  }
}
