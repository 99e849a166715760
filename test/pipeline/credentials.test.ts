import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import type { Surface } from "../../src/internal/operation/operation.js"
import { makePipeline, type PipelineOptions } from "../../src/internal/pipeline/make.js"
import { Sending } from "../../src/Sending.js"
import { apiKey, email, failure, mockClient, ok, sent } from "../support/http.js"
import { makeThings } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

const item = { id: "thg_1" }

const build = (surface: Surface, options: unknown) =>
  Effect.provideService(
    makePipeline(surface, "https://api.test/v1", options as PipelineOptions),
    HttpClient.HttpClient,
    mockClient(() => "network").client
  )

describe("the prefix of an API key", () => {
  const surfaces: Record<Surface, ReadonlyArray<string>> = {
    sending: ["smx_mbx_", "smx_agent_"],
    mailbox: ["smx_mbx_", "smx_agent_"],
    management: ["smx_root_"]
  }
  for (const surface of ["sending", "mailbox", "management"] as const) {
    for (const prefix of ["smx_mbx_", "smx_agent_", "smx_root_", "smx_", "SMX_MBX_", "whsec_", ""]) {
      const fits = surfaces[surface].includes(prefix)
      it.effect(
        `the ${surface} surface ${fits ? "accepts" : "rejects"} ${prefix === "" ? "a key without a prefix" : `a key with ${prefix}`}`,
        () =>
          Effect.gen(function* () {
            const exit = yield* Effect.exit(build(surface, { apiKey: Redacted.make(`${prefix}abc123`) }))
            if (fits) return expect(exit._tag).toBe("Success")
            const error = errorOf(exit)
            expect(error).toMatchObject({ _tag: "ConfigurationError", surface, option: "apiKey" })
            expect(error.message).toContain(surfaces[surface].join(" or "))
          })
      )
    }
  }
})

describe("building a layer with an invalid credential", () => {
  const invalid: ReadonlyArray<readonly [string, unknown, string]> = [
    ["no credential", {}, "apiKey"],
    [
      "a key together with a token",
      { apiKey: Redacted.make(apiKey), accessToken: Redacted.make("abc") },
      "accessToken"
    ],
    ["an empty key", { apiKey: Redacted.make("") }, "apiKey"],
    ["a key that is only a prefix", { apiKey: Redacted.make("smx_mbx_") }, "apiKey"],
    ["a key with a line break at its end", { apiKey: Redacted.make(`${apiKey}\n`) }, "apiKey"],
    ["a key that contains another header", { apiKey: Redacted.make(`${apiKey}\r\nx: y`) }, "apiKey"],
    ["a key with a space", { apiKey: Redacted.make(`${apiKey} x`) }, "apiKey"],
    ["a key with a character beyond ASCII", { apiKey: Redacted.make(`${apiKey}ü`) }, "apiKey"],
    ["a key that is not Redacted", { apiKey }, "apiKey"],
    ["an empty token", { accessToken: Redacted.make("") }, "accessToken"],
    ["a token with its scheme", { accessToken: Redacted.make("Bearer abc") }, "accessToken"],
    ["a token with a line break", { accessToken: Redacted.make("abc\n") }, "accessToken"],
    ["a token with = in the middle", { accessToken: Redacted.make("a=b") }, "accessToken"],
    ["a token that is not Redacted", { accessToken: "abc" }, "accessToken"]
  ]
  for (const [what, options, option] of invalid) {
    it.effect(`fails for ${what}`, () =>
      Effect.gen(function* () {
        const error = errorOf(yield* Effect.exit(build("mailbox", options)))
        expect(error).toMatchObject({ _tag: "ConfigurationError", surface: "mailbox", option })
      })
    )
  }

  it.effect("accepts any OAuth token, whatever its prefix", () =>
    Effect.gen(function* () {
      for (const token of ["abc", "smx_root_1", "a.b-c_d~e+f/g==", "eyJhbGciOi.J9.x"]) {
        yield* build("management", { accessToken: Redacted.make(token) })
      }
    })
  )
})

describe("building a layer with another invalid option", () => {
  const invalid: ReadonlyArray<readonly [string, Partial<PipelineOptions>]> = [
    ["baseUrl", { baseUrl: "" }],
    ["baseUrl", { baseUrl: "/api/v1" }],
    ["baseUrl", { baseUrl: "ftp://api.test" }],
    ["baseUrl", { baseUrl: "https://api.test/v1?x=1" }],
    ["baseUrl", { baseUrl: "https://api.test/v1#x" }],
    ["baseUrl", { baseUrl: "https://me:secret@api.test/v1" }],
    ["timeout", { timeout: 0 }],
    ["timeout", { timeout: Number.NaN }]
  ]
  for (const [option, options] of invalid) {
    it.effect(`fails for ${option} in ${JSON.stringify(options)}, without revealing a password`, () =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(build("mailbox", { apiKey: Redacted.make(apiKey), ...options }))
        expect(errorOf(exit)).toMatchObject({ _tag: "ConfigurationError", option })
        expect(String(errorOf(exit))).not.toContain("secret")
      })
    )
  }
})

