/**
 * What each entry adds to a bundle. A small program per entry uses it as an application does, and the floor is what an
 * application that calls an API with Effect's own client contains anyway.
 */
import { root } from "../harness/build.js"
import { gzippedSize } from "../harness/bundle.js"
import { type Value, valueOf } from "../harness/stats.js"
import { kilobytes } from "../report/format.js"
import { entries } from "./entries.js"
import type { Section } from "./section.js"

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

/** How each entry is used. An entry without a program here is bundled whole. */
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

const gzipped = (source: string, external?: ReadonlyArray<string>): Promise<number> =>
  gzippedSize(root, source, external)

/** The name of the fact that holds what an entry adds to the floor, in bytes. */
export const bundleFact = (entry: string): string => `bundle: ${entry} over the floor`

/** The entries whose size has a goal. A quick run builds only these. */
const withGoal: ReadonlySet<string> = new Set(["./Sending", "./Mailbox", "./Management"])

/** Packages that are left out of the last column. */
const peers = ["effect", "effect/*", "@effect/platform", "@effect/platform/*"]

export const bundle: Section = {
  name: "bundle",
  title: "Bundle size",
  guide: `esbuild, minified, ESM, neutral platform, gzip at its best level. Each entry is built with a small program that uses
it as an application does; an entry without such a program is bundled whole.

- **The floor** is the same kind of program on Effect's own client: a call, a stream of pages and a layer, with deep
  imports.
- **Alone** is the program of the entry with everything that it needs.
- **Over the floor** is what an application that contains the floor anyway grows by. The goals are compared with it.
- **Own code** is the bundle without Effect and its platform.`,
  run: async ({ quick }) => {
    const floor = await gzipped(ground + floorProgram)
    const rows: Array<ReadonlyArray<string>> = [["the floor", kilobytes(floor), "", ""]]
    const facts: Record<string, Value> = {}
    for (const { key, name, source } of entries()) {
      if (quick && !withGoal.has(key)) continue
      const program = programs[key] ?? `export * as entry from ${JSON.stringify(`./${source}`)}`
      const alone = await gzipped(ground + program)
      const added = (await gzipped(ground + floorProgram + program)) - floor
      const own = await gzipped(ground + program, peers)
      facts[bundleFact(name)] = valueOf([added])
      rows.push([name, kilobytes(alone), kilobytes(added), kilobytes(own)])
    }
    return { tables: [{ header: ["", "alone", "over the floor", "own code"], rows }], facts }
  }
}
