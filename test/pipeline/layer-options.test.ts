import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Surface } from "../../src/internal/operation/operation.js"
import { makePipeline, type PipelineOptions, resolveConfig } from "../../src/internal/pipeline/make.js"
import * as Retry from "../../src/internal/timing/retry.js"
import { mockClient, ok } from "../support/http.js"
import { untyped } from "../support/synthetic.js"

const key = Redacted.make("smx_mbx_0123456789")

const { client } = mockClient(() => ok({}))

const build = (options: unknown, surface: Surface = "mailbox") =>
  Effect.provideService(
    makePipeline(surface, "https://api.test/v1", options as PipelineOptions),
    HttpClient.HttpClient,
    client
  )

/** The option and the issue of the error that building a layer fails with. */
const problemOf = (options: unknown, surface?: Surface) =>
  Effect.map(Effect.flip(build(options, surface)), (error) => `${error.option} ${error.issue}`)

describe("the options of a layer", () => {
  it.effect("are refused with an error that says what is wrong and how to fix it", () =>
    Effect.gen(function* () {
      const url = "baseUrl must be an absolute http or https URL without credentials, query or fragment"
      const token = "is not a bearer token: use the bare token, without a scheme, spaces or quotes"
      const cases: ReadonlyArray<readonly [unknown, string]> = [
        [{}, "apiKey is missing: set an apiKey or an accessToken"],
        [
          { apiKey: key, accessToken: Redacted.make("abc") },
          "accessToken and apiKey are both set: set exactly one of them"
        ],
        [{ apiKey: "smx_mbx_1" }, "apiKey must be Redacted: wrap it with Redacted.make"],
        [{ apiKey: Redacted.make("") }, "apiKey is empty"],
        [
          { apiKey: Redacted.make("smx_root_1") },
          "apiKey is of the wrong kind: mailbox accepts a key that starts with smx_mbx_ or smx_agent_. Set any other credential, such as an OAuth token or an integration credential, as accessToken"
        ],
        [
          { apiKey: Redacted.make("smx_mbx_1 2") },
          "apiKey contains characters that no key has, such as a line break or a space"
        ],
        [
          { apiKey: Redacted.make("\nsmx_mbx_1") },
          "apiKey is of the wrong kind: mailbox accepts a key that starts with smx_mbx_ or smx_agent_. Set any other credential, such as an OAuth token or an integration credential, as accessToken"
        ],
        [{ accessToken: Redacted.make("Bearer abc") }, `accessToken ${token}`],
        [{ accessToken: Redacted.make(" abc") }, `accessToken ${token}`],
        [{ accessToken: Redacted.make("abc ") }, `accessToken ${token}`],
        [
          { accessToken: "abc" },
          "accessToken must be Redacted, or an Effect of Redacted: wrap it with Redacted.make"
        ],
        [{ apiKey: key, baseUrl: "https://a@api.test" }, url],
        [{ apiKey: key, baseUrl: "https://:b@api.test" }, url],
        [{ apiKey: key, baseUrl: "https://api.test?a=1" }, url],
        [{ apiKey: key, baseUrl: "https://api.test#a" }, url],
        [{ apiKey: key, baseUrl: "file:///etc" }, url],
        [{ apiKey: key, baseUrl: "api.test" }, url],
        [
          { apiKey: key, baseUrl: "http://api.test" },
          "baseUrl would send the credential unencrypted: use https, or set allowInsecure to accept that"
        ],
        [
          { apiKey: key, mailbox_id: "" },
          "mailbox_id is empty: use the public id of a mailbox, or omit the option"
        ],
        [{ apiKey: key, timeout: 0 }, "timeout must be a duration greater than zero"],
        [{ apiKey: key, timeout: "soon" }, "timeout must be a duration greater than zero"],
        [
          { apiKey: key, maxResponseBytes: 0 },
          "maxResponseBytes must be a number of bytes greater than zero"
        ],
        [
          { apiKey: key, maxResponseBytes: Number.NaN },
          "maxResponseBytes must be a number of bytes greater than zero"
        ]
      ]
      for (const [options, problem] of cases) expect(yield* problemOf(options)).toBe(problem)
      expect(yield* problemOf({ apiKey: key }, "management")).toBe(
        "apiKey is of the wrong kind: management accepts a key that starts with smx_root_. Set any other credential, such as an OAuth token or an integration credential, as accessToken"
      )
    })
  )

  it.effect("have defaults", () =>
    Effect.gen(function* () {
      const pipeline = yield* build({ apiKey: key })
      expect(pipeline).toMatchObject({
        baseUrl: "https://api.test/v1",
        timeout: 60_000,
        mailboxId: undefined,
        maxResponseBytes: 33_554_432,
        allowInsecure: false,
        propagateTrace: false,
        cache: undefined
      })
      expect(pipeline.client).toBe(client)
      expect((yield* build({ apiKey: key })).retry).toBe(pipeline.retry)
    })
  )

  it.effect("are used as given, a base URL without the slashes at its end", () =>
    Effect.gen(function* () {
      const other = mockClient(() => ok({})).client
      const pipeline = yield* build({
        apiKey: key,
        baseUrl: "http://api.test/a//",
        allowInsecure: true,
        timeout: "2 seconds",
        mailbox_id: "mbx_1",
        maxResponseBytes: 1,
        propagateTrace: true,
        retry: Retry.none,
        transformClient: (given: HttpClient.HttpClient) => (given === client ? other : given)
      })
      expect(pipeline).toMatchObject({
        baseUrl: "http://api.test/a",
        timeout: 2_000,
        mailboxId: "mbx_1",
        maxResponseBytes: 1,
        allowInsecure: true,
        propagateTrace: true
      })
      expect(pipeline.client).toBe(other)
      expect(pipeline.retry).toBe(Retry.none)
    })
  )
})

