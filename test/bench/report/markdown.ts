/**
 * `docs/benchmarks.md`, written completely from the results of a run.
 */
import type { Value } from "../harness/stats.js"
import { sections } from "../sections/index.js"
import type { Section, SectionResult, Table, TimedResult } from "../sections/section.js"
import { goalsTable } from "./goals.js"

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly system: string
  readonly node: string
  /** Name and version of what is compared. */
  readonly packages: ReadonlyArray<string>
  /** The average number of running processes in the 15 minutes before and after the run, other programs included. */
  readonly load: readonly [before: number, after: number]
}

export interface Results {
  readonly date: string
  readonly quick: boolean
  readonly machine: Machine
  readonly sections: Readonly<Record<string, TimedResult>>
}

export const factsOf = (results: Results["sections"]): Readonly<Record<string, Value>> =>
  Object.assign({}, ...Object.values(results).map(({ facts }) => facts))

const tableText = ({ header, rows, title }: Table): string => {
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
  const alignment = header.map((_, column) => (column === 0 ? "---" : "---:"))
  const lines = [line(header), line(alignment), ...rows.map(line)].join("\n")
  return title === undefined ? lines : `${title}:\n\n${lines}`
}

const sectionText = (
  { guide, name, title }: Section,
  result: SectionResult | undefined
): ReadonlyArray<string> =>
  result === undefined
    ? []
    : [
        `## ${title}`,
        `\`npm run bench -- --only ${name}\``,
        guide,
        ...result.tables.map(tableText),
        ...(result.note === undefined ? [] : [result.note])
      ]

const introduction = `# Benchmarks

This page is written by \`npm run bench -- --write\`. It shows what the SDK costs beside other clients: processor time,
memory, bytes in a bundle, and time to load.

\`\`\`sh
npm run bench                          # everything, in about 25 minutes
npm run bench -- --quick               # one round with small numbers, in less than a minute
npm run bench -- --only send,bundle    # some sections
npm run bench -- --rounds 11           # more rounds
npm run bench -- --write               # everything, and writes this page
npm run bench -- --render              # writes this page again from the last complete run
npm run bench:profile -- send sdk-undici    # where the processor time of one client goes
\`\`\`

## How to read it

**Ratios.** Compare ratios, and ignore microseconds: they depend on the machine and on the moment. Every measurement runs
in a process of its own. A round runs each client once, every round begins with another client, and a ratio is taken
inside a round, so that a busy moment affects both sides. A cell shows the median over the rounds, with the lowest and
the highest in parentheses. A difference that is smaller than this spread is no difference.

**Processor time** is the user and system time of the measured process, with garbage collection and compilation. Wall time
also contains the waiting for the server. Eight calls are in flight at a time.

**The server** runs on 127.0.0.1 in its own process, so that its work is not counted. It returns prepared responses, and
rejects requests that are incomplete. Each client's result is checked before it is measured, and a failure ends the run.

**The clients:**

| Client | What it does |
| --- | --- |
| fetch by hand, undici by hand | sends headers and JSON, checks the status, parses the response |
| Effect's client, json | the same with Effect's \`HttpClient\`, which adds a span for each request |
| Effect's client, bare | also decodes the response with a schema. It does not check the input, and has no timeout and no retries |
| Effect's client, careful | also checks the input with a schema, retries transient failures, and has a timeout |
| effect-sendmux | the SDK as it is configured by default: all of the above, with limits checked, typed errors, redacted secrets, metrics, and spans when there is a tracer |
| resend, postmark, @aws-sdk/client-sesv2 | the SDKs of other email services, with the same message, sent to the loopback server |
| openai | not an email SDK, but one with retries, timeouts and typed errors. It posts the same JSON |`

const minutesOf = (results: Results["sections"]): number =>
  Object.values(results).reduce((sum, { seconds }) => sum + seconds, 0) / 60

const machineText = ({ date, machine, quick, sections: measured }: Results): string => `## The run

${quick ? "**This was a quick run, whose ratios are not reliable.**\n\n" : ""}| | |
| --- | --- |
| date | ${date} |
| processor | ${machine.processor}, ${machine.cores} cores |
| memory | ${machine.memoryGigabytes} GB |
| system | ${machine.system} |
| Node | ${machine.node} |
| versions | ${machine.packages.join(", ")} |
| duration | ${minutesOf(measured).toFixed(0)} minutes |
| load average before and after | ${machine.load.map((load) => load.toFixed(1)).join(", ")} |`

export const markdown = (results: Results): string =>
  `${[
    introduction,
    machineText(results),
    "## Goals",
    "The goals are compared with the medians. Ratios are those of processor time, in the steady state except for the cold start.",
    tableText(goalsTable(factsOf(results.sections), results.quick)),
    ...sections.flatMap((section) => sectionText(section, results.sections[section.name]))
  ].join("\n\n")}\n`
