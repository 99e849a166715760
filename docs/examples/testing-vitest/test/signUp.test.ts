import { Sandbox, Sending } from "effect-sendmux"
import * as Testing from "effect-sendmux/Testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { expect, test } from "vitest"
import { sendConfirmation, signUp } from "../src/signUp.js"

const layer = Sending.layer({ apiKey: Sandbox.mailboxKey }).pipe(Layer.provideMerge(Sandbox.layer))

/** Runs a test with a sandbox of its own. */
const run = <A, E>(program: Effect.Effect<A, E, Sending | Sandbox.Control>): Promise<A> =>
  Effect.runPromise(Effect.provide(program, layer))

const ada = { email: "ada@example.org", token: "4711" }

test("a person who signs up receives a mail with the link", () =>
  run(
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      expect(yield* signUp(ada)).toBe("Check your mail")
      // Ends when the mail was sent, whether that has happened before or happens later.
      const email = yield* control.waitForEmail({ to: ada.email })
      expect(Testing.linksIn(email)).toEqual(["https://example.com/confirm?token=4711"])
    })
  ))

test("a person who signs up twice receives one mail", () =>
  run(
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      yield* sendConfirmation(ada)
      yield* sendConfirmation(ada)
      expect(Testing.emailsTo(yield* control.outbox, ada.email)).toHaveLength(1)
    })
  ))

test("a lost response does not send the mail twice", () =>
  run(
    Effect.gen(function* () {
      const control = yield* Sandbox.Control
      yield* control.inject({ operation: "sending.emails.send", kind: { _tag: "ResponseLost" } })
      // The retry waits in virtual time, so the test does not.
      yield* sendConfirmation(ada).pipe(Testing.autoAdvance())
      expect(yield* control.outbox).toHaveLength(1)
      expect(yield* control.requests).toHaveLength(2)
    })
  ))
