import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Core from "../../src/Core.js"
import * as Drift from "../../src/Drift.js"
import { wireShapeOf } from "../../src/internal/dialect/shapes.js"
import {
  Described,
  Nullable,
  NullableTimestamp,
  OneOf,
  OpenEnum,
  Optional,
  RecordOf,
  Secret,
  UnknownRecord
} from "../../src/internal/schema/schema.js"
import { findGrowth } from "../../src/internal/values/shape.js"
import { Management } from "../../src/Management.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { discover } from "../contract/discover.js"
import { failure, mockClient, ok, type Reaction, type Seen } from "../support/http.js"
import { pageOf, rootKey } from "../support/management.js"
import { counterValue } from "../support/telemetry.js"

const State = OpenEnum(["new", "old"])

const Thing = Described(
  {
    id: Schema.String,
    state: State,
    states: Schema.Array(Nullable(State)),
    maybe: Optional(Schema.Struct({ state: Nullable(State), at: NullableTimestamp })),
    counts: RecordOf(Schema.Struct({ n: Schema.Number })),
    free: Nullable(UnknownRecord),
    secret: Optional(Secret),
    part: OneOf(
      Schema.Struct({ type: Schema.Literal("a"), a: State }),
      Schema.Struct({ type: Schema.Literal("b"), b: Schema.String })
    )
  },
  "a thing"
)

const thing = {
  id: "thg_1",
  state: "new",
  states: ["old", null],
  maybe: null,
  counts: { "ada@example.com": { n: 1 } },
  free: { anything: { goes: 1 } },
  part: { type: "a", a: "old" }
}

/** What a value has that the schema does not know. */
const growthOf = (schema: Parameters<typeof wireShapeOf>[0], value: unknown) => {
  const found: Array<string> = []
  findGrowth([wireShapeOf(schema)], value, "", (path, growth) => found.push(`${growth} ${path}`))
  return found
}

describe("the growth of a value", () => {
  it("is nothing if the schema knows it all", () => {
    expect(growthOf(Thing, thing)).toEqual([])
    expect(growthOf(Schema.Array(Thing), [thing, { ...thing, maybe: { state: null, at: "odd" } }])).toEqual(
      []
    )
  })

  it("is each unknown field and value, by its path", () => {
    const grown = {
      ...thing,
      state: "newest",
      added: { deep: 1 },
      states: ["old", "older", "oldest"],
      maybe: { state: "odd", at: null, more: 1 },
      counts: { x: { n: 1, m: 2 } },
      part: { type: "a", a: "b", b: "c" },
      secret: "s"
    }
    expect(growthOf(Schema.Array(Thing), [grown])).toEqual([
      "value [].state",
      "value [].states[]",
      "value [].states[]",
      "value [].maybe.state",
      "field [].maybe.more",
      "field [].counts.*.m",
      "value [].part.a",
      "field [].part.b",
      "field [].added"
    ])
  })

  it("has no key that may be a value", () => {
    const Counts = Schema.Struct({ known: Schema.Number })
    for (const key of [
      "ada@example.com",
      "eml_tz4a98xxat",
      "12",
      "",
      "__proto__x",
      "a b",
      "x".repeat(41),
      "id_12345"
    ]) {
      expect(growthOf(Counts, JSON.parse(JSON.stringify({ known: 1, [key]: 2 })))).toEqual(["field *"])
    }
    for (const key of ["created_at", "sha256", "camelCase", "kebab-case", "ipv6_address"]) {
      expect(growthOf(Counts, { known: 1, [key]: 2 })).toEqual([`field ${key}`])
    }
  })

  it("is found in the data of every operation that has a schema with fields", async () => {
    const { operations } = await discover()
    const withFields = [...operations.values()].flatMap((definitions) =>
      definitions.flatMap(({ operation: { data, name, response } }) =>
        data === undefined || response !== "envelope" ? [] : [{ data, name }]
      )
    )
    expect(withFields.length).toBeGreaterThan(90)
    for (const { data, name } of withFields) {
      const grown = { field_of_tomorrow: 1 }
      const list = growthOf(data, [grown])
      expect(list.length > 0 ? list : growthOf(data, grown), name).toEqual([
        expect.stringMatching(/^field (?:\[\]\.)?field_of_tomorrow$/)
      ])
    }
  })

  it("is nothing for a value that the schema rejects", () => {
    for (const value of [null, undefined, 1, "text", [], [[]]]) expect(growthOf(Thing, value)).toEqual([])
    expect(growthOf(Schema.Struct({ part: Thing.fields.part }), { part: { type: "c", z: 1 } })).toEqual([])
  })
})

