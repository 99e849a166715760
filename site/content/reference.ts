/** Makes the reference of the entries, with TypeDoc. */
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { entries, read, root, writePage } from "./repository.js"
import { moduleOf, nameOf } from "./sidebar.js"

export const writeReference = (): void => {
  const site = join(root, "site")
  const points = entries().flatMap((entry) => ["--entryPoints", `../src/${entry}.ts`])
  execFileSync(process.execPath, [join(site, "node_modules/typedoc/bin/typedoc"), ...points], {
    cwd: site,
    stdio: "inherit"
  })
  for (const entry of entries()) introduce(entry)
  writePage("reference/index.md", indexText())
}

/** The docstring of an entry, which TypeDoc takes for a comment of its first import. */
const introductionOf = (entry: string): string =>
  (/^\/\*\*\n([\s\S]*?)(?: \* @| \*\/)/.exec(read(`src/${entry}.ts`))?.[1] ?? "")
    .replace(/^ \* ?/gm, "")
    .trim()

/** Puts the docstring of an entry below the heading of its page. */
const introduce = (entry: string): void => {
  const page = `reference/${moduleOf(entry)}.md`
  writePage(
    page,
    read(`site/.pages/${page}`).replace(/^# .*\n/, (heading) => `${heading}\n${introductionOf(entry)}\n`)
  )
}

/** The rows of the table of entries in the README. */
const descriptions = (): ReadonlyMap<string, string> =>
  new Map(
    [...read("README.md").matchAll(/^\| `(effect-sendmux(?:\/\w+)?)` \| (.+) \|$/gm)].map(
      ([, name = "", text = ""]) => [name, text]
    )
  )

const firstSentence = (text: string): string => text.replace(/\s+/g, " ").split(/(?<=\.) /)[0] ?? ""

const indexText = (): string => {
  const described = descriptions()
  const rows = entries().map(
    (entry) =>
      `| [\`${nameOf(entry)}\`](./${moduleOf(entry)}.md) | ${described.get(nameOf(entry)) ?? firstSentence(introductionOf(entry))} |`
  )
  return `# Reference

Every public name of the package, from its docstrings. [Operations](../operations/index.md) lists the methods by the API
path that they call.

| Entry | Content |
|---|---|
${rows.join("\n")}

## Effect 4

The reference shows the entries for Effect 3. Those for Effect 4 have the same names below \`effect-sendmux/v4\`, except for
\`LedgerSqlite\`, which needs a package that has no release for Effect 4:

\`\`\`ts
import { Sending } from "effect-sendmux/v4/Sending"
\`\`\`

Both are made from the same sources. Where a type of Effect has another name or another module in version 4, the reference
shows that of version 3. [Effect 3 and Effect 4](../guides/effect-4.md) lists the differences.
`
}
