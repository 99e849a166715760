/**
 * What pages of other origins may do with the served sandbox in a browser.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Sandbox } from "../../../src/index.js"
import { serveSandbox } from "../../support/sandbox.js"
import { send } from "./raw.js"

const authorization = "Bearer smx_mbx_sandbox"
const appPage = "https://app.example.com"
const loopbackPages = [
  "http://localhost:3000",
  "http://127.0.0.1:5173",
  "https://localhost",
  "http://[::1]:8080"
]
const foreignPages = [
  "https://evil.test",
  "null",
  "http://localhost.evil.test",
  "https://app.example.com:8443"
]

const ask = (url: string, init: RequestInit = {}) => Effect.promise(() => fetch(url, init))

const preflight = (url: string, origin: string, headers: Readonly<Record<string, string>> = {}) =>
  ask(url, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,idempotency-key",
      ...headers
    }
  })

const corsHeaders = (response: Response) =>
  [...response.headers.keys()].filter((name) => name.startsWith("access-control-"))

it.live("a preflight of a loopback page needs no key, and is not recorded as a request", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox({ allowedOrigins: [appPage] })
    for (const origin of [...loopbackPages, appPage]) {
      for (const path of ["/sending/api/v1/emails/send", "/app/api/v1/mailbox/messages"]) {
        const response = yield* preflight(url + path, origin)
        expect(response.status, origin).toBe(204)
        expect(response.headers.get("access-control-allow-origin")).toBe(origin)
        expect(response.headers.get("access-control-allow-methods")).toContain("PATCH")
        expect(response.headers.get("access-control-allow-headers")).toBe(
          "authorization,content-type,idempotency-key"
        )
        expect(response.headers.get("access-control-allow-credentials")).toBeNull()
        expect(response.headers.get("vary")).toContain("Origin")
      }
    }
    const seen = yield* ask(`${url}/__sandbox/requests`)
    expect(yield* Effect.promise(() => seen.json())).toMatchObject({ requests: [] })
  }).pipe(Effect.scoped)
)

it.live(
  "a preflight repeats header names only, and allows the local network if the browser asks for it",
  () =>
    Effect.gen(function* () {
      const url = `${yield* serveSandbox()}/sending/api/v1/me`
      const odd = yield* preflight(url, "http://localhost:3000", {
        "access-control-request-headers": "a b;c"
      })
      expect(odd.headers.get("access-control-allow-headers")).toBeNull()
      const local = yield* preflight(url, "http://localhost:3000", {
        "access-control-request-private-network": "true"
      })
      expect(local.headers.get("access-control-allow-private-network")).toBe("true")
    }).pipe(Effect.scoped)
)

it.live("a loopback page may read successes, failures and the headers of the API", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox()
    const origin = "http://localhost:3000"
    for (const [headers, status] of [
      [{ authorization, origin }, 200],
      [{ origin }, 401]
    ] as const) {
      const response = yield* ask(`${url}/sending/api/v1/me`, { headers })
      expect(response.status).toBe(status)
      expect(response.headers.get("access-control-allow-origin")).toBe(origin)
      const exposed = response.headers.get("access-control-expose-headers")?.split(", ") ?? []
      for (const name of [
        "x-request-id",
        "etag",
        "retry-after",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "location",
        "content-disposition"
      ]) {
        expect(exposed).toContain(name)
      }
    }
  }).pipe(Effect.scoped)
)

it.live("a page of a foreign origin receives no header that lets it read the API", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox({ allowedOrigins: [appPage] })
    for (const origin of foreignPages) {
      const asked = yield* preflight(`${url}/sending/api/v1/me`, origin)
      expect(asked.status).toBe(403)
      expect(corsHeaders(asked)).toEqual([])
      const read = yield* ask(`${url}/sending/api/v1/me`, { headers: { authorization, origin } })
      expect(corsHeaders(read)).toEqual([])
    }
    const without = yield* ask(`${url}/sending/api/v1/me`, { headers: { authorization } })
    expect(corsHeaders(without)).toEqual([])
  }).pipe(Effect.scoped)
)

it.live("a page of another port reads the control only if its origin is allowed", () =>
  Effect.gen(function* () {
    const allowed = "http://localhost:3000"
    const url = yield* serveSandbox({ allowedOrigins: [allowed] })
    for (const origin of ["http://localhost:3001", "http://127.0.0.1:5173", ...foreignPages]) {
      for (const response of [
        yield* ask(`${url}/__sandbox/outbox`, { headers: { origin } }),
        yield* preflight(`${url}/__sandbox/faults`, origin)
      ]) {
        expect(response.status, origin).toBe(403)
        expect(corsHeaders(response)).toEqual([])
      }
    }
    const read = yield* ask(`${url}/__sandbox/outbox`, { headers: { origin: allowed } })
    expect(read.status).toBe(200)
    expect(read.headers.get("access-control-allow-origin")).toBe(allowed)
    expect((yield* preflight(`${url}/__sandbox/faults`, allowed)).status).toBe(204)
    const own = yield* ask(`${url}/__sandbox/outbox`, { headers: { origin: url } })
    expect(own.status).toBe(200)
    expect(corsHeaders(own)).toEqual([])
  }).pipe(Effect.scoped)
)

it.live("the control rejects images, frames and scripts of other sites, and accepts links to it", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox()
    const status = (headers: Readonly<Record<string, string>>) =>
      // The client sets these headers itself, so the request is written by hand.
      Effect.map(
        send(url, "GET /__sandbox/health", { host: new URL(url).host, ...headers }),
        (response) => response.status
      )
    for (const site of ["cross-site", "same-site"]) {
      for (const [mode, dest] of [
        ["no-cors", "image"],
        ["no-cors", "script"],
        ["navigate", "iframe"]
      ] as const) {
        const headers = { "sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest }
        expect(yield* status(headers), `${site} ${dest}`).toBe(403)
      }
      expect(
        yield* status({
          "sec-fetch-site": site,
          "sec-fetch-mode": "navigate",
          "sec-fetch-dest": "document"
        })
      ).toBe(200)
    }
    expect(yield* status({ "sec-fetch-site": "same-origin", "sec-fetch-dest": "image" })).toBe(200)
    expect(yield* status({ "sec-fetch-site": "none" })).toBe(200)
  }).pipe(Effect.scoped)
)

for (const origin of [
  "app.example.com",
  "*",
  "null",
  "https://app.example.com/path",
  "ftp://app.example.com"
]) {
  it(`a sandbox is not made with the allowed origin ${origin}`, () => {
    expect(() => Sandbox.make({ allowedOrigins: [origin] })).toThrow(RangeError)
  })
}

it("an allowed origin may end with a slash", () => {
  expect(() =>
    Sandbox.make({ allowedOrigins: ["https://app.example.com/", "http://localhost:80"] })
  ).not.toThrow()
})