const Report = Schema.Struct({ id: Schema.String, status: OpenEnum(["queued", "ready"]) })

const reports = {
  get: Core.operation("management.reports.get", { http: "GET", path: "/reports/{id}", data: Report }),
  list: Core.operation("management.reports.list", {
    http: "GET",
    path: "/reports",
    input: Schema.Struct({ cursor: Schema.optional(Schema.String) }),
    data: Schema.Array(Report),
    flags: ["paginated"]
  })
}

/** Methods that report to `report`, over a server that responds by `react`. */
const observed = (
  react: (request: Seen, index: number) => Reaction,
  report: (finding: Drift.DriftFinding) => Effect.Effect<void> = () => Effect.void
) => {
  const { client } = mockClient(react)
  return Core.methods({ surface: "management", apiKey: Redacted.make(rootKey), retry: Core.Retry.none }).pipe(
    Effect.map((methods) => ({ get: methods.call(reports.get), list: methods.list(reports.list) })),
    Effect.provide(Drift.layer(report)),
    Effect.provideService(HttpClient.HttpClient, client)
  )
}

/** An observer that remembers what it was told. */
const remembering = () => {
  const findings: Array<Drift.DriftFinding> = []
  const report = (finding: Drift.DriftFinding) => Effect.sync(() => void findings.push(finding))
  return { findings, report }
}

const count = (path: string, kind: string, operation = "management.reports.get") =>
  counterValue("sendmux_drift", { operation, path, kind })

