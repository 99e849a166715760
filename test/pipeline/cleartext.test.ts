import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { mockClient, ok } from "../support/http.js"
import { makeThings } from "../support/synthetic.js"
import { errorOf } from "../support/time.js"

const make = (options: {
  readonly baseUrl: string
  readonly allowInsecure?: boolean
  readonly mailbox_id?: string
}) => Effect.exit(makeThings(mockClient(() => ok({ id: "thg_1" })).client, options))

describe("a base URL without TLS", () => {
  for (const baseUrl of [
    "http://api.example.com/v1",
    "http://10.0.0.1",
    "http://localhost.example.com",
    "http://128.0.0.1"
  ]) {
    it.effect(`${baseUrl} fails to build the layer, because it would send the credential unencrypted`, () =>
      Effect.gen(function* () {
        expect(errorOf(yield* make({ baseUrl }))).toMatchObject({
          _tag: "ConfigurationError",
          option: "baseUrl",
          issue: expect.stringContaining("allowInsecure")
        })
        expect(errorOf(yield* make({ baseUrl, allowInsecure: false }))).toMatchObject({ option: "baseUrl" })
        expect(Exit.isSuccess(yield* make({ baseUrl, allowInsecure: true }))).toBe(true)
      })
    )
  }

  for (const baseUrl of [
    "http://localhost:4700",
    "http://127.0.0.1",
    "http://127.9.9.9:1/x",
    "http://[::1]:80",
    "https://api.example.com"
  ]) {
    it.effect(`${baseUrl} needs no allowInsecure`, () =>
      Effect.gen(function* () {
        expect(Exit.isSuccess(yield* make({ baseUrl }))).toBe(true)
      })
    )
  }
})

describe("an empty mailbox_id", () => {
  it.effect("fails to build the layer instead of failing every call", () =>
    Effect.gen(function* () {
      expect(errorOf(yield* make({ baseUrl: "https://api.example.com", mailbox_id: "" }))).toMatchObject({
        _tag: "ConfigurationError",
        option: "mailbox_id"
      })
    })
  )
})