describe("a credential", () => {
  it.effect("is the key or the fixed token, which is also its secret", () =>
    Effect.gen(function* () {
      expect((yield* build({ apiKey: key })).authorize).toEqual({
        token: "smx_mbx_0123456789",
        secrets: ["smx_mbx_0123456789"]
      })
      expect((yield* build({ accessToken: Redacted.make("a.b~c+/-_==") })).authorize).toEqual({
        token: "a.b~c+/-_==",
        secrets: ["a.b~c+/-_=="]
      })
    })
  )

  it.effect("is renewed by an effect, with different errors for its failure and for an invalid token", () =>
    Effect.gen(function* () {
      const renewed = (accessToken: Effect.Effect<unknown, unknown>) =>
        Effect.gen(function* () {
          const { authorize } = yield* build({ accessToken })
          return "renew" in authorize ? yield* Effect.either(authorize.renew) : expect.unreachable()
        })
      expect(yield* renewed(Effect.succeed(Redacted.make("abc")))).toMatchObject({ right: "abc" })
      expect(yield* renewed(Effect.fail("down"))).toMatchObject({ left: "unavailable" })
      for (const invalid of ["abc", Redacted.make("Bearer abc"), Redacted.make(""), undefined]) {
        expect(yield* renewed(Effect.succeed(invalid))).toMatchObject({ left: "malformed" })
      }
    })
  )
})

describe("resolveConfig", () => {
  it.effect("reads the options that are given as Config, and keeps the others", () =>
    Effect.gen(function* () {
      const provider = ConfigProvider.fromMap(
        new Map([
          ["KEY", "smx_mbx_1"],
          ["TOKEN", "abc"],
          ["URL", "https://a.test"],
          ["TIMEOUT", "5 seconds"],
          ["MAILBOX", "mbx_1"]
        ])
      )
      const resolve = (options: object) =>
        Effect.withConfigProvider(resolveConfig(untyped(options)), provider)
      expect(
        yield* resolve({
          apiKey: Config.redacted("KEY"),
          accessToken: Config.redacted("TOKEN"),
          baseUrl: Config.string("URL"),
          timeout: Config.duration("TIMEOUT"),
          mailbox_id: Config.string("MAILBOX"),
          propagateTrace: true
        })
      ).toEqual({
        apiKey: Redacted.make("smx_mbx_1"),
        accessToken: Redacted.make("abc"),
        baseUrl: "https://a.test",
        timeout: Duration.seconds(5),
        mailbox_id: "mbx_1",
        propagateTrace: true
      })
      expect(yield* resolve({ retry: Retry.none })).toEqual({
        retry: Retry.none,
        apiKey: undefined,
        accessToken: undefined,
        baseUrl: undefined,
        timeout: undefined,
        mailbox_id: undefined
      })
    })
  )
})