describe("Drift.layer", () => {
  it.effect("tells of each place once for each response, and counts it", () => {
    const { findings, report } = remembering()
    const grown = { id: "rep_1", status: "late", more: 1 }
    return Effect.gen(function* () {
      const operation = "management.reports.list"
      const before = yield* count("[].status", "value", operation)
      const { list } = yield* observed(
        ({ url }) => (url.search === "" ? pageOf([grown, grown], "c") : pageOf([grown])),
        report
      )
      yield* Stream.runDrain(list())
      const page = [
        { operation, path: "[].status", kind: "value" },
        { operation, path: "[].more", kind: "field" }
      ]
      expect(findings).toEqual([...page, ...page])
      expect((yield* count("[].status", "value", operation)) - before).toBe(2)
    })
  })

  it.effect("tells of an unknown error code, and not of one that a proxy has caused", () => {
    const { findings, report } = remembering()
    return Effect.gen(function* () {
      const { get } = yield* observed(
        (_, index) =>
          [failure(400, "brand_new"), failure(404, "not_found"), new Response("<html>", { status: 502 })][
            index
          ] ?? ok({}),
        report
      )
      for (const id of ["a", "b", "c"]) yield* Effect.flip(get(id))
      expect(findings).toEqual([{ operation: "management.reports.get", path: "error.code", kind: "value" }])
    })
  })

  it.effect("leaves the call as it is, also if the report dies or the response does not fit", () =>
    Effect.gen(function* () {
      const { get } = yield* observed(
        ({ url }) =>
          url.pathname.endsWith("odd") ? ok({ id: 1, more: 1 }) : ok({ id: "a", status: "late" }),
        () => Effect.die("a defect of the report")
      )
      expect(yield* get("a")).toEqual({ id: "a", status: "late" })
      expect((yield* Effect.flip(get("odd")))._tag).toBe("ResponseDecodeError")
    })
  )

  it.effect("never tells a value", () => {
    const { findings, report } = remembering()
    return Effect.gen(function* () {
      const { get } = yield* observed(
        () =>
          ok({ id: "secret-id", status: "secret_status", extra: "secret-extra", "secret@example.com": 1 }),
        report
      )
      yield* get("a")
      expect(findings).toHaveLength(3)
      expect(JSON.stringify(findings)).not.toContain("secret")
    })
  })

  it.effect("tells at most 100 paths of an operation apart", () => {
    const { findings, report } = remembering()
    return Effect.gen(function* () {
      const name = (n: number) =>
        `f_${String.fromCharCode(97 + (n % 26))}${String.fromCharCode(97 + Math.floor(n / 26))}`
      const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [name(n), n]))
      const { get } = yield* observed(() => ok({ id: "a", status: "ready", ...many }), report)
      yield* get("a")
      yield* get("a")
      expect(new Set(findings.map(({ path }) => path)).size).toBe(101)
      expect(findings.filter(({ path }) => path === "*")).toHaveLength(100)
    })
  })

  it.effect("passes its services to the report", () => {
    const { findings } = remembering()
    return Effect.gen(function* () {
      const report = (finding: Drift.DriftFinding) =>
        Effect.flatMap(Sending, ({ meta }) => Effect.sync(() => void (meta && findings.push(finding))))
      const { client } = mockClient(() => ok({ id: "a", status: "late" }))
      const methods = yield* Core.methods({ surface: "management", apiKey: Redacted.make(rootKey) }).pipe(
        Effect.provide(
          Drift.layer(report).pipe(Layer.provide(Sending.layer({ apiKey: Redacted.make("smx_mbx_1") })))
        ),
        Effect.provideService(HttpClient.HttpClient, client),
        Effect.provide(Layer.succeed(HttpClient.HttpClient, client))
      )
      yield* methods.call(reports.get)("a")
      expect(findings).toHaveLength(1)
    })
  })
})

describe("Drift.layerMetric", () => {
  it.effect("counts what a surface of the SDK finds", () => {
    const { client } = mockClient(() =>
      ok({
        team: { id: "t", name: "T" },
        credential: { id: "c", type: "passkey", name: null },
        label: "L",
        permissions: [],
        mailboxes: [{ id: "m", email: "e", quota: 1 }]
      })
    )
    return Effect.gen(function* () {
      const operation = "management.connection.get"
      const before = yield* count("credential.type", "value", operation)
      const { connection } = yield* Management
      yield* connection.get()
      yield* connection.get()
      expect((yield* count("credential.type", "value", operation)) - before).toBe(2)
      expect(yield* count("mailboxes[].quota", "field", operation)).toBeGreaterThan(1)
    }).pipe(
      Effect.provide(
        Management.layer({ apiKey: Redacted.make(rootKey) }).pipe(
          Layer.provide(Drift.layerMetric),
          Layer.provide(Layer.succeed(HttpClient.HttpClient, client))
        )
      )
    )
  })

  it.effect("finds nothing in the responses of the sandbox", () => {
    const { findings, report } = remembering()
    return Effect.gen(function* () {
      const management = yield* Management
      const domain = yield* management.domains.create({ domain: "drift.example.com" })
      yield* management.domains.get(domain.id)
      yield* management.domains.verify(domain.id)
      yield* Stream.runDrain(management.domains.list())
      yield* Stream.runDrain(management.mailboxes.list())
      yield* Stream.runDrain(management.emails.listLogs())
      yield* management.billing.getBalance()
      expect(findings).toEqual([])
    }).pipe(
      Effect.provide(
        Management.layer({ apiKey: Sandbox.rootKey }).pipe(
          Layer.provide(Drift.layer(report)),
          Layer.provide(Sandbox.layer)
        )
      )
    )
  })
})
