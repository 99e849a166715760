/**
 * Waits for what happens in the sandbox, in process and on the clock of the tests.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Sandbox, Sending } from "../../../src/index.js"
import { address, mailboxSandbox as sandbox } from "../../support/mailboxSandbox.js"

const send = (to: string, subject = "Hello") =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    return yield* emails.send({
      from: { email: "hello@example.com" },
      to: { email: to },
      subject,
      html_body: "x"
    })
  })

it.effect("a wait finds what has happened before it as well as what happens later", () =>
  Effect.gen(function* () {
    const control = yield* Sandbox.Control
    const later = yield* Effect.fork(control.waitForEmail({ to: "ADA@example.org" }))
    yield* Effect.yieldNow()
    const { message_id } = yield* send("ada@example.org")
    expect((yield* Fiber.join(later)).id).toBe(message_id)
    expect((yield* control.waitForEmail({ to: "ada@example.org" })).id).toBe(message_id)
    expect(yield* control.waitForRequest({ operation: "sending.emails.send", status: 200 })).toMatchObject({
      state: "responded"
    })
  }).pipe(Effect.provide(sandbox()))
)

it.effect("a wait with after finds only later items, in their order", () =>
  Effect.gen(function* () {
    const control = yield* Sandbox.Control
    yield* send("ada@example.org", "one")
    yield* send("ada@example.org", "two")
    const first = yield* control.waitForEmail({ to: "ada@example.org" })
    const second = yield* control.waitForEmail({ to: "ada@example.org" }, { after: first.id })
    expect([first.subject, second.subject]).toEqual(["one", "two"])
    const third = yield* Effect.fork(control.waitForEmail({}, { after: second.id }))
    yield* Effect.yieldNow()
    yield* send("bob@example.org", "three")
    expect((yield* Fiber.join(third)).subject).toBe("three")
  }).pipe(Effect.provide(sandbox()))
)

it.effect("every one of many waits receives its own message, whichever comes first", () =>
  Effect.gen(function* () {
    const control = yield* Sandbox.Control
    const names = Array.from({ length: 50 }, (_, index) => `user${index}@example.org`)
    const waiting = yield* Effect.fork(
      Effect.forEach(names, (to) => control.waitForEmail({ to }), { concurrency: "unbounded" })
    )
    yield* Effect.forEach(names.toReversed(), (to) => send(to), { concurrency: "unbounded" })
    expect((yield* Fiber.join(waiting)).map(({ to }) => to[0]?.email)).toEqual(names)
  }).pipe(Effect.provide(sandbox()))
)

it.effect("a wait fails after its timeout with an error that lists what was seen instead", () =>
  Effect.gen(function* () {
    const control = yield* Sandbox.Control
    const nothing = yield* Effect.fork(Effect.flip(control.waitForArrival({}, { timeout: "1 second" })))
    yield* TestClock.adjust("1 second")
    const none = yield* Fiber.join(nothing)
    expect(none).toBeInstanceOf(Sandbox.SandboxTimeoutError)
    expect(none.message).toBe("No arrival matched within 1000 milliseconds; there was no arrival at all")
    for (let index = 0; index < 12; index++) yield* send("ada@example.org", `Number ${index}`)
    const waiting = yield* Effect.fork(Effect.flip(control.waitForEmail({ to: "bob@example.org" })))
    yield* TestClock.adjust("10 seconds")
    const error = yield* Fiber.join(waiting)
    expect(error).toMatchObject({ _tag: "SandboxTimeoutError", kind: "email", count: 12 })
    expect(error.seen).toHaveLength(10)
    expect(error.seen[0]).toBe('"Number 11" from hello@example.com to ada@example.org')
    expect(error.message).toContain("No email matched within 10000 milliseconds; instead there were 12")
  }).pipe(Effect.provide(sandbox()))
)

it.effect("the time of the sandbox does not end a wait", () =>
  Effect.gen(function* () {
    const control = yield* Sandbox.Control
    const waiting = yield* Effect.fork(control.waitForEmail({}))
    yield* Effect.yieldNow()
    yield* control.advance("1 day")
    yield* send("ada@example.org")
    expect((yield* Fiber.join(waiting)).subject).toBe("Hello")
  }).pipe(Effect.provide(sandbox()))
)

it.effect("a predicate that throws fails its wait with a defect, and leaves the request alone", () =>
  Effect.gen(function* () {
    const control = yield* Sandbox.Control
    const waiting = yield* Effect.fork(
      Effect.exit(
        control.waitForEmail(() => {
          throw new Error("broken predicate")
        })
      )
    )
    yield* Effect.yieldNow()
    expect(yield* send("ada@example.org")).toMatchObject({ status: "queued" })
    const exit = yield* Fiber.join(waiting)
    expect(Exit.isFailure(exit) && String(exit.cause)).toContain("broken predicate")
  }).pipe(Effect.provide(sandbox()))
)

it.effect("waits for arrivals match the mailbox, the sender, a part of the subject and spam", () =>
  Effect.gen(function* () {
    const control = yield* Sandbox.Control
    const delivered = yield* control.deliver({
      to: address,
      from: "ada@example.org",
      subject: "Your code is 123"
    })
    for (const filter of [
      { mailbox: address },
      { mailbox: "mbx_sandbox" },
      { to: address, from: "ADA@example.org" },
      { subject: "code is" },
      { spam: false }
    ]) {
      expect((yield* control.waitForArrival(filter)).id).toBe(delivered?.id)
    }
    const other = yield* Effect.fork(Effect.flip(control.waitForArrival({ spam: true })))
    yield* TestClock.adjust("10 seconds")
    expect((yield* Fiber.join(other)).seen).toEqual([`"Your code is 123" from ada@example.org in ${address}`])
  }).pipe(Effect.provide(sandbox()))
)
