import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { mockClient, ok, type Reaction } from "../support/http.js"
import { makeThings, untyped } from "../support/synthetic.js"

const failWith = (reaction: Reaction) =>
  Effect.gen(function* () {
    const { client } = mockClient(() => reaction)
    const things = yield* makeThings(client)
    return yield* Effect.flip(things.note({ text: "x" }))
  })

const rejected = () =>
  new Response(
    JSON.stringify({
      ok: false,
      error: {
        code: "validation_error",
        message: "The request is invalid",
        retryable: false,
        errors: [
          { field: "to.email", code: "invalid_string", message: "must be an email address" },
          { field: "subject", code: "required", message: "is required" }
        ]
      },
      meta: { request_id: "req_1" }
    }),
    { status: 422, headers: { "content-type": "application/json" } }
  )

describe("the message of an error", () => {
  it.effect("of the API names the operation, the status, the code, the first field and the request", () =>
    Effect.gen(function* () {
      const error = yield* failWith(rejected())
      const line =
        "mailbox.things.note: 422 validation_error: The request is invalid (to.email: must be an email address), request req_1"
      expect(error.message).toBe(line)
      expect(String(error)).toBe(`APIError: ${line}`)
      expect(Cause.pretty(Cause.fail(error)).split("\n")[0]).toBe(`APIError: ${line}`)
      expect(error).toMatchObject({ detail: "The request is invalid" })
    })
  )

  it.effect("of the API without the envelope names the status", () =>
    Effect.gen(function* () {
      const error = yield* failWith(new Response("<html>", { status: 404 }))
      expect(error.message).toMatch(/^mailbox\.things\.note: 404 http_404: The server responded with 404/)
    })
  )

  it.effect("of a failed connection says what happened", () =>
    Effect.gen(function* () {
      const error = yield* failWith("network")
      expect(error.message).toBe(
        "mailbox.things.note: Network: The connection was closed before a response arrived (ECONNRESET, 1 attempt)"
      )
    })
  )

  it.effect("of an invalid input names every field with its path", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(() => ok({ id: "thg_1" }))
      const things = yield* makeThings(client)
      const error = yield* Effect.flip(things.note(untyped({ text: 1, color: "red" })))
      expect(error).toMatchObject({
        _tag: "InvalidRequestError",
        operation: "mailbox.things.note",
        issues: expect.arrayContaining([
          { path: "color", message: "is not a known field" },
          expect.objectContaining({ path: "text" })
        ])
      })
      expect(error.message).toContain("mailbox.things.note: nothing was sent: ")
      expect(error.message).toContain("; ")
      expect(seen).toHaveLength(0)
    })
  )
})
