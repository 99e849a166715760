/**
 * What each entry adds to a bundle. A tiny program per entry uses it as an application would, and the floor is what
 * an application that talks to an API with Effect's own client loads anyway.
 */
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import { kilobytes, table, verdict } from "./report.js"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** The most that the Sending entry may add, gzipped. */
const sendingBudget = 25 * 1024

const imports = (names: ReadonlyArray<string>, from: string): string =>
  names.map((name) => `import * as ${name} from "${from}/${name}"`).join("\n")

const ground = `${imports(
  ["DateTime", "Duration", "Effect", "Layer", "Option", "Redacted", "Schedule", "Schema", "Stream"],
  "effect"
)}
${imports(["FetchHttpClient", "HttpClient", "HttpClientRequest", "HttpClientResponse"], "@effect/platform")}
`

/** A call, a stream of pages and a layer, written with Effect's own client. */
const floorProgram = `
const Item = Schema.Struct({
  id: Schema.String,
  name: Schema.optional(Schema.NullOr(Schema.String)),
  kind: Schema.Union(Schema.Literal("a"), Schema.String),
  amount: Schema.BigDecimal,
  secret: Schema.Redacted(Schema.String),
  at: Schema.DateTimeUtc
})
const Page = Schema.Struct({ data: Schema.Array(Item), next: Schema.optional(Schema.String) })
class Failed extends Schema.TaggedError("Failed")("Failed", { after: Schema.DurationFromMillis }) {}
class Api extends Effect.Tag("Api")() {}
const live = Layer.effect(Api, Effect.gen(function* () {
  const client = (yield* HttpClient.HttpClient).pipe(
    HttpClient.filterStatusOk,
    HttpClient.retryTransient({ times: 2, schedule: Schedule.exponential(250) })
  )
  const page = (cursor) => HttpClientRequest.post("https://example.com").pipe(
    HttpClientRequest.bearerToken(Redacted.make("key")),
    HttpClientRequest.schemaBodyJson(Item)({ cursor }),
    Effect.flatMap(client.execute),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Page)),
    Effect.timeoutFail({ duration: Duration.seconds(60), onTimeout: () => new Failed({ after: Duration.zero }) }),
    Effect.withSpan("page")
  )
  return { items: Stream.paginateEffect(undefined, (cursor) =>
    Effect.map(page(cursor), ({ data, next }) => [data, Option.fromNullable(next)])) }
}))
export const floor = Effect.gen(function* () {
  const api = yield* Api
  yield* api.items.pipe(Stream.mapConcat((items) => items), Stream.runForEach((item) =>
    Effect.log(DateTime.formatIso(item.at))))
}).pipe(Effect.provide(live), Effect.provide(FetchHttpClient.layer))
`

/** How each entry is used. An entry without a program here is taken whole. */
const programs: Readonly<Record<string, string>> = {
  "./Sending": `
import { Sending } from "effect-sendmux/Sending"
export const program = Effect.flatMap(Sending, (sending) => sending.emails.send({
  from: { email: "a@example.com" }, to: { email: "b@example.com" }, subject: "s", html_body: "h"
})).pipe(
  Effect.provide(Sending.layer({ apiKey: Redacted.make("smx_mbx_key") })),
  Effect.provide(FetchHttpClient.layer)
)`,
  "./Mailbox": `
import { Mailbox } from "effect-sendmux/Mailbox"
export const program = Effect.flatMap(Mailbox, (mailbox) => mailbox.messages.list().pipe(Stream.runDrain)).pipe(
  Effect.provide(Mailbox.layer({ apiKey: Redacted.make("smx_mbx_key") })),
  Effect.provide(FetchHttpClient.layer)
)`,
  "./Management": `
import { Management } from "effect-sendmux/Management"
export const program = Effect.flatMap(Management, ({ domains }) => domains.list().pipe(Stream.runDrain)).pipe(
  Effect.provide(Management.layer({ apiKey: Redacted.make("smx_root_key") })),
  Effect.provide(FetchHttpClient.layer)
)`,
  "./Webhooks": `
import * as Webhooks from "effect-sendmux/Webhooks"
export const handler = Webhooks.toHandler({ secrets: [Redacted.make("whsec")] }, () => Effect.void)`
}

const gzipped = async (source: string, external: ReadonlyArray<string> = []): Promise<number> => {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, sourcefile: "consumer.ts", loader: "ts" },
    tsconfig: `${root}tsconfig.json`,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import"],
    target: "es2022",
    external: [...external, "node:*"],
    logLevel: "silent"
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).byteLength, 0)
}

interface EntryMap {
  readonly exports: Readonly<Record<string, string | { readonly import: string }>>
}

/** The entries that exist, by name, with their source. */
const entries = (): ReadonlyArray<readonly [string, string]> => {
  const manifest: EntryMap = JSON.parse(readFileSync(`${root}package.json`, "utf8"))
  return Object.entries(manifest.exports).flatMap(([name, target]) => {
    if (typeof target === "string") return []
    const source = target.import.replace("./dist/", "src/").replace(/\.js$/, ".ts")
    return existsSync(`${root}${source}`) ? [[name, `${root}${source}`] as const] : []
  })
}

export const bundle = async (): Promise<void> => {
  const floor = await gzipped(ground + floorProgram)
  const rows: Array<ReadonlyArray<string>> = []
  let sending: number | undefined
  for (const [name, source] of entries()) {
    const program = programs[name] ?? `export * as entry from ${JSON.stringify(source)}`
    try {
      const whole = await gzipped(ground + program)
      const together = await gzipped(ground + floorProgram + program)
      const own = await gzipped(ground + program, [
        "effect",
        "effect/*",
        "@effect/platform",
        "@effect/platform/*"
      ])
      if (name === "./Sending") sending = together - floor
      rows.push([
        `effect-sendmux${name.slice(1)}`,
        kilobytes(whole),
        kilobytes(together - floor),
        kilobytes(own)
      ])
    } catch {
      rows.push([`effect-sendmux${name.slice(1)}`, "does not build", "", ""])
    }
  }
  console.log("Bundle size, minified and gzipped\n")
  console.log(`  The floor, Effect's own client without the SDK: ${kilobytes(floor)}\n`)
  console.log(table(["", "alone", "over the floor", "SDK's own code"], rows))
  if (sending === undefined) return
  const kept = sending <= sendingBudget
  console.log(`\n  Budget of Sending over the floor: ${kilobytes(sendingBudget)}, ${verdict(kept)}`)
  if (!kept) process.exitCode = 1
}
