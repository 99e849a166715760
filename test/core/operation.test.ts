import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { expectTypeOf } from "vitest"
import * as Core from "../../src/Core.js"
import { failure, mockClient, ok, type Reaction, type Seen } from "../support/http.js"
import { pageOf, rootKey } from "../support/management.js"
import { untyped } from "../support/synthetic.js"
import { record } from "../support/telemetry.js"
import { errorOf, recordWaits } from "../support/time.js"
import type { SuccessOf } from "../support/types.js"

const Report = Schema.Struct({
  id: Schema.String,
  status: Core.OpenEnum(["queued", "ready"]),
  note: Core.Nullable(Schema.String),
  key: Core.Optional(Core.Secret)
})

const operations = {
  create: Core.operation("management.reports.create", {
    http: "POST",
    path: "/reports",
    body: "json",
    input: Schema.Struct({
      month: Schema.String,
      password: Schema.optional(Core.SecretInput(Schema.String))
    }),
    data: Report,
    flags: ["idempotencyKey"]
  }),
  get: Core.operation("management.reports.get", {
    http: "GET",
    path: "/reports/{id}",
    data: Report,
    flags: ["conditional"]
  }),
  list: Core.operation("management.reports.list", {
    http: "GET",
    path: "/reports",
    input: Schema.Struct({ status: Schema.optional(Schema.String), cursor: Schema.optional(Schema.String) }),
    data: Schema.Array(Report),
    flags: ["paginated"]
  }),
  download: Core.operation("management.reports.download", {
    http: "GET",
    path: "/reports/{id}/file",
    response: "bytes"
  })
}

const report = { id: "rep_1", status: "ready", note: null }

/** The methods of the operations, over a server that responds by `react`. */
const reports = (
  react: (request: Seen, index: number) => Reaction,
  options: Partial<Core.MethodsOptions> = {}
) => {
  const { client, seen } = mockClient(react)
  const given = { surface: "management", apiKey: Redacted.make(rootKey), ...options } as Core.MethodsOptions
  const made = Effect.map(Core.methods(given), (methods) => ({
    create: methods.call(operations.create),
    get: methods.conditional(operations.get),
    list: methods.list(operations.list),
    download: methods.bytes(operations.download)
  }))
  return { seen, reports: Effect.provideService(made, HttpClient.HttpClient, client) }
}

