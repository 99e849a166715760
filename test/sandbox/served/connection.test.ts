/**
 * Calls whose response never arrives.
 */

import { HttpClient } from "@effect/platform/HttpClient"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Retry, Sandbox, Sending } from "../../../src/index.js"
import { email } from "../../support/http.js"
import { serve } from "../../support/sandbox.js"
import { exchange, requestText } from "./raw.js"

const me = requestText("GET /sending/api/v1/me", {
  host: "127.0.0.1",
  authorization: "Bearer smx_mbx_sandbox"
})

for (const _tag of ["ConnectionLost", "ResponseLost"] as const) {
  it.live(`the served sandbox destroys the socket without a byte of a response for the fault ${_tag}`, () =>
    Effect.gen(function* () {
      const { control, httpApp } = yield* Sandbox.make()
      const url = yield* serve({ httpApp })
      yield* control.inject({ kind: { _tag } })
      expect(yield* exchange(url, me)).toBe("")
      expect(yield* exchange(url, me)).toMatch(/^HTTP\/1\.1 200 OK/)
      expect(yield* control.requests).toMatchObject([{ status: 0 }, { status: 200 }])
    }).pipe(Effect.scoped)
  )
}

it.scoped("the control returns a call that timed out, with its operation and without a status", () =>
  Effect.gen(function* () {
    const { client, control } = yield* Sandbox.make()
    yield* control.inject({ kind: { _tag: "Slow", millis: 60_000 } })
    const sending = yield* Sending.make({
      apiKey: Sandbox.mailboxKey,
      timeout: "10 seconds",
      retry: Retry.none
    }).pipe(Effect.provideService(HttpClient, client))
    const call = yield* Effect.fork(sending.emails.send(email))
    yield* TestClock.adjust("1 second")
    expect(yield* control.requests).toMatchObject([{ operation: "sending.emails.send", status: undefined }])
    yield* TestClock.adjust("1 minute")
    yield* Fiber.await(call)
    const [first] = yield* control.requests
    expect(first).toMatchObject({ operation: "sending.emails.send", status: undefined })
  })
)
