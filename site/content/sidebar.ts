/** The navigation beside the pages. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { titleOf } from "./guides.js"
import { entries, exists, pages, read } from "./repository.js"
import { sections } from "./sections.js"

export interface SidebarItem {
  readonly text: string
  readonly link?: string
  readonly collapsed?: boolean
  readonly items?: ReadonlyArray<SidebarItem>
}

export type Sidebar = Readonly<Record<string, ReadonlyArray<SidebarItem>>>

const guides = (): ReadonlyArray<SidebarItem> => [
  { text: "Overview", link: "/overview" },
  ...sections.map(({ guides, title }) => ({
    text: title,
    items: guides.map((name) => ({ text: titleOf(read(`docs/${name}.md`)), link: `/guides/${name}` }))
  })),
  {
    text: "The project",
    items: [
      { text: "Changes", link: "/project/changelog" },
      { text: "Contributing", link: "/project/contributing" },
      { text: "Security", link: "/project/security" }
    ]
  }
]

/** The module of an entry in the reference. */
export const moduleOf = (entry: string): string => (entry === "index" ? "effect-sendmux" : entry)

export const nameOf = (entry: string): string =>
  entry === "index" ? "effect-sendmux" : `effect-sendmux/${entry}`

const entryItems = (): ReadonlyArray<SidebarItem> =>
  entries().map((entry) => ({ text: nameOf(entry), link: `/reference/${moduleOf(entry)}` }))

/** The names of an entry by category, from the page that TypeDoc made for the entry. */
const namesOf = (entry: string): ReadonlyArray<SidebarItem> => {
  const text = readFileSync(join(pages, "reference", `${moduleOf(entry)}.md`), "utf8")
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => ({
      title: part.slice(0, part.indexOf("\n")),
      links: [...part.matchAll(/^- \[(.+?)\]\((.+?)\.md\)/gm)]
    }))
    .filter(({ links, title }) => links.length > 0 && title !== "Also exported")
    .map(({ links, title }) => ({
      text: title,
      collapsed: links.length > 12,
      items: links.map(([, name = "", path = ""]) => ({
        text: name.replaceAll("\\", ""),
        link: `/reference/${path}`
      }))
    }))
}

const reference = (): Sidebar => {
  const all = { text: "Entries", items: entryItems() }
  // The first key that a path begins with counts, and the name of one entry can begin with that of another.
  const longestFirst = [...entries()].sort((one, other) => moduleOf(other).length - moduleOf(one).length)
  return {
    ...Object.fromEntries(
      longestFirst.map((entry) => [
        `/reference/${moduleOf(entry)}`,
        [
          { text: nameOf(entry), link: `/reference/${moduleOf(entry)}` },
          ...namesOf(entry),
          { ...all, collapsed: true }
        ]
      ])
    ),
    "/reference/": [all]
  }
}

/** The pages of the operations, by surface. */
const operations = (): ReadonlyArray<SidebarItem> => {
  if (!exists("site/.pages/operations")) return []
  return ["sending", "mailbox", "management"].map((surface) => ({
    text: surface.slice(0, 1).toUpperCase() + surface.slice(1),
    items: readdirSync(join(pages, "operations", surface))
      .sort()
      .map((file) => file.slice(0, -".md".length))
      .map((group) => ({ text: group, link: `/operations/${surface}/${group}` }))
  }))
}

export const sidebar = (): Sidebar => ({
  "/overview": guides(),
  "/guides/": guides(),
  "/project/": guides(),
  "/operations/": [{ text: "All operations", link: "/operations/" }, ...operations()],
  ...reference()
})
