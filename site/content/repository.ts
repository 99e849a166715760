/** The files of the repository, and their addresses on the site. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, posix, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../", import.meta.url))

/** Where the Markdown of the site is collected before VitePress builds it. */
export const pages = join(root, "site", ".pages")

export const read = (path: string): string => readFileSync(join(root, path), "utf8")

export const exists = (path: string): boolean => existsSync(join(root, path))

export const isFolder = (path: string): boolean => statSync(join(root, path)).isDirectory()

export const writePage = (path: string, text: string): void => {
  mkdirSync(dirname(join(pages, path)), { recursive: true })
  writeFileSync(join(pages, path), text)
}

interface Manifest {
  readonly version: string
  readonly repository: { readonly url: string }
  readonly exports: Readonly<Record<string, unknown>>
}

export const manifest = (): Manifest => JSON.parse(read("package.json"))

/** The address of a file or a folder in the repository, for what has no page on the site. */
export const sourceUrl = (path: string): string => {
  const url = manifest()
    .repository.url.replace(/^git\+/, "")
    .replace(/\.git$/, "")
  return `${url}/${isFolder(path) ? "tree" : "blob"}/main/${path}`
}

/** The entries for Effect 3, such as `Sending`. The root is `index`, as its file is. */
export const entries = (): ReadonlyArray<string> =>
  Object.keys(manifest().exports)
    .filter((name) => !name.startsWith("./v4") && name !== "./package.json")
    .map((name) => (name === "." ? "index" : name.slice(2)))

/** The guides below `docs`, as their paths without the ending. */
export const guideNames = (): ReadonlyArray<string> =>
  readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join(posix.sep))
    .filter((path) => path.endsWith(".md") && !path.startsWith("examples/"))
    .map((path) => path.slice(0, -".md".length))
    .sort()

/** The pages that are made from other files of the repository than the guides. */
const others: Readonly<Record<string, string>> = {
  "README.md": "overview.md",
  "CHANGELOG.md": "project/changelog.md",
  "CONTRIBUTING.md": "project/contributing.md",
  "SECURITY.md": "project/security.md"
}

export const otherFiles = Object.keys(others)

/** The page of a file of the repository, or undefined if it has none. */
export const pageOf = (file: string): string | undefined => {
  const other = others[file]
  if (other !== undefined) return other
  const guide = /^docs\/(?!examples\/)(.+\.md)$/.exec(file)?.[1]
  return guide === undefined ? undefined : `guides/${guide}`
}

/** The relative link from one page to another. */
export const linkBetween = (from: string, to: string): string => {
  const link = relative(dirname(from), to).split(sep).join(posix.sep)
  return link.startsWith(".") ? link : `./${link}`
}
