import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as EntityTagCache from "../../src/EntityTagCache.js"
import { Management, Sandbox, Sending } from "../../src/index.js"
import * as RateLimit from "../../src/RateLimit.js"
import * as Testing from "../../src/Testing.js"
import { root } from "../support/blocks.js"
import { metrics } from "../support/dialect/telemetry.js"
import { email } from "../support/http.js"
import { record } from "../support/telemetry.js"
import { emittedAttributes, emittedLogs, emittedMetrics, patternOf } from "./emitted.js"

const guide = readFileSync(join(root, "docs/observability.md"), "utf8")

/** The rows of the table that follows a header, each as the texts of its cells. */
const rowsBelow = (header: string): ReadonlyArray<ReadonlyArray<string>> => {
  const start = guide.indexOf(header)
  if (start < 0) throw new Error(`The guide has no table ${header}`)
  const table = guide.slice(start).split("\n\n")[0] ?? ""
  return table
    .split("\n")
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim())
    )
}

/** The texts in backticks of a cell. */
const namesIn = (cell: string | undefined): ReadonlyArray<string> =>
  [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)

const documentedMetrics = rowsBelow("| Metric | Type | Unit").map(([name, type, unit, labels]) => ({
  name: namesIn(name)[0] ?? "",
  type: type ?? "",
  unit: unit ?? "",
  labels: namesIn(labels)
}))

const documentedAttributes = new Map(
  rowsBelow("| Attribute | Span |").map(([name, spans, type]) => [
    namesIn(name)[0] ?? "",
    { spans: spans?.split(", ") ?? [], type }
  ])
)

const sorted = (lines: Iterable<string>): ReadonlyArray<string> => [...new Set(lines)].sort()

it("the program of the guide is that of the project tracing", () => {
  const program = readFileSync(join(root, "docs/examples/tracing/main.mjs"), "utf8")
  expect(guide).toContain(`\`\`\`js\n${program}\`\`\``)
})

describe("the lists of the guide on observability", () => {
  it("have every metric that the sources define, with its type and its labels, and no other", () => {
    const lineOf = ({ labels, name, type }: { name: string; type: string; labels: ReadonlyArray<string> }) =>
      `${name} ${type} ${labels.join(" ")}`
    expect(documentedMetrics.map(lineOf).sort()).toEqual(emittedMetrics().map(lineOf).sort())
  })

  it("give the unit of a metric as its name does", () => {
    for (const { name, type, unit } of documentedMetrics) {
      expect([name, type === "histogram", unit === "milliseconds"]).toEqual([
        name,
        name.endsWith("_ms"),
        name.endsWith("_ms")
      ])
    }
  })

  it("have every attribute that the pipeline sets, and no other", () => {
    expect(sorted(documentedAttributes.keys())).toEqual(sorted(emittedAttributes()))
  })

  it("have every message that the sources log, with its levels, and no other", () => {
    const documented = rowsBelow("| Message | Level | When").flatMap(([message, levels]) =>
      namesIn(levels).map((level) => `${level} ${patternOf(namesIn(message)[0] ?? "")}`)
    )
    expect(sorted(documented)).toEqual(
      sorted(emittedLogs().map(({ level, message }) => `${level} ${message}`))
    )
  })

  it("agree with the spans, attributes and labels of a run", async () => {
    const { layer: recording, lines, spans } = record()
    const program = Effect.gen(function* () {
      const sending = yield* Sending
      const management = yield* Management
      const control = yield* Sandbox.Control
      yield* control.inject({
        operation: "sending.emails.send",
        kind: { _tag: "ErrorResponse", status: 503 }
      })
      yield* sending.emails.send(email)
      yield* control.inject({ kind: { _tag: "RateLimited", retryAfter: 2 } })
      yield* sending.emails.send(email)
      yield* sending.emails.send(email)
      yield* sending.emails.send(email)
      yield* Effect.flip(management.domains.get("mdom_0"))
      yield* management.mailboxes.get("mbx_sandbox")
      yield* management.mailboxes.get("mbx_sandbox")
      yield* Stream.runDrain(management.domains.list({ limit: 1 }))
    })
    const layer = Layer.merge(
      Sending.layer({ apiKey: Sandbox.mailboxKey }).pipe(Layer.provide(RateLimit.layerMemory())),
      Management.layer({ apiKey: Sandbox.rootKey }).pipe(Layer.provide(EntityTagCache.layerMemory()))
    ).pipe(Layer.provideMerge(Sandbox.layerWith({ limits: { sending: 3 } })))
    await Effect.runPromise(
      program.pipe(Effect.provide(layer), Effect.provide(recording), Testing.autoAdvance())
    )

    const seen = new Set<string>()
    for (const { attributes, kind, name } of spans) {
      const span = name === "Sendmux.attempt" ? "attempt" : "call"
      expect([name, kind]).toEqual([expect.stringMatching(/^Sendmux\.(?:attempt|\w+\.\w+\.\w+)$/), "client"])
      for (const [key, value] of attributes) {
        seen.add(key)
        const documented = documentedAttributes.get(key)
        expect([key, documented?.spans]).toEqual([key, expect.arrayContaining([span])])
        expect(typeof value).toBe(documented?.type === "string" ? "string" : "number")
      }
    }
    expect(sorted(seen)).toEqual(sorted(documentedAttributes.keys()))

    const measured = await Effect.runPromise(metrics)
    const own = measured.filter(({ name }) => name.startsWith("sendmux_"))
    for (const { name, tags } of own) {
      const documented = documentedMetrics.find((metric) => metric.name === name)
      expect([name, Object.keys(tags).sort()]).toEqual([name, [...(documented?.labels ?? [])].sort()])
    }
    expect(sorted(own.map(({ name }) => name))).toEqual(
      expect.arrayContaining(["sendmux_cache_reads", "sendmux_calls", "sendmux_rate_limit_pacing_ms"])
    )

    const patterns = emittedLogs().map(
      ({ level, message }) =>
        new RegExp(
          `^${level} ${message
            .split("<>")
            .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
            .join(".*")}$`,
          "i"
        )
    )
    expect(lines.length).toBeGreaterThan(2)
    for (const line of lines)
      expect([line, patterns.some((pattern) => pattern.test(line))]).toEqual([line, true])
  })
})
