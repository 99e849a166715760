/**
 * Both major versions of Effect: calls, bundles and the time to load them. The programs are bundled, because each version of
 * Effect is resolved from a folder of its own.
 */
import { execFile } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { type BuildOptions, build } from "esbuild"
import { root } from "../harness/build.js"
import { gzippedSize } from "../harness/bundle.js"
import { inRounds } from "../harness/rounds.js"
import { median, ratioOf, type Value, valueOf } from "../harness/stats.js"
import { kilobytes, micros, millis, ratio, thousands } from "../report/format.js"
import { messagesPage, sent } from "../server/bodies.js"
import { roundsFor, type Section } from "./section.js"

const run = promisify(execFile)

/** The folder from which a version resolves its modules. */
const folders = { "Effect 3": root, "Effect 4": join(root, "effect4/") } as const

type Major = keyof typeof folders

const majors = Object.keys(folders) as ReadonlyArray<Major>

const output = join(root, "node_modules/.cache/effect-sendmux-bench/majors")

const bundleTo = async (major: Major, name: string, options: BuildOptions): Promise<string> => {
  const outfile = join(output, major.replace(" ", "-"), `${name}.mjs`)
  await build({
    absWorkingDir: folders[major],
    tsconfig: join(folders[major], "tsconfig.json"),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    logLevel: "silent",
    outfile,
    ...options
  })
  return outfile
}

const clients = ["sdk", "bare"] as const
const jobs = { send: sent, messages: messagesPage() } as const

const measured = { send: [10_000, 10_000], messages: [1_500, 1_500] } as const

interface Case {
  readonly major: Major
  readonly client: (typeof clients)[number]
  readonly job: keyof typeof jobs
}

const nameOf = ({ client, job, major }: Case): string => `${major} ${client} ${job}`

/** A program on Effect's own client, written with names that both versions have. */
const floors: Readonly<Record<Major, string>> = {
  "Effect 3": `
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"`,
  "Effect 4": `
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as FetchHttpClient from "effect/http/FetchHttpClient"`
}

const floorProgram = `
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
const Item = Schema.Struct({ id: Schema.String, name: Schema.optional(Schema.NullOr(Schema.String)), size: Schema.Number })
export const floor = Effect.gen(function* () {
  const client = (yield* HttpClient.HttpClient).pipe(
    HttpClient.filterStatusOk,
    HttpClient.retryTransient({ times: 2, schedule: Schedule.exponential(250) })
  )
  const request = HttpClientRequest.post("https://example.com").pipe(HttpClientRequest.bearerToken(Redacted.make("key")))
  const response = yield* Effect.timeout(client.execute(request), Duration.seconds(60))
  const item = Schema.is(Item)(yield* response.json)
  yield* Stream.runForEach(Stream.make(item), (one) => Effect.log(String(one), Option.none(), DateTime.now))
}).pipe(Effect.provide(Layer.mergeAll(FetchHttpClient.layer)), Effect.withSpan("floor"))
`

const entryPrograms = {
  Sending: `
import { Sending } from "./src/Sending.js"
export const program = Effect.flatMap(Sending, (sending) => sending.emails.send({
  from: { email: "a@example.com" }, to: { email: "b@example.com" }, subject: "s", html_body: "h"
})).pipe(Effect.provide(Sending.layer({ apiKey: Redacted.make("k") })))`,
  Management: `
import { Management } from "./src/Management.js"
export const program = Effect.flatMap(Management, ({ domains }) => Stream.runDrain(domains.list())).pipe(
  Effect.provide(Management.layer({ apiKey: Redacted.make("k") })))`,
  Mailbox: `
import { Mailbox } from "./src/Mailbox.js"
export const program = Effect.flatMap(Mailbox, ({ messages }) => Stream.runDrain(messages.list())).pipe(
  Effect.provide(Mailbox.layer({ apiKey: Redacted.make("k") })))`
} as const

const sizeOf = (major: Major, source: string): Promise<number> =>
  gzippedSize(folders[major], floors[major] + source)

