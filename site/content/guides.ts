/** Makes the pages of the guides from the Markdown of the repository. */
import { copyFileSync, mkdirSync } from "node:fs"
import { dirname, join, posix } from "node:path"
import {
  exists,
  guideNames,
  linkBetween,
  otherFiles,
  pageOf,
  pages,
  read,
  root,
  sourceUrl,
  writePage
} from "./repository.js"
import { type Section, sections } from "./sections.js"

/** What keeps the list of sections from being the list of guides, as texts. */
export const sectionProblems = (
  guides: ReadonlyArray<string> = guideNames(),
  listed: ReadonlyArray<Section> = sections
): ReadonlyArray<string> => {
  const names = listed.flatMap((section) => section.guides)
  return [
    ...guides
      .filter((name) => !names.includes(name))
      .map((name) => `docs/${name}.md is in no section of the site: add it to site/content/sections.ts`),
    ...names
      .filter((name) => !guides.includes(name))
      .map((name) => `site/content/sections.ts names docs/${name}.md, which does not exist`),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `site/content/sections.ts names ${name} twice`)
  ]
}

/** The title of a guide: its first heading. */
export const titleOf = (markdown: string): string => /^# (.+)$/m.exec(markdown)?.[1] ?? "Untitled"

/** Applies a function to the text outside of code blocks and inline code. */
export const outsideOfCode = (markdown: string, change: (text: string) => string): string =>
  markdown
    .split(/(^```[\s\S]*?^```$|``[^\n]+?``|`[^`\n]+`)/m)
    .map((part) => (part.startsWith("`") ? part : change(part)))
    .join("")

const relativeTarget = /\]\((?!#|\/|[a-z][a-z0-9+.-]*:)(?:\.\/)?([^)#\s]+)(#[^)\s]*)?\)/gi

const isImage = (path: string): boolean => /\.(?:gif|jpe?g|png|svg|webp)$/i.test(path)

/** The Markdown of a file with links that fit its page. Images are copied next to the page. */
export const pageText = (file: string, page: string): string =>
  outsideOfCode(read(file), (text) =>
    text.replaceAll(relativeTarget, (link, target: string, anchor: string | undefined) => {
      const path = posix.normalize(posix.join(posix.dirname(file), target)).replace(/\/$/, "")
      // A page of the repository on its host, such as the one that reports a vulnerability.
      if (path.startsWith("..")) return `](${new URL(target, sourceUrl(file)).href})`
      if (!exists(path)) throw new Error(`${file} links to ${target}, which does not exist`)
      if (isImage(path)) return copyImage(path, link)
      const to = pageOf(path)
      return to === undefined ? `](${sourceUrl(path)})` : `](${linkBetween(page, to)}${anchor ?? ""})`
    })
  )

const copyImage = (path: string, link: string): string => {
  const to = join(pages, path.replace(/^docs\//, "guides/"))
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(join(root, path), to)
  return link
}

/** Writes a page for each guide, and for the other files of the repository that readers need. */
export const writeGuides = (): void => {
  const problems = sectionProblems()
  if (problems.length > 0) throw new Error(problems.join("\n"))
  for (const file of [...guideNames().map((name) => `docs/${name}.md`), ...otherFiles]) {
    const page = pageOf(file)
    if (page !== undefined) writePage(page, pageText(file, page))
  }
}