describe("an accessToken effect", () => {
  it.effect("runs for each attempt, so that a renewed token is used immediately", () =>
    Effect.gen(function* () {
      let issued = 0
      const { client, seen } = mockClient((_, index) => (index < 2 ? failure(503, "x") : ok(item)))
      const things = yield* makeThings(client, {
        accessToken: Effect.sync(() => Redacted.make(`token-${++issued}`)),
        timeout: Number.POSITIVE_INFINITY
      })
      expect(issued).toBe(0)
      yield* recordWaits(things.getPart("a", "b"))
      expect(seen.map(({ headers }) => headers["authorization"])).toEqual([
        "Bearer token-1",
        "Bearer token-2",
        "Bearer token-3"
      ])
    })
  )

  it.effect(
    "causes a TransportError when it fails, and an InvalidRequestError when it returns no valid token",
    () =>
      Effect.gen(function* () {
        const { client, seen } = mockClient(() => ok(item))
        const failing = yield* makeThings(client, { accessToken: Effect.fail("expired"), timeout: 1000 })
        // Nothing was sent, so even a call that is not safe to repeat is retried.
        const call = yield* Effect.fork(Effect.flip(failing.note({ text: "x" })))
        yield* TestClock.adjust("10 seconds")
        const error = yield* Fiber.join(call)
        expect(error).toMatchObject({ _tag: "TransportError", reason: "AccessToken", attempts: 3 })
        for (const token of [Redacted.make("Bearer x"), Redacted.make(""), "plain"]) {
          const accessToken = Effect.succeed(token as Redacted.Redacted)
          const things = yield* makeThings(client, { accessToken })
          expect(yield* Effect.flip(things.getPart("a", "b"))).toMatchObject({ _tag: "InvalidRequestError" })
        }
        expect(seen).toHaveLength(0)
      })
  )

  it.effect("is subject to the timeout of the attempt", () =>
    Effect.gen(function* () {
      const things = yield* makeThings(mockClient(() => ok(item)).client, {
        accessToken: Effect.never,
        timeout: 500
      })
      const { exit, waits } = yield* recordWaits(things.note({ text: "x" }))
      expect(errorOf(exit)).toMatchObject({ _tag: "TransportError", reason: "Timeout" })
      expect(waits).toEqual([500])
    })
  )
})

describe("the credential", () => {
  it.effect(
    "is sent with calls of the API, but not with public calls or calls that have their own token",
    () =>
      Effect.gen(function* () {
        const { client, seen } = mockClient(() => ok({}))
        const sending = yield* Effect.provideService(
          Sending.make({ apiKey: Redacted.make(apiKey) }),
          HttpClient.HttpClient,
          client
        )
        yield* Effect.ignore(sending.connection.get())
        yield* Effect.ignore(sending.meta.getOpenApiSpec())
        const upload = { content: new Uint8Array([1]), upload_token: "token" }
        yield* Effect.ignore(sending.attachments.completeUpload("upl_1", upload))
        expect(seen.map(({ headers }) => headers["authorization"])).toEqual([
          `Bearer ${apiKey}`,
          undefined,
          undefined
        ])
      })
  )
})

describe("layerConfig", () => {
  const send = Effect.flatMap(Sending, ({ emails }) => emails.send(email))
  const from = (values: Record<string, string>, options: Parameters<typeof Sending.layerConfig>[0]) => {
    const { client, seen } = mockClient(() => ok(sent))
    const layer = Layer.provide(Sending.layerConfig(options), Layer.succeed(HttpClient.HttpClient, client))
    const provider = ConfigProvider.fromMap(new Map(Object.entries(values)))
    return Effect.map(
      Effect.exit(Effect.provide(send, Layer.provide(layer, Layer.setConfigProvider(provider)))),
      (exit) => ({ exit, seen })
    )
  }

  it.effect("reads the key, the base URL and the timeout from the configuration", () =>
    Effect.gen(function* () {
      const { exit, seen } = yield* from(
        { KEY: apiKey, URL: "http://127.0.0.1:4700/sending/api/v1/", TIMEOUT: "5 seconds" },
        { apiKey: Config.redacted("KEY"), baseUrl: Config.string("URL"), timeout: Config.duration("TIMEOUT") }
      )
      expect(exit).toEqual(Exit.succeed(sent))
      expect(seen[0]?.url.href).toBe("http://127.0.0.1:4700/sending/api/v1/emails/send")
      expect(seen[0]?.headers["authorization"]).toBe(`Bearer ${apiKey}`)
    })
  )

  it.effect("reads an access token from the configuration", () =>
    Effect.gen(function* () {
      const { seen } = yield* from({ TOKEN: "oauth-1" }, { accessToken: Config.redacted("TOKEN") })
      expect(seen[0]?.headers["authorization"]).toBe("Bearer oauth-1")
    })
  )

  it.effect(
    "fails with a ConfigError that names a missing value, and with a ConfigurationError for an invalid value",
    () =>
      Effect.gen(function* () {
        const missing = yield* from({}, { apiKey: Config.redacted("KEY") })
        expect(String(errorOf(missing.exit))).toContain("KEY")
        const bad = yield* from({ KEY: "smx_root_1" }, { apiKey: Config.redacted("KEY") })
        expect(errorOf(bad.exit)).toMatchObject({ _tag: "ConfigurationError", option: "apiKey" })
      })
  )
})