/** The processor time of loading a bundle in a fresh process, in microseconds. */
const loadTime = async (file: string): Promise<number> => {
  const script = `const before = process.cpuUsage(); await import(${JSON.stringify(file)})
const { user, system } = process.cpuUsage(before); console.log(user + system)`
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script])
  return Number(stdout)
}

export const majorsSection: Section = {
  name: "majors",
  title: "Effect 3 and Effect 4",
  guide: `The same calls with both major versions of Effect, over a client that returns prepared responses in the same process.
Each is compared with Effect's own client of that version, which sends the same request and parses the JSON of the response. The
sizes are gzipped, over a program on Effect's own client of that version. The load time is that of a bundle of the entry.`,
  run: async (options) => {
    mkdirSync(output, { recursive: true })
    await run(process.execPath, [join(root, "effect4/sync.mjs")])
    const rounds = roundsFor(options, 5)
    const programs = new Map<Major, string>()
    for (const major of majors) {
      programs.set(
        major,
        await bundleTo(major, "calls", {
          entryPoints: [join(folders[major], "test/majors/calls.ts")],
          platform: "node"
        })
      )
    }
    const cases = majors.flatMap((major) =>
      clients.flatMap((client) =>
        (["send", "messages"] as const).map((job): readonly [string, Case] => [
          nameOf({ major, client, job }),
          { major, client, job }
        ])
      )
    )
    const byName = new Map(cases)
    const samples = await inRounds([...byName.keys()], rounds, async (name) => {
      const { client, job, major } = byName.get(name) ?? { client: "sdk", job: "send", major: "Effect 3" }
      const amounts = measured[job].map((amount) => String(options.quick ? Math.ceil(amount / 100) : amount))
      const program = programs.get(major) ?? ""
      const { stdout } = await run(process.execPath, [program, client, job, ...amounts, jobs[job]], {
        maxBuffer: 64 * 1024 * 1024
      })
      return Number(stdout)
    })
    const of = (one: Case): ReadonlyArray<number> => samples[nameOf(one)] ?? []
    const facts: Record<string, Value> = {}
    const calls = majors.flatMap((major) =>
      (["send", "messages"] as const).map((job) => {
        const sdk = of({ major, client: "sdk", job })
        const compared = ratioOf(sdk, of({ major, client: "bare", job }))
        facts[`majors: ${job} with ${major} to bare`] = compared
        return [
          `${job === "send" ? "send" : "page of 100 messages"}, ${major}`,
          micros(median(sdk)),
          micros(median(of({ major, client: "bare", job }))),
          ratio(compared)
        ]
      })
    )
    const sizes: Array<ReadonlyArray<string>> = []
    for (const [entry, program] of Object.entries(entryPrograms)) {
      const row: Array<string> = [entry]
      for (const major of majors) {
        const floor = await sizeOf(major, floorProgram)
        const added = (await sizeOf(major, floorProgram + program)) - floor
        facts[`majors: ${entry} over the floor of ${major}`] = valueOf([added])
        const file = await bundleTo(major, entry, {
          stdin: {
            contents: `export * from "./src/${entry}.js"`,
            resolveDir: folders[major],
            sourcefile: "entry.ts",
            loader: "ts"
          },
          platform: "node"
        })
        const times: Array<number> = []
        for (let round = 0; round < (options.quick ? 1 : 5); round++) times.push(await loadTime(file))
        row.push(kilobytes(floor), kilobytes(added), millis(median(times) / 1000))
      }
      sizes.push(row)
    }
    return {
      tables: [
        { header: ["", "CPU with the SDK", "CPU with Effect's client", "ratio"], rows: calls },
        {
          header: [
            "entry",
            ...majors.flatMap((major) => [
              `floor, ${major}`,
              `over the floor, ${major}`,
              `load time, ${major}`
            ])
          ],
          rows: sizes
        }
      ],
      facts,
      note: `Rounds: ${rounds.rounds}, each with ${thousands(measured.send[1])} sends or ${thousands(measured.messages[1])} pages.`
    }
  }
}
