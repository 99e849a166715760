import { expect, it } from "@effect/vitest"
import { Management, Sandbox, Sending } from "effect-sendmux"
import * as Testing from "effect-sendmux/Testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { announce, remindTomorrow } from "../src/onboarding.js"

/** The time of the sandbox is that of the clock of the test. */
const layer = Layer.merge(
  Sending.layer({ apiKey: Sandbox.mailboxKey }),
  Management.layer({ apiKey: Sandbox.rootKey })
).pipe(Layer.provideMerge(Sandbox.layer))

const minute = 60_000
const hour = 60 * minute

/** A domain whose records are not found for a while, or not at all. */
const add = (duration?: number) =>
  Effect.gen(function* () {
    const { domains } = yield* Management
    const control = yield* Sandbox.Control
    const { id } = yield* domains.create({ domain: "example.com" })
    yield* control.setVerification(id, { verification: "hold", duration })
    return { domainId: id, email: "ada@example.org" }
  })

/** The subjects and the times of the mails to the customer. */
const mails = Effect.gen(function* () {
  const { outbox } = yield* Sandbox.Control
  return Testing.emailsTo(yield* outbox, "ada@example.org")
})

it.effect("the customer is reminded on the next day, and not before", () =>
  Effect.gen(function* () {
    const reminder = yield* Effect.fork(remindTomorrow(yield* add()))
    yield* TestClock.adjust("23 hours")
    expect(yield* mails).toEqual([])
    yield* TestClock.adjust("1 hour")
    yield* Fiber.join(reminder)
    expect(yield* mails).toMatchObject([{ subject: "Have you published the records?", sentAt: 24 * hour }])
  }).pipe(Effect.provide(layer))
)

it.effect(
  "the customer is told when the records are found, after twenty minutes of polls that take no time",
  () =>
    Effect.gen(function* () {
      const added = yield* add(20 * minute)
      // The clock moves to the end of the next wait, again and again, until the result is there.
      yield* announce(added).pipe(Testing.autoAdvance())
      const [mail] = yield* mails
      expect(mail?.subject).toBe("Your domain works")
      expect(mail?.sentAt).toBeGreaterThanOrEqual(20 * minute)
      expect(mail?.sentAt).toBeLessThan(25 * minute)
    }).pipe(Effect.provide(layer))
)

it.effect("records that are never found end the wait after an hour", () =>
  Effect.gen(function* () {
    const added = yield* add()
    const error = yield* Effect.flip(announce(added)).pipe(Testing.autoAdvance())
    expect(error._tag).toBe("DomainVerificationTimeoutError")
    expect(yield* mails).toEqual([])
  }).pipe(Effect.provide(layer))
)

it.effect("a mail that is refused is sent after the time that the API asks for", () =>
  Effect.gen(function* () {
    const { inject } = yield* Sandbox.Control
    yield* inject({ operation: "sending.emails.send", kind: { _tag: "RateLimited", retryAfter: 20 } })
    yield* remindTomorrow(yield* add()).pipe(Testing.autoAdvance())
    const [mail] = yield* mails
    expect(mail?.sentAt).toBeGreaterThanOrEqual(24 * hour + 20_000)
  }).pipe(Effect.provide(layer))
)
