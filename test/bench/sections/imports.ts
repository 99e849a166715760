/**
 * How long each entry of the package takes to load.
 */
import { pathToFileURL } from "node:url"
import type { ImportResult } from "../children/import.js"
import { compiled } from "../harness/build.js"
import { runChild } from "../harness/child.js"
import { inRounds } from "../harness/rounds.js"
import { median, ratioOf } from "../harness/stats.js"
import { millis, ratio } from "../report/format.js"
import { entries } from "./entries.js"
import { roundsFor, type Section } from "./section.js"

const floor = "Effect and its HTTP client"

const floorModules = [
  ...["DateTime", "Duration", "Effect", "Layer", "Option", "Redacted", "Schedule", "Schema", "Stream"].map(
    (name) => `effect/${name}`
  ),
  ...["FetchHttpClient", "HttpClient", "HttpClientRequest", "HttpClientResponse"].map(
    (name) => `@effect/platform/${name}`
  )
]

const rivals = ["resend", "postmark", "openai", "@aws-sdk/client-sesv2"]

export const imports: Section = {
  name: "imports",
  title: "Import time",
  guide: `The time of the first \`import\` in a fresh process, compared with the modules of Effect that an application which calls an
API has loaded already. The times of the entries include these modules.`,
  run: async (options) => {
    const all: Record<string, ReadonlyArray<string>> = { [floor]: floorModules }
    for (const { name, source } of entries()) all[name] = [pathToFileURL(compiled(source)).href]
    for (const rival of rivals) all[rival] = [rival]
    const quickly = [floor, "effect-sendmux/Sending", "effect-sendmux/Mailbox", "effect-sendmux/Management"]
    const names = options.quick ? quickly : Object.keys(all)
    const samples = await inRounds(names, roundsFor(options, 3), (name) =>
      runChild<ImportResult>("test/bench/children/import.ts", all[name], `import of ${name}`)
    )
    const of = (name: string, what: keyof ImportResult) => (samples[name] ?? []).map((sample) => sample[what])
    const rows = names.map((name) => [
      name,
      name === floor ? "1" : ratio(ratioOf(of(name, "cpu"), of(floor, "cpu"))),
      millis(median(of(name, "cpu")) / 1000),
      millis(median(of(name, "wall")) / 1000)
    ])
    return { tables: [{ header: ["", "CPU, ratio to Effect", "CPU", "wall time"], rows }], facts: {} }
  }
}
