/**
 * The trace of a failure names the line of the caller.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { vi } from "vitest"
import { Retry, Sandbox, Sending } from "../../src/index.js"
import { Mailbox } from "../../src/Mailbox.js"
import { Management } from "../../src/Management.js"
import { email } from "../support/http.js"
import { record } from "../support/telemetry.js"

const surfaces = Layer.mergeAll(
  Sending.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
  Mailbox.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
  Management.layer({ apiKey: Sandbox.rootKey, retry: Retry.none })
).pipe(Layer.provideMerge(Sandbox.layer))

const traced = Layer.provideMerge(surfaces, record().layer)

/** The printed cause of a failure. */
const printed = <A, E, R>(call: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.exit(call), (exit) => (Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "a success"))

/** The line of this file that contains a call, by the text of a trace. */
const own = (operation: string) =>
  new RegExp(`at Sendmux\\.${operation} \\(.*call-site\\.test\\.ts:\\d+:\\d+\\)`)

/** Lets the next request fail. */
const refuseNext = Effect.flatMap(Sandbox.Control, (control) =>
  control.inject({ kind: { _tag: "ErrorResponse", status: 403 } })
)

describe("under a tracer, Cause.pretty names the line of the caller", () => {
  it.effect("of a call, and exactly that line", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      yield* refuseNext
      const line = new Error().stack?.match(/call-site\.test\.ts:(\d+)/)?.[1]
      const text = yield* printed(sending.emails.send(email))
      expect(text).toMatch(own("sending.emails.send"))
      expect(text).toContain(`call-site.test.ts:${Number(line) + 1}:`)
      expect(text).toContain("403")
    }).pipe(Effect.provide(traced))
  )

  it.effect("of each form of a method", () =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      const { attachments, me, messages } = yield* Mailbox
      const forms: Readonly<Record<string, () => Effect.Effect<unknown, unknown>>> = {
        "sending.emails.send": () => emails.send.withResponse(email),
        "mailbox.me.get": () => me.get.ifNoneMatch('"a"'),
        "mailbox.messages.list": () => Stream.runDrain(messages.list()),
        "mailbox.attachments.download": () => Stream.runDrain(attachments.download("msg_1", "att_1"))
      }
      for (const [operation, call] of Object.entries(forms)) {
        yield* refuseNext
        const text = yield* printed(Effect.suspend(call))
        expect(text).toMatch(own(operation))
      }
      yield* refuseNext
      expect(yield* printed(messages.list.page())).toMatch(own("mailbox.messages.list"))
      yield* refuseNext
      expect(yield* printed(Stream.runDrain(messages.list.pages()))).toMatch(own("mailbox.messages.list"))
    }).pipe(Effect.provide(traced))
  )

  it.effect("of a method that calls others", () =>
    Effect.gen(function* () {
      const { mailboxes } = yield* Management
      const modified = mailboxes.modify("mbx_unknown", () => ({ display_name: "New" }))
      expect(yield* printed(modified)).toMatch(own("management.mailboxes.get"))
      const unread = mailboxes.modify("mbx_sandbox", () => ({ quota_bytes: 7 }))
      const text = yield* printed(unread)
      expect(text).toContain("at Sendmux.management.mailboxes.update")
      expect(text).not.toMatch(/Sendmux\.management\.mailboxes\.update \(.*node_modules/)
    }).pipe(Effect.provide(traced))
  )

  it.effect("of a call that was retried, and of one that timed out", () =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      const control = yield* Sandbox.Control
      yield* control.inject({ kind: { _tag: "ErrorResponse", status: 503 }, times: 2 })
      const retried = yield* Effect.fork(
        printed(
          Retry.with(
            Effect.suspend(() => emails.send(email)),
            Retry.policy({ maxAttempts: 2 })
          )
        )
      )
      yield* TestClock.adjust("2 minutes")
      expect(yield* Fiber.join(retried)).toMatch(own("sending.emails.send"))
      yield* control.inject({ kind: { _tag: "Slow", millis: 10_000 } })
      const late = yield* Effect.fork(printed(emails.send(email, { timeout: 1000 })))
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(late)).toMatch(own("sending.emails.send"))
    }).pipe(Effect.provide(traced))
  )

  it.effect("and the spans around the call", () =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      yield* refuseNext
      const text = yield* printed(Effect.withSpan(emails.send(email), "checkout"))
      expect(text).toMatch(own("sending.emails.send"))
      expect(text).toMatch(/at checkout \(.*call-site\.test\.ts/)
    }).pipe(Effect.provide(traced))
  )
})

it.effect("without a tracer, Cause.pretty names the spans around a failed call", () =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    yield* refuseNext
    const text = yield* printed(Effect.withSpan(emails.send(email), "checkout"))
    expect(text).toMatch(/at checkout \(.*call-site\.test\.ts/)
    expect(text).not.toContain("Sendmux.sending.emails.send")
  }).pipe(Effect.provide(surfaces))
)

it.effect("without a tracer, a call captures no stack trace", () =>
  Effect.gen(function* () {
    const { connection } = yield* Sending
    yield* connection.get()
    const capture = vi.spyOn(Error, "captureStackTrace")
    yield* connection.get()
    const count = capture.mock.calls.length
    yield* Effect.provide(
      Effect.suspend(() => connection.get()),
      record().layer
    )
    const tracedCount = capture.mock.calls.length - count
    capture.mockRestore()
    expect([count, tracedCount]).toEqual([0, 1])
  }).pipe(Effect.provide(surfaces))
)

it.effect("an error keeps its class, its fields and its tag in a span", () =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    yield* refuseNext
    const error = yield* emails.send(email).pipe(Effect.withSpan("checkout"), Effect.flip)
    expect(error).toMatchObject({ _tag: "APIError", status: 403 })
    expect(error).toBeInstanceOf(Error)
  }).pipe(Effect.provide(traced))
)
