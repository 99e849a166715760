/**
 * A sandbox that has received many requests takes no more memory. `npm run memory` sends far more of them.
 */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Sandbox } from "../../src/index.js"
import { loadRequest } from "../support/load.js"

const collectGarbage = (): void => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
}

/** What is alive after a garbage collection, in bytes. */
const alive = Effect.promise(async () => {
  // Twice, because finalizers run after the first collection.
  for (let times = 0; times < 2; times++) {
    collectGarbage()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
})

it.live("a sandbox whose lists are full takes no more memory after thousands of requests", () =>
  Effect.gen(function* () {
    const unlimited = 1_000_000
    const { client, control } = yield* Sandbox.make({
      maxEmails: 20,
      maxRequests: 20,
      limits: { management: unlimited, mailbox: unlimited, sending: unlimited }
    })
    const send = (index: number) =>
      Effect.gen(function* () {
        const { body, headers, key, method, path, status } = loadRequest(index)
        const request = HttpClientRequest.make(method)(`http://127.0.0.1${path}`, {
          headers: { authorization: `Bearer ${key}`, ...headers }
        })
        const type = headers?.["content-type"] ?? ""
        const response = yield* client.execute(
          body === undefined ? request : HttpClientRequest.setBody(request, HttpBody.text(body, type))
        )
        expect(response.status).toBe(status)
      })
    const sendFrom = (start: number, end: number) =>
      Effect.forEach(
        Array.from({ length: end - start }, (_, index) => start + index),
        send,
        { discard: true }
      )
    yield* sendFrom(0, 3000)
    const before = yield* alive
    yield* sendFrom(3000, 9000)
    const between = yield* alive
    yield* sendFrom(9000, 15_000)
    const after = yield* alive
    expect(yield* control.outbox).toHaveLength(20)
    // Without limits each part would take 25 MB. Other work of this process may take memory during one of them.
    expect(Math.min(between - before, after - between)).toBeLessThan(10_000_000)
  }).pipe(Effect.scoped)
)
