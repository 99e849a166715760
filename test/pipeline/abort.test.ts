import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { ok } from "../support/http.js"
import { makeThings } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

/** A client that records the signal of each request. */
const recording = (responses: ReadonlyArray<() => Response>) => {
  const signals: Array<AbortSignal> = []
  const client = HttpClient.make((request, _, signal) =>
    Effect.sync(() => {
      const respond = responses[signals.push(signal) - 1] ?? (() => ok({ id: "thg_1" }))
      return HttpClientResponse.fromWeb(request, respond())
    })
  )
  return { client, aborted: () => signals.map((signal) => signal.aborted) }
}

const truncated = () => new Response('{"ok":')

/** A response whose body begins and never ends. */
const stalled = () =>
  new Response(
    new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) })
  )

describe("a request", () => {
  it.effect("is not aborted when its response was read to the end", () =>
    Effect.gen(function* () {
      const { aborted, client } = recording([truncated])
      const things = yield* makeThings(client)
      const { exit } = yield* recordWaits(things.getPart("a", "b"))
      expect(Exit.isSuccess(exit)).toBe(true)
      expect(aborted()).toEqual([false, false])
    })
  )

  it.effect("is aborted when its response stalls, even if an earlier attempt read its own to the end", () =>
    Effect.gen(function* () {
      const { aborted, client } = recording([truncated, stalled, truncated])
      const things = yield* makeThings(client, { timeout: 1_000 })
      const { exit } = yield* recordWaits(things.getPart("a", "b"))
      expect(errorOf(exit)).toMatchObject({ reason: "TruncatedBody", attempts: 3 })
      expect(aborted()).toEqual([false, true, false])
    })
  )

  it.effect("of a stream is aborted when the stream ends, and at once if it failed", () =>
    Effect.gen(function* () {
      const { aborted, client } = recording([
        () => new Response("busy", { status: 503 }),
        () => new Response("bytes")
      ])
      const things = yield* makeThings(client)
      const states: Array<ReadonlyArray<boolean>> = []
      const { exit } = yield* recordWaits(
        Stream.runForEach(things.download("a"), () => Effect.sync(() => states.push(aborted())))
      )
      expect(Exit.isSuccess(exit)).toBe(true)
      expect(states).toEqual([[true, false]])
      expect(aborted()).toEqual([true, true])
    })
  )
})
