import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { oneMachine } from "../../docs/examples/campaign/engine.js"
import { Audience, sendCampaign } from "../../docs/examples/campaign/workflow.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { arrivals, duplicates, message } from "../bulk/support.js"

const parts = 3
const pages = 4
const pageSize = 25

const audience = Layer.succeed(Audience, {
  page: (_, part, page) =>
    Effect.succeed(
      page < pages ? Array.from({ length: pageSize }, (_, index) => message(`${part}-${page}-${index}`)) : []
    )
})

const all = parts * pages * pageSize

describe("the example campaign", () => {
  it.live("sends each message once, although the engine is ended in the middle and started again", () => {
    const directory = mkdtempSync(join(tmpdir(), "campaign-"))
    const engine = oneMachine(join(directory, "campaign.sqlite")).pipe(Layer.provide(audience))
    return Effect.gen(function* () {
      const control = yield* Sandbox.Control
      yield* control.inject({ probability: 0.1, kind: { _tag: "ResponseLost" } })
      const first = yield* Effect.fork(Effect.provide(sendCampaign("news", parts), engine))
      while ((yield* arrivals).size < all / 3) yield* Effect.sleep("5 millis")
      yield* Fiber.interrupt(first)
      expect((yield* arrivals).size).toBeLessThan(all)
      const counts = yield* Effect.provide(sendCampaign("news", parts), engine)
      expect(counts).toEqual({ queued: all, rejected: 0, unconfirmed: 0 })
      expect((yield* arrivals).size).toBe(all)
      expect(yield* duplicates).toEqual([])
    }).pipe(
      Effect.provide(Layer.provideMerge(Sending.layer({ apiKey: Sandbox.mailboxKey }), Sandbox.layer)),
      Effect.provide(Logger.minimumLogLevel(LogLevel.None)),
      Effect.ensuring(Effect.sync(() => rmSync(directory, { recursive: true, force: true })))
    )
  })
})
