import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { effectMajor } from "./dialect/major.js"

export const root = fileURLToPath(new URL("../../", import.meta.url))

/** A code block of the documentation. */
export interface Block {
  /** The file and line of the block, such as `docs/sending.md:12`. */
  readonly place: string
  readonly code: string
  /** The expected output, if a text block follows the code block. */
  readonly output: string | undefined
}

const files = (folder: string, ending: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))

/** A code block, which may be written for one version of Effect only: `ts effect3` or `ts effect4`. */
const fence = new RegExp(
  `^\`\`\`ts(?: effect${effectMajor})?\\n([\\s\\S]*?)^\`\`\`\\n(?:\\s*^\`\`\`text\\n([\\s\\S]*?)^\`\`\`)?`,
  "gm"
)

/** Returns the code blocks of the README and the guides. */
export const guideBlocks = (): ReadonlyArray<Block> =>
  [join(root, "README.md"), ...files("docs", ".md")].flatMap((file) => {
    const text = readFileSync(file, "utf8")
    return Array.from(text.matchAll(fence), ({ 1: code = "", 2: output, index }) => ({
      place: `${relative(root, file)}:${text.slice(0, index).split("\n").length + 1}`,
      code,
      output
    }))
  })

const example = /^ +\* @example\n((?: +\*.*\n)*?)(?= +\*\n +\* @| +\*\/)/gm

/** Returns the examples in the docstrings of the sources. */
export const docstringBlocks = (): ReadonlyArray<Block> =>
  files("src", ".ts").flatMap((file) => {
    const text = readFileSync(file, "utf8")
    return Array.from(text.matchAll(example), ({ 1: code = "", index }) => ({
      place: `${relative(root, file)}:${text.slice(0, index).split("\n").length + 1}`,
      code: code.replace(/^ +\* ?/gm, ""),
      output: undefined
    }))
  })
