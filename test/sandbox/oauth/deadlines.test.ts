/**
 * When access tokens end, to the millisecond.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { AgentAuth } from "../../../src/AgentAuth.js"
import { Mailbox } from "../../../src/Mailbox.js"
import * as Sandbox from "../../../src/Sandbox.js"
import { layerOf, loggedIn } from "../../support/oauth.js"

describe("the access token", () => {
  it.scoped("of an app is valid for exactly 15 minutes", () =>
    Effect.gen(function* () {
      const { client, http } = yield* loggedIn()
      const accessToken = yield* client.accessToken()
      const { connection } = yield* Effect.provide(Mailbox.make({ accessToken }), layerOf(http))
      yield* TestClock.adjust(Duration.millis(15 * 60_000 - 1))
      yield* connection.get()
      yield* TestClock.adjust(Duration.millis(1))
      expect(yield* Effect.flip(connection.get())).toMatchObject({
        status: 401,
        code: "authentication_required"
      })
    })
  )

  it.scoped("of an agent is valid for exactly an hour", () =>
    Effect.gen(function* () {
      const { client: http, control } = yield* Sandbox.make()
      const agents = yield* Effect.provide(AgentAuth.make(), layerOf(http))
      const registration = yield* agents.register()
      yield* control.oauth.claimAgent(registration.registration_id)
      const { accessToken } = yield* agents.token(registration, "claim")
      const { connection } = yield* Effect.provide(Mailbox.make({ accessToken }), layerOf(http))
      yield* TestClock.adjust(Duration.millis(60 * 60_000 - 1))
      yield* connection.get()
      yield* TestClock.adjust(Duration.millis(1))
      expect(yield* Effect.flip(connection.get())).toMatchObject({
        status: 401,
        code: "authentication_required"
      })
    })
  )
})
