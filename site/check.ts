/**
 * Checks the built site: every link leads to a page and to an anchor that exist, and no page loads anything from another
 * server. VitePress checks only the links that are written in Markdown, and no anchors.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join, posix, sep } from "node:path"

interface Page {
  readonly ids: ReadonlySet<string>
  readonly links: ReadonlyArray<string>
  readonly external: ReadonlyArray<string>
}

const unescape = (text: string): string =>
  text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<")

const attributes = (html: string, name: string): ReadonlyArray<string> =>
  Array.from(html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g")), ([, value = ""]) => unescape(value))

const isAbsolute = (link: string): boolean => /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)

const parse = (html: string): Page => {
  const anchors = Array.from(html.matchAll(/<a\b[^>]*>/g), ([tag]) => tag)
  const loaded = Array.from(html.matchAll(/<(?:script|link|img|iframe|source)\b[^>]*>/g), ([tag]) => tag)
  const sources = loaded.flatMap((tag) => [...attributes(tag, "src"), ...attributes(tag, "href")])
  return {
    ids: new Set(attributes(html, "id")),
    links: [...anchors.flatMap((tag) => attributes(tag, "href")), ...sources].filter(
      (link) => !isAbsolute(link)
    ),
    external: sources.filter((link) => isAbsolute(link) && !link.startsWith("data:"))
  }
}

const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => path.split(sep).join(posix.sep))

/** Each dead link, missing anchor and external asset of a built site, as texts. `base` is the path that it is served below. */
export const linkProblems = (site: string, base = "/"): ReadonlyArray<string> => {
  const files = filesIn(site)
  const pages = new Map(
    files
      .filter((file) => file.endsWith(".html"))
      .map((file) => [file, parse(readFileSync(join(site, file), "utf8"))])
  )
  const problems = new Set<string>()
  for (const [file, page] of pages) {
    for (const link of page.external) problems.add(`${file} loads ${link} from another server`)
    for (const link of page.links) {
      const problem = problemOf(site, base, pages, file, link)
      if (problem !== undefined) problems.add(problem)
    }
  }
  for (const file of files.filter((name) => /(?:\.md|llms\.txt)$/.test(name))) {
    for (const problem of markdownProblems(site, file)) problems.add(problem)
  }
  return [...problems]
}

const problemOf = (
  site: string,
  base: string,
  pages: ReadonlyMap<string, Page>,
  file: string,
  link: string
): string | undefined => {
  const [target = "", hash = ""] = link.split("#")
  const path = decodeURIComponent(target.split("?")[0] ?? "")
  const wanted = resolve(base, file, path)
  if (wanted === undefined) return `${file} links to ${link}, which is outside of ${base}`
  const found = [wanted, posix.join(wanted, "index.html"), `${wanted}.html`].find(
    (candidate) => existsSync(join(site, candidate)) && statSync(join(site, candidate)).isFile()
  )
  if (found === undefined) return `${file} links to ${link}, which does not exist`
  const id = decodeURIComponent(hash)
  const ids = pages.get(found)?.ids
  if (id === "" || ids === undefined || ids.has(id)) return undefined
  return `${file} links to ${link}, and ${found} has no element with the id ${id}`
}

/** The path in the folder of the site that a link means. */
const resolve = (base: string, file: string, path: string): string | undefined => {
  if (path === "") return file
  if (path.startsWith(base)) return path.slice(base.length) || "index.html"
  return path.startsWith("/") ? undefined : posix.normalize(posix.join(posix.dirname(file), path))
}

/** Links of the Markdown for assistants to files that do not exist. Code may look like a link, and is left out. */
const markdownProblems = (site: string, file: string): ReadonlyArray<string> => {
  const text = readFileSync(join(site, file), "utf8")
    .replace(/^```[\s\S]*?^```$/gm, "")
    .replace(/`[^`\n]+`/g, "code")
  return Array.from(text.matchAll(/\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g), ([, target = ""]) => target)
    .filter((target) => !isAbsolute(target))
    .filter((target) => !existsSync(join(site, posix.join(posix.dirname(file), target))))
    .map((target) => `${file} links to ${target}, which does not exist`)
}
