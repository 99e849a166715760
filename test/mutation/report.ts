/**
 * Writes `docs/mutation.md` from the latest results: `npm run mutation:report`.
 *
 * Fails if a survivor has no reason in `reasons.ts`, or if a reason has no survivor.
 */
import { existsSync, writeFileSync } from "node:fs"
import { groups } from "./groups.js"
import { introduction } from "./introduction.js"
import { categories, type Reason, reasons } from "./reasons.js"
import { filesOf, resultOf, type Summary, type Survivor, summaryOf } from "./results.js"

const fits = (survivor: Survivor, { code, file, replacement }: Reason): boolean =>
  survivor.file.endsWith(file) &&
  survivor.code === code &&
  (replacement === undefined || survivor.replacement === replacement)

const shorten = (text: string): string => (text.length > 90 ? `${text.slice(0, 88)}…` : text)

/** Code in a cell of a table. */
const cell = (text: string): string => {
  const escaped = shorten(text).replaceAll("|", "\\|")
  return text === "" ? "(nothing)" : text.includes("`") ? `\`\` ${escaped} \`\`` : `\`${escaped}\``
}

const percent = ({ killed, total }: Pick<Summary, "killed" | "total">): string =>
  `${((100 * killed) / total).toFixed(1)}%`

const measured = Object.keys(groups).filter((name) => existsSync(resultOf(name)))
const summaries = measured.map((name) => ({ name, ...summaryOf(name) }))

const covered = new Set(summaries.flatMap(({ files }) => files))
const missing = Object.values(groups)
  .flatMap(({ mutate }) => filesOf(mutate))
  .filter((file) => !covered.has(file))

const used = new Set<Reason>()
const explained = summaries.flatMap(({ name, survivors }) =>
  survivors.map((survivor) => {
    const reason = reasons.find((candidate) => fits(survivor, candidate))
    if (reason !== undefined) used.add(reason)
    return { name, survivor, reason }
  })
)

const problems = [
  ...explained
    .filter(({ reason }) => reason === undefined)
    .map(({ survivor: { code, file, line, replacement } }) => `${file}:${line}: ${code} => ${replacement}`),
  ...reasons.filter((reason) => !used.has(reason)).map(({ code, file }) => `no survivor: ${file}: ${code}`)
]
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1

const total = {
  total: summaries.reduce((sum, { total }) => sum + total, 0),
  killed: summaries.reduce((sum, { killed }) => sum + killed, 0),
  broken: summaries.reduce((sum, { broken }) => sum + broken, 0)
}

const rows = [...summaries, { name: "**all**", ...total }].map(
  (row) =>
    `| ${row.name} | ${row.total} | ${row.killed} | ${row.total - row.killed} | ${percent(row)} | ${row.broken} |`
)

const open = {
  title: "Without a reason",
  explanation:
    "Tests for these are missing, or the reason is. `npm run mutation:report` fails until they are gone."
}

const sections = [...Object.entries(categories), [undefined, open] as const].flatMap(([key, category]) => {
  const { explanation, title } = category
  const listed = explained.filter(({ reason }) => reason?.category === key)
  if (listed.length === 0) return []
  return [
    `### ${title}`,
    "",
    explanation,
    "",
    "| Place | Code | Replaced by | Reason |",
    "|---|---|---|---|",
    ...listed.map(
      ({ reason, survivor: { code, file, line, replacement } }) =>
        `| ${file.replace("src/", "")}:${line} | ${cell(code)} | ${cell(replacement)} | ${reason?.why ?? ""} |`
    ),
    ""
  ]
})

writeFileSync(
  "docs/mutation.md",
  [
    introduction,
    "## Results",
    "",
    "| Group | Mutants | Killed | Survived | Percent | Not loadable |",
    "|---|---:|---:|---:|---:|---:|",
    ...rows,
    "",
    "The results cover these files:",
    "",
    ...summaries.map(
      ({ files, name }) => `- ${name}: ${files.map((file) => file.split("/").at(-1)).join(", ")}`
    ),
    "",
    ...(missing.length === 0
      ? []
      : [
          "These files of the groups have not been measured yet:",
          "",
          ...missing.map((file) => `- \`${file}\``),
          ""
        ]),
    "## Survivors",
    "",
    ...sections
  ].join("\n")
)
