/**
 * Which requests the served sandbox accepts, and the line that it logs for each.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Sandbox } from "../../../src/index.js"
import { logLayer } from "../../support/dialect/telemetry.js"
import { serve, serveSandbox } from "../../support/sandbox.js"
import { send } from "./raw.js"

const authorization = "Bearer smx_mbx_sandbox"

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const me = "GET /sending/api/v1/me"

for (const host of ["", "a b", "a@127.0.0.1", "127.0.0.1:99999", "127.0.0.1:x", "[::1", "127.0.0.1/x", "%"]) {
  it.live(
    `the served sandbox responds with 400 in the API's envelope to the Host header ${JSON.stringify(host)}`,
    () =>
      Effect.gen(function* () {
        const url = yield* serveSandbox()
        const { head, json, status } = yield* send(url, me, { host, authorization })
        expect(status).toBe(400)
        expect(head).toContain("x-request-id: req_")
        expect(json).toMatchObject({ ok: false, error: { code: "invalid_parameter", retryable: false } })
        expect(json.meta.request_id).toMatch(/^req_/)
      }).pipe(Effect.scoped)
  )
}

for (const target of [
  "//",
  "//evil.test/sending/api/v1/me",
  "/%",
  "/sending/api/v1/emails/attachments/%zz",
  "/\\"
]) {
  it.live(`the served sandbox responds with 404 in the API's envelope to the target ${target}`, () =>
    Effect.gen(function* () {
      const url = yield* serveSandbox()
      const { json, status } = yield* send(url, `GET ${target}`)
      expect(status).toBe(404)
      expect(json).toMatchObject({ ok: false, error: { code: "not_found" } })
    }).pipe(Effect.scoped)
  )
}

for (const line of [
  "OPTIONS *",
  "GET http://[/",
  "GET http://evil.test/sending/api/v1/me",
  "GET ftp://127.0.0.1/x"
]) {
  it.live(`the served sandbox responds with 400 in the API's envelope to the request line ${line}`, () =>
    Effect.gen(function* () {
      const url = yield* serveSandbox()
      const { json, status } = yield* send(url, line, { host: "127.0.0.1", authorization })
      expect(status).toBe(400)
      expect(json).toMatchObject({ ok: false, error: { code: "invalid_parameter" } })
    }).pipe(Effect.scoped)
  )
}

it.live("the API and the control accept loopback hosts and allowedHosts only", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox({ allowedHosts: ["sandbox"] })
    for (const line of [me, "GET /__sandbox/health"]) {
      for (const host of [
        "127.0.0.1:4700",
        "127.9.9.9",
        "localhost",
        "LOCALHOST:80",
        "[::1]:4700",
        "sandbox:80"
      ]) {
        expect((yield* send(url, line, { host, authorization })).status, host).toBe(200)
      }
      for (const host of [
        "evil.test",
        "127.0.0.1.evil.test",
        "localhost.evil.test",
        "10.0.0.1",
        "smtp.sendmux.ai"
      ]) {
        const { json, status } = yield* send(url, line, { host, authorization })
        expect(status, host).toBe(403)
        expect(json).toMatchObject({ ok: false, error: { code: "insufficient_permissions" } })
      }
    }
  }).pipe(Effect.scoped)
)

it.live("the control rejects requests with the Origin of another site or another port", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox()
    const clear = (origin: string) =>
      send(url, "DELETE /__sandbox/faults", { host: "127.0.0.1", origin, "content-length": "0" })
    for (const origin of [
      "https://evil.test",
      "null",
      "http://127.0.0.1.evil.test",
      "http://127.0.0.1:1",
      "http://localhost:3000"
    ]) {
      expect(yield* clear(origin)).toMatchObject({
        status: 403,
        json: { ok: false, error: { code: "insufficient_permissions" } }
      })
    }
    expect((yield* clear("http://127.0.0.1")).status).toBe(200)
  }).pipe(Effect.scoped)
)

it.live("the control reports its errors in the API's envelope", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox()
    const post = (path: string, body: string) =>
      send(url, `POST /__sandbox${path}`, { host: "127.0.0.1", "content-length": String(body.length) }, body)
    const rateLimit = (body: string) =>
      send(
        url,
        "PATCH /__sandbox/rate-limit",
        { host: "127.0.0.1", "content-length": String(body.length) },
        body
      )
    expect((yield* rateLimit('{"limits":{"sending":5},"window_ms":2000}')).status).toBe(200)
    const fault = (kind: object, times?: number, probability?: number) =>
      post("/faults", JSON.stringify({ times, probability, kind }))
    for (const [response, expected, code] of [
      [yield* send(url, "GET /__sandbox/nothing"), 404, "not_found"],
      [yield* post("/inbound", "{"), 400, "invalid_parameter"],
      [yield* post("/inbound", "{}"), 422, "validation_error"],
      [yield* post("/inbound", '{"to":"nobody@example.com"}'), 404, "not_found"],
      [yield* post("/forget-changes", '{"mailbox":"x"}'), 404, "not_found"],
      [yield* rateLimit('{"window_ms":1}'), 422, "validation_error"],
      [yield* rateLimit('{"limits":{"sending":0}}'), 422, "validation_error"],
      [yield* fault({ _tag: "Nonsense" }), 422, "validation_error"],
      [yield* fault({ _tag: "ErrorResponse", status: 99 }), 422, "validation_error"],
      [yield* fault({ _tag: "Slow", millis: -1 }), 422, "validation_error"],
      [yield* fault({ _tag: "BadGateway" }, 0), 422, "validation_error"],
      [yield* fault({ _tag: "BadGateway" }, undefined, 1.5), 422, "validation_error"],
      [
        yield* post("/faults", '{"operation":"sending.emails.all","kind":{"_tag":"BadGateway"}}'),
        422,
        "validation_error"
      ],
      [yield* send(url, "GET /__sandbox/requests?limit=x"), 400, "invalid_parameter"]
    ] as const) {
      expect(response.status).toBe(expected)
      expect(response.json).toMatchObject({ ok: false, error: { code, retryable: false } })
      expect(response.json.error.message).not.toBe("")
      expect(response.head).toContain(`x-request-id: ${response.json.meta.request_id}`)
    }
  }).pipe(Effect.scoped)
)

it.live("requests to the control and refused requests do not change the ids of the API", () =>
  Effect.gen(function* () {
    const quiet = yield* serveSandbox()
    const first = (yield* send(quiet, me, { host: "127.0.0.1", authorization })).json.meta.request_id
    const busy = yield* serveSandbox()
    yield* send(busy, "GET /__sandbox/health")
    yield* send(busy, me, { host: "evil.test", authorization })
    expect((yield* send(busy, me, { host: "127.0.0.1", authorization })).json.meta.request_id).toBe(first)
  }).pipe(Effect.scoped)
)

it.live(
  "the served sandbox logs one line without secrets for each request but reads of the control, at the level Debug",
  () => {
    const lines: Array<readonly [string, string]> = []
    const logged = logLayer(({ level, message }) => lines.push([level, String(message)]), "Debug")
    return Effect.gen(function* () {
      const { control, httpApp } = yield* Sandbox.make()
      const url = yield* serve({ httpApp })
      lines.length = 0
      yield* send(url, `${me}?token=smx_secret`, { host: "127.0.0.1", authorization })
      yield* send(url, "GET /nothing?token=smx_secret", { host: "127.0.0.1" })
      yield* send(url, me, { host: "", authorization })
      yield* control.inject({ kind: { _tag: "ConnectionLost" } })
      yield* send(url, me, { host: "127.0.0.1", authorization })
      yield* control.inject({ kind: { _tag: "Slow", millis: 3_600_000 } })
      const slow = yield* Effect.fork(send(url, me, { host: "127.0.0.1", authorization }))
      while ((yield* control.requests).length < 4) yield* turn
      yield* Fiber.interrupt(slow)
      while (lines.length < 5) yield* turn
      yield* turn
      yield* send(url, "GET /__sandbox/health")
      expect(lines.map(([level]) => level)).toEqual(["DEBUG", "DEBUG", "DEBUG", "DEBUG", "DEBUG"])
      const [first, second, third, fourth, fifth] = lines.map(([, line]) => line)
      expect(first).toMatch(/^GET \/sending\/api\/v1\/me sending\.connection\.get 200 req_\w+ \d+ ms$/)
      expect(second).toMatch(/^GET \/nothing 404 not_found req_\w+ \d+ ms$/)
      expect(third).toMatch(/^GET \/sending\/api\/v1\/me 400 invalid_parameter req_\w+ \d+ ms$/)
      expect(fourth).toMatch(
        /^GET \/sending\/api\/v1\/me sending\.connection\.get no response \d+ ms \(fault: ConnectionLost\)$/
      )
      expect(fifth).toMatch(
        /^GET \/sending\/api\/v1\/me sending\.connection\.get the client closed the connection \d+ ms \(fault: Slow\)$/
      )
    }).pipe(Effect.scoped, Effect.provide(logged))
  }
)
