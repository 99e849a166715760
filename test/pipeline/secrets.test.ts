import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import { describe, expect, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Sending } from "../../src/Sending.js"
import { apiKey, mockClient, ok, type Seen } from "../support/http.js"
import { echo, expectClean, expectNoLeak, password, token, uploadToken } from "../support/leaks.js"
import { makeThings } from "../support/synthetic.js"
import { record } from "../support/telemetry.js"

const html = (request: Seen) =>
  new Response(`<html>${JSON.stringify(request.headers)}</html>`, {
    status: 502,
    headers: { "x-request-id": request.headers["authorization"] ?? "" }
  })

const misfit = (request: Seen) =>
  new Response(
    JSON.stringify({
      ok: true,
      data: { id: [request.headers["authorization"]] },
      meta: { request_id: request.headers["authorization"] }
    })
  )

/** A client that fails like the clients of the platform, with an error that contains the request. */
const failing = HttpClient.make((request) =>
  Effect.fail(
    new HttpClientError.RequestError({
      request,
      reason: "Transport",
      description: JSON.stringify(request.headers),
      cause: new Error(`${request.url} ${JSON.stringify(request.headers)}`)
    })
  )
)

const unbuildable = HttpClient.make((request) =>
  Effect.fail(new HttpClientError.RequestError({ request, reason: "InvalidUrl", cause: request.headers }))
)

describe("secrets never leak", () => {
  const servers: Record<string, readonly [HttpClient.HttpClient, string]> = {
    "a failure that echoes them": [mockClient(echo(422)).client, "APIError"],
    "a failure of status 200 that echoes them": [mockClient(echo(200)).client, "APIError"],
    "a page of a proxy that echoes them in HTML and a header": [mockClient(html).client, "APIError"],
    "a response that does not match the schema": [mockClient(misfit).client, "ResponseDecodeError"],
    "a truncated response": [mockClient(() => new Response('{"ok"')).client, "TransportError"],
    "a network failure": [failing, "TransportError"],
    "a request that the client cannot build": [unbuildable, "InvalidRequestError"]
  }
  for (const [what, [client, expected]] of Object.entries(servers)) {
    for (const credential of [{ apiKey: Redacted.make(apiKey) }, { accessToken: Redacted.make(token) }]) {
      it.effect(`from ${what}, when the credential is an ${Object.keys(credential)}`, () =>
        Effect.gen(function* () {
          const things = yield* makeThings(client, { ...credential, timeout: Number.POSITIVE_INFINITY })
          yield* expectNoLeak(things.getPart("a", "b"), expected)
          yield* expectNoLeak(things.create({ text: "x" }), expected)
        })
      )
    }
  }

  it.effect("from a response that does not match the schema at a key that contains them", () =>
    Effect.gen(function* () {
      const { client } = mockClient((request) =>
        ok({
          upload_id: "upl_1",
          upload_url: "https://uploads.test/1",
          method: "PUT",
          expires_at: "2026-08-01T10:00:00Z",
          max_size_bytes: 10,
          headers: { [request.headers["authorization"] ?? ""]: 7 }
        })
      )
      const making = Sending.make({ apiKey: Redacted.make(apiKey) })
      const sending = yield* Effect.provideService(making, HttpClient.HttpClient, client)
      const call = sending.attachments.createUpload({ filename: "a", size_bytes: 1 })
      yield* expectNoLeak(call, "ResponseDecodeError")
    })
  )

  it.effect("from a timeout", () =>
    Effect.gen(function* () {
      const things = yield* makeThings(mockClient(() => Effect.never).client, { timeout: "1 second" })
      yield* expectNoLeak(things.note({ text: "x" }), "TransportError")
    })
  )

  it.effect("from a client that logs its requests", () => {
    const { layer, logs } = record()
    return Effect.gen(function* () {
      const things = yield* makeThings(mockClient(() => ok({ id: "a" })).client, {
        transformClient: HttpClient.tapRequest((request) =>
          Effect.logInfo("sending", request).pipe(Effect.annotateLogs({ request, headers: request.headers }))
        )
      })
      yield* things.getPart("a", "b", { headers: { "x-own": "shown" } })
      expect(logs).toHaveLength(3)
      for (const text of logs) {
        expect(text).toContain("shown")
        expectClean("a logged request", text)
      }
    }).pipe(Effect.provide(layer))
  })

  it.effect("from a response that quotes a secret of the input, whether it was Redacted or not", () =>
    Effect.gen(function* () {
      const things = yield* makeThings(mockClient(echo(422)).client)
      for (const given of [password, Redacted.make(password)]) {
        yield* expectNoLeak(things.setPassword({ user: "ada", password: given }), "APIError")
      }
      const error = yield* Effect.flip(things.setPassword({ user: "ada" }))
      expect(error.message).toContain("ada")
    })
  )

  const badKeys = [
    `${apiKey}\r\nx: y`,
    `${apiKey} `,
    "smx_root_9f8e7d6c5b4a39281706",
    uploadToken,
    `Bearer ${token}`
  ]
  for (const [index, key] of badKeys.entries()) {
    it.effect(`from a layer with the invalid key number ${index + 1}`, () => {
      const build = (options: Parameters<typeof Sending.layer>[0]) =>
        Effect.provide(
          Effect.asVoid(Sending),
          Layer.provide(Sending.layer(options), Layer.succeed(HttpClient.HttpClient, failing))
        )
      return Effect.gen(function* () {
        yield* expectNoLeak(build({ apiKey: Redacted.make(key) }), "ConfigurationError")
        yield* expectNoLeak(build({ accessToken: Redacted.make(`${key} x`) }), "ConfigurationError")
      })
    })
  }

  it.effect("from a layer with an invalid key or base URL from Config", () => {
    const provider = ConfigProvider.fromMap(
      new Map([
        ["KEY", `${apiKey}\n`],
        ["GOOD", apiKey],
        ["URL", `https://me:${encodeURIComponent(password)}@api.test/v1`]
      ])
    )
    const build = (options: Parameters<typeof Sending.layerConfig>[0]) =>
      Effect.asVoid(Sending).pipe(
        Effect.provide(
          Layer.provide(Sending.layerConfig(options), Layer.succeed(HttpClient.HttpClient, failing))
        ),
        Effect.withConfigProvider(provider)
      )
    return Effect.gen(function* () {
      yield* expectNoLeak(build({ apiKey: Config.redacted("KEY") }), "ConfigurationError")
      const good = Config.redacted("GOOD")
      yield* expectNoLeak(build({ apiKey: good, baseUrl: Config.string("URL") }), "ConfigurationError")
    })
  })

  it.effect("from an accessToken effect that fails, or returns an invalid token", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => ok({ id: "a" }))
      const tokens = [Effect.fail(new Error(`no ${token}`)), Effect.succeed(Redacted.make(`Bearer ${token}`))]
      for (const accessToken of tokens) {
        const things = yield* makeThings(client, { accessToken })
        const expected = accessToken === tokens[0] ? "TransportError" : "InvalidRequestError"
        yield* expectNoLeak(things.getPart("a", "b"), expected)
      }
    })
  )
})
