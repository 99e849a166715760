import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { afterEach, vi } from "vitest"
import { version } from "../../src/index.js"
import type { LayerOptions } from "../../src/Sending.js"
import { Sending } from "../../src/Sending.js"
import { email, mockClient, ok, sendingOver, sent } from "../support/http.js"
import { untyped } from "../support/synthetic.js"

/** The `User-Agent` of a call, whose layer and options are given. */
const agentOf = (options: Partial<LayerOptions>, headers?: Record<string, string>) =>
  Effect.gen(function* () {
    const { client, seen } = mockClient(() => ok(sent))
    yield* Effect.flatMap(Sending, ({ emails }) => emails.send(email, { headers })).pipe(
      Effect.provide(sendingOver(client, options))
    )
    return seen[0]?.headers["user-agent"]
  })

const inBrowser = () =>
  vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" })

describe("the User-Agent", () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it.effect("names the package and its version", () =>
    Effect.gen(function* () {
      expect(yield* agentOf({})).toBe(`effect-sendmux/${version}`)
    })
  )

  it.effect("ends with the text of the option userAgent", () =>
    Effect.gen(function* () {
      expect(yield* agentOf({ userAgent: "my-app/1.2 (+https://app.test)" })).toBe(
        `effect-sendmux/${version} my-app/1.2 (+https://app.test)`
      )
    })
  )

  it.effect("is not sent with userAgent: false", () =>
    Effect.gen(function* () {
      expect(yield* agentOf({ userAgent: false })).toBeUndefined()
    })
  )

  it.effect("is that of the call's own headers, if they have one", () =>
    Effect.gen(function* () {
      expect(yield* agentOf({}, { "User-Agent": "other/1" })).toBe("other/1")
    })
  )

  it.effect("is not sent in browsers, which would ask the API whether it accepts the header", () =>
    Effect.gen(function* () {
      inBrowser()
      expect(yield* agentOf({ userAgent: "my-app/1.2" })).toBeUndefined()
    })
  )

  it.effect("is not sent to a URL that carries no credential", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => new Response("{}"))
      yield* Effect.flatMap(Sending, ({ meta }) => meta.getOpenApiSpec()).pipe(
        Effect.provide(sendingOver(client))
      )
      expect(seen[0]?.headers["user-agent"]).toBeUndefined()
    })
  )

  it.effect("is refused when the layer is built, if it cannot be a header", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => ok(sent))
      for (const userAgent of ["", " ", "a\r\nb: c", "é", " a", "a ", 1, true, null]) {
        const error = yield* Effect.flip(
          Effect.scoped(Effect.provide(Effect.asVoid(Sending), sendingOver(client, untyped({ userAgent }))))
        )
        expect(error.message).toBe(
          "The sending layer: userAgent must be false, or printable ASCII characters such as my-app/1.2"
        )
      }
    })
  )
})