describe("a method of an own operation", () => {
  it.effect("sends the credential, the key and the encoded input to the URL of the surface", () => {
    const { reports: made, seen } = reports(() => ok(report))
    return Effect.gen(function* () {
      const { create } = yield* made
      const { data, meta } = yield* create.withResponse({ month: "2026-10" }, { idempotencyKey: "october" })
      expect(data).toEqual({ id: "rep_1", status: "ready", note: null })
      expect([meta.requestId, meta.attempts]).toEqual(["req_ok", 1])
      expect(seen[0]).toMatchObject({
        method: "POST",
        url: new URL("https://app.sendmux.ai/api/v1/reports"),
        body: '{"month":"2026-10"}',
        headers: {
          authorization: `Bearer ${rootKey}`,
          "idempotency-key": "october",
          "user-agent": `effect-sendmux/${Core.version}`
        }
      })
    })
  })

  it.effect("retries with the same key, and fails with the typed errors of the SDK", () => {
    const { reports: made, seen } = reports((_, index) =>
      index < 2 ? failure(503, "service_unavailable") : failure(422, "validation_error")
    )
    return Effect.gen(function* () {
      const { create } = yield* made
      const { exit } = yield* recordWaits(create({ month: "2026-10" }))
      expect(errorOf(exit)).toMatchObject({
        _tag: "APIError",
        operation: "management.reports.create",
        code: "validation_error",
        attempts: 3
      })
      expect(new Set(seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(1)
    })
  })

  it.effect("checks its input before anything is sent", () => {
    const { reports: made, seen } = reports(() => ok(report))
    return Effect.gen(function* () {
      const { create, get } = yield* made
      const error = yield* Effect.flip(create(untyped({ month: 10, moth: "x" })))
      expect(error.message).toBe(
        "management.reports.create: nothing was sent: moth is not a known field; month must be a string, got a number"
      )
      expect((yield* Effect.flip(get("..")))._tag).toBe("InvalidRequestError")
      expect(seen).toHaveLength(0)
    })
  })

  it.effect("decodes as tolerantly as the operations of the SDK, and says what does not fit", () => {
    const { reports: made } = reports(({ url }) =>
      url.pathname.endsWith("odd") ? ok({ id: 1 }) : ok({ ...report, status: "new", more: true })
    )
    return Effect.gen(function* () {
      const { get } = yield* made
      expect(yield* get("a")).toEqual({ ...report, status: "new" })
      expect(yield* Effect.flip(get("odd"))).toMatchObject({
        _tag: "ResponseDecodeError",
        operation: "management.reports.get",
        issue: expect.stringContaining("id")
      })
    })
  })

  it.effect("streams the items and the pages of a list, and fails if a cursor is repeated", () => {
    const { reports: made, seen } = reports(({ url }) => {
      const cursor = url.searchParams.get("cursor")
      return cursor === null ? pageOf([report], "c1") : pageOf([report], cursor === "c1" ? "c2" : "c1")
    })
    return Effect.gen(function* () {
      const { list } = yield* made
      const items = yield* Stream.runCollect(Stream.take(list({ status: "ready" }), 2))
      expect(Chunk.toReadonlyArray(items).map(({ id }) => id)).toEqual(["rep_1", "rep_1"])
      const pages = yield* Stream.runCollect(Stream.take(list.pages({ status: "ready" }), 2))
      expect(Chunk.toReadonlyArray(pages).map(({ nextCursor }) => nextCursor)).toEqual(["c1", "c2"])
      expect(seen.every(({ url }) => url.searchParams.get("status") === "ready")).toBe(true)
      expect(yield* Effect.flip(Stream.runDrain(list()))).toMatchObject({
        _tag: "PaginationError",
        operation: "management.reports.list",
        reason: "RepeatedCursor"
      })
    })
  })

  it.effect("reads conditionally, and streams a download", () => {
    const { reports: made, seen } = reports(({ headers, url }) => {
      if (url.pathname.endsWith("/file")) return new Response("abc")
      return headers["if-none-match"] === '"1"' ? new Response(null, { status: 304 }) : ok(report)
    })
    return Effect.gen(function* () {
      const { download, get } = yield* made
      expect(yield* get.ifNoneMatch('"1"', "a/b")).toEqual(Option.none())
      expect(seen[0]?.url.pathname).toBe("/api/v1/reports/a%2Fb")
      const bytes = yield* Stream.runFold(
        download("a"),
        "",
        (text, chunk) => text + new TextDecoder().decode(chunk)
      )
      expect(bytes).toBe("abc")
    })
  })

  it.effect("has a span with its name and no id, and no secret in an error that the server echoes", () => {
    const { layer, logs, spans } = record()
    const { reports: made } = reports((_, index) =>
      index === 0 ? ok(report) : failure(400, "invalid_parameter", { message: `hunter22 ${rootKey}` })
    )
    return Effect.gen(function* () {
      const { create, get } = yield* made
      yield* get("rep_secret")
      const error = yield* Effect.flip(create({ month: "2026-10", password: "hunter22" }))
      expect(error.message).toContain("<redacted> <redacted>")
      const call = spans.find(({ name }) => name === "Sendmux.management.reports.get")
      expect(call?.attributes.get("http.route")).toBe("/reports/{id}")
      expect(JSON.stringify([...(call?.attributes ?? [])]) + logs.join("")).not.toContain("rep_secret")
    }).pipe(Effect.provide(layer))
  })

  it.effect("cannot be made of an operation of another surface", () => {
    const { client } = mockClient(() => ok(report))
    return Effect.gen(function* () {
      const methods = yield* Core.methods({ surface: "sending", apiKey: Redacted.make("smx_mbx_1") })
      const problem = "this is an operation of management, and the methods are for sending"
      expect(() => methods.call(operations.get)).toThrow(`management.reports.get: ${problem}`)
      expect(() => methods.list(operations.list)).toThrow(problem)
      expect(() => methods.bytes(operations.download)).toThrow(problem)
    }).pipe(Effect.provideService(HttpClient.HttpClient, client))
  })

  it.effect("cannot be made with an invalid credential", () =>
    Effect.gen(function* () {
      const { reports: made } = reports(() => ok(report), { apiKey: Redacted.make("smx_mbx_1") })
      expect((yield* Effect.flip(made)).message).toContain(
        "The management layer: apiKey is of the wrong kind"
      )
    })
  )

  it("has the types that follow from its declaration", () => {
    const typed = ({ create, get, list }: SuccessOf<ReturnType<typeof reports>["reports"]>) => {
      expectTypeOf(create({ month: "x" }, { idempotencyKey: "k", onConflict: "wait" })).toExtend<
        Effect.Effect<{ readonly status: string; readonly note: string | null }, unknown>
      >()
      // @ts-expect-error the input is required
      void create()
      // @ts-expect-error the operation accepts no key
      void get("a", { idempotencyKey: "k" })
      // @ts-expect-error the id is required
      void get()
      expectTypeOf(list()).toExtend<Stream.Stream<{ readonly id: string }, Core.SendmuxStreamError>>()
    }
    expect(typed).toBeTypeOf("function")
  })
})

describe("Core.operation", () => {
  it("refuses a declaration that cannot work", () => {
    const cases: ReadonlyArray<readonly [unknown, string]> = [
      [{ http: "GET", path: "reports", data: Report }, "the path must begin with a slash"],
      [{ http: "GET", path: "@evil.test/x", data: Report }, "the path must begin with a slash"],
      [{ http: "GET", path: "/a?b=c", data: Report }, "the path must begin with a slash"],
      [{ http: "GET", path: "/../a", data: Report }, "the path must begin with a slash"],
      [{ http: "GET", path: "/a/.%2E/b", data: Report }, "the path must begin with a slash"],
      [{ http: "GET", path: "/a", body: "json", input: Report, data: Report }, "a GET has no body"],
      [{ http: "POST", path: "/a", body: "json", data: Report }, "a body needs an input"],
      [{ http: "POST", path: "/a" }, "data is missing"]
    ]
    for (const [definition, problem] of cases) {
      expect(() => Core.operation("management.reports.odd", untyped(definition))).toThrow(
        `management.reports.odd: ${problem}`
      )
    }
    expect(() => Core.operation(untyped("reports"), { http: "GET", path: "/a", data: Report })).toThrow(
      "reports is not the name of an operation: expected surface.group.method"
    )
  })
})
