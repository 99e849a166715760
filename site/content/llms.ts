/** Makes the texts for assistants: an index, one file with everything, and each page as Markdown. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, posix, sep } from "node:path"
import { outsideOfCode, titleOf } from "./guides.js"
import { entries, pages, read } from "./repository.js"
import { sections } from "./sections.js"
import { moduleOf, nameOf } from "./sidebar.js"

const readPage = (page: string): string => readFileSync(join(pages, page), "utf8")

/** The text of a page without what only the site needs. */
const plain = (text: string): string =>
  outsideOfCode(text.replace(/^---\n[\s\S]*?\n---\n+/, ""), (part) =>
    part
      .replace(/ ?\{[#.][^}\n]*\}/g, "")
      .replace(/^<p class="(?:kind|since)">(.*)<\/p>$/gm, (_, line: string) => line.replace(/<[^>]+>/g, ""))
  ).replace(/(`[^`\n]+`)\{\.[^}\n]*\}/g, "$1")

/** A page as a part of the one file: its links are paths from the root of the site. */
const part = (page: string): string =>
  outsideOfCode(plain(readPage(page)), (text) =>
    text.replaceAll(
      /\]\((?!#|\/|[a-z][a-z0-9+.-]*:)([^)#\s]+)(#[^)\s]*)?\)/gi,
      (_, target: string, anchor: string | undefined) =>
        `](${posix.normalize(posix.join(posix.dirname(page), target))}${anchor ?? ""})`
    )
  )

const operationPages = (): ReadonlyArray<string> =>
  ["sending", "mailbox", "management"].flatMap((surface) =>
    readdirSync(join(pages, "operations", surface))
      .sort()
      .map((file) => `operations/${surface}/${file}`)
  )

/** What the table of guides in the README says about each guide. */
const descriptions = (): ReadonlyMap<string, string> =>
  new Map(
    [...read("README.md").matchAll(/^\| \[.+?\]\(docs\/(.+?)\.md\) \| (.+) \|$/gm)].map(
      ([, name = "", text = ""]) => [name, text]
    )
  )

const introduction = `# effect-sendmux

> An Effect-native TypeScript SDK for the Sendmux email API, for Effect 3 and Effect 4, with an in-memory sandbox of the API.

- Install with Effect 3: \`npm install effect-sendmux effect@3 @effect/platform@0.97\`, and import from \`effect-sendmux\`.
- Install with Effect 4: \`npm install effect-sendmux effect@4\`, and import from \`effect-sendmux/v4\`.
- The services \`Sending\`, \`Mailbox\` and \`Management\` are layers that need an \`HttpClient\`. \`Sandbox.layer\` replaces the API in
  tests.
- Values have the names of the API, such as \`html_body\`. Failures are typed errors, and lists are streams.
- This is an independent project, not made, endorsed or supported by Sendmux.
`

const index = (): string => {
  const described = descriptions()
  const guides = sections.map(({ guides: names, title }) => {
    const lines = names.map((name) => {
      const text = described.get(name)
      return `- [${titleOf(read(`docs/${name}.md`))}](guides/${name}.md)${text === undefined ? "" : `: ${text}`}`
    })
    return `## ${title}\n\n${lines.join("\n")}\n`
  })
  const operations = operationPages().map((page) => {
    const names = [...readPage(page).matchAll(/^## \w+\.(\w+) /gm)].map(([, name]) => `\`${name}\``)
    return `- [${titleOf(readPage(page))}](${page}): ${names.join(", ")}`
  })
  const reference = entries().map((entry) => `- [${nameOf(entry)}](reference/${moduleOf(entry)}.md)`)
  return `${introduction}
The guides and all operations are also one file: [llms-full.txt](llms-full.txt).

- [Overview](overview.md)

${guides.join("\n")}
## Operations

${operations.join("\n")}

## Reference

${reference.join("\n")}
`
}

/** The first sentence of the page of a name. */
const summaryOf = (page: string): string =>
  /^(?!#|>|- |\||Since |See: |\S+ of effect-sendmux)\S.*$/m
    .exec(
      plain(readPage(page))
        .replace(/^```[\s\S]*?^```$/gm, "")
        .replace(/^`.*` is this type.*$/gm, "")
    )?.[0]
    ?.split(/(?<=\.)\s/)[0] ?? ""

const names = (): string =>
  entries()
    .map((entry) => {
      const module = moduleOf(entry)
      const lines = [...readPage(`reference/${module}.md`).matchAll(/^- \[(.+?)\]\((.+?\.md)\)/gm)]
        .filter(([, , path = ""]) => path.startsWith(`${module}/`))
        .map(
          ([, name = "", path = ""]) =>
            `- \`${name.replaceAll("\\", "")}\`: ${summaryOf(`reference/${path}`)}`
        )
      return `## ${nameOf(entry)}\n\n${lines.join("\n")}\n`
    })
    .join("\n")

/** The guides that help to write programs. The others are about the package itself. */
const guidesOfUse = sections
  .filter(({ title }) => title !== "About the package")
  .flatMap(({ guides }) => guides)

const everything = (): string =>
  [
    introduction,
    part("overview.md"),
    ...guidesOfUse.map((name) => part(`guides/${name}.md`)),
    ...operationPages().map(part),
    `# Public names\n\n${names()}`
  ].join("\n\n")

/** Writes the texts into the folder of the built site. */
export const writeLlms = (site: string): void => {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(site, path)), { recursive: true })
    writeFileSync(join(site, path), text)
  }
  write("llms.txt", index())
  write("llms-full.txt", everything())
  const files = readdirSync(pages, { recursive: true, encoding: "utf8" }).map((file) =>
    file.split(sep).join(posix.sep)
  )
  for (const image of files.filter((file) => file.startsWith("guides/images/") && /\.\w+$/.test(file))) {
    mkdirSync(dirname(join(site, image)), { recursive: true })
    copyFileSync(join(pages, image), join(site, image))
  }
  for (const page of files.filter((file) => file.endsWith(".md") && file !== "index.md")) {
    write(page, plain(readPage(page)))
  }
}
