import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import { describe, expect, it, vi } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Webhooks from "../../src/Webhooks.js"
import { hasEnded } from "../support/dialect/exits.js"
import { liveConsole, logLayer, quiet } from "../support/dialect/telemetry.js"
import { untyped } from "../support/synthetic.js"
import { bodyOf, named, secret, signedV1 } from "../support/webhooks.js"

const secrets = Redacted.make(secret)
const store = Webhooks.DedupeStore.layerMemory()

const delivery = (id = "evt_cl0001"): Request => {
  const body = bodyOf({ id })
  return new Request("http://localhost/hook", {
    method: "POST",
    body,
    headers: { ...signedV1(body), ...named(id) }
  })
}

/** A request whose body never ends. */
const stalled = (): Request =>
  new Request("http://localhost/hook", {
    method: "POST",
    body: new ReadableStream(),
    duplex: "half"
  } as RequestInit)

const statusOf = <R>(app: HttpApp.Default<never, R>, request: Request) =>
  app.pipe(
    Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(request)),
    Effect.scoped,
    Effect.map(({ status }) => status)
  )

describe("a client that closes its connection", () => {
  it.live("stops the reading of its body", () =>
    Effect.gen(function* () {
      const cancelled = yield* Deferred.make<void>()
      const aborted = new AbortController()
      const request = new Request("http://localhost/hook", {
        method: "POST",
        signal: aborted.signal,
        body: new ReadableStream({ cancel: () => void Deferred.unsafeDone(cancelled, Effect.void) }),
        duplex: "half"
      } as RequestInit)
      const handler = Webhooks.toHandler({ secrets }, () => Effect.void)
      const response = handler(request).catch(() => undefined)
      yield* Effect.sleep(20)
      aborted.abort()
      yield* Effect.promise(() => response)
      yield* Deferred.await(cancelled)
      yield* Effect.promise(() => handler.dispose())
    }).pipe(Effect.timeout("20 seconds"))
  )

  it.live("does not interrupt the handler of its event", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const finish = yield* Deferred.make<void>()
      const ended = yield* Deferred.make<string>()
      const handle = () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.zipRight(Deferred.await(finish)),
          Effect.onExit((exit) => Deferred.succeed(ended, exit._tag))
        )
      const aborted = new AbortController()
      const request = new Request(delivery("evt_cl0002"), { signal: aborted.signal })
      const handler = Webhooks.toHandler({ secrets }, handle)
      const response = handler(request).catch(() => undefined)
      yield* Deferred.await(started)
      aborted.abort()
      yield* Effect.sleep(20)
      yield* Deferred.succeed(finish, undefined)
      expect(yield* Deferred.await(ended)).toBe("Success")
      yield* Effect.promise(() => response)
      yield* Effect.promise(() => handler.dispose())
    }).pipe(Effect.timeout("20 seconds"))
  )
})

describe("the timeout of a request body", () => {
  it.effect("responds with 408 when the body does not arrive within 30 seconds", () =>
    Effect.gen(function* () {
      const app = Webhooks.httpApp({ secrets }, () => Effect.void)
      const running = yield* Effect.fork(statusOf(app, stalled()))
      yield* TestClock.adjust("29 seconds")
      expect(hasEnded(running)).toBe(false)
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(running)).toBe(408)
    }).pipe(Effect.provide(store))
  )

  it("lets dispose end although an unsigned body stalls", async () => {
    const options = { secrets, bodyTimeout: Number.POSITIVE_INFINITY, disposeTimeout: 5 }
    const handle = Webhooks.toHandler(options, () => Effect.void)
    void handle(stalled())
    await handle.dispose()
    expect((await handle(delivery())).status).toBe(503)
  })
})

describe("the timeout of a handler", () => {
  it.effect("responds with 500 after 60 seconds, and handles the next delivery of the event", () =>
    Effect.gen(function* () {
      let runs = 0
      const begun = yield* Deferred.make<void>()
      const app = Webhooks.httpApp({ secrets }, () =>
        ++runs === 1 ? Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never) : Effect.void
      )
      const first = yield* Effect.fork(statusOf(app, delivery()))
      yield* Deferred.await(begun)
      yield* TestClock.adjust("60 seconds")
      expect(yield* Fiber.join(first)).toBe(500)
      expect(yield* statusOf(app, delivery())).toBe(200)
      expect(runs).toBe(2)
    }).pipe(Effect.provide(Layer.merge(store, quiet)))
  )

  it.effect("also applies to a handler that cannot be interrupted", () =>
    Effect.gen(function* () {
      const begun = yield* Deferred.make<void>()
      const app = Webhooks.httpApp({ secrets, handlerTimeout: "5 seconds" }, () =>
        Effect.uninterruptible(Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never))
      )
      const running = yield* Effect.fork(statusOf(app, delivery()))
      yield* Deferred.await(begun)
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(running)).toBe(500)
    }).pipe(Effect.provide(Layer.merge(store, quiet)))
  )
})

describe("closing the queue", () => {
  it.effect("gives up the waiting events, and the events of handlers that cannot be interrupted", () =>
    Effect.gen(function* () {
      const given: Array<string> = []
      const scope = yield* Scope.make()
      const begun = yield* Deferred.make<void>()
      const app = yield* Webhooks.queuedHttpApp(
        {
          secrets,
          queue: {
            concurrency: 1,
            drainTimeout: "5 seconds",
            onGiveUp: (event, reason) => Effect.sync(() => given.push(`${event.id} ${reason}`))
          }
        },
        () => Effect.uninterruptible(Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never))
      ).pipe(Effect.provide(store), Scope.extend(scope))
      expect(yield* statusOf(app, delivery("evt_a"))).toBe(202)
      expect(yield* statusOf(app, delivery("evt_b"))).toBe(202)
      yield* Deferred.await(begun)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("4 seconds")
      expect(given).toEqual([])
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(closing)
      expect(given).toEqual(["evt_b ShutDown", "evt_a ShutDown"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ends although onGiveUp never ends", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const begun = yield* Deferred.make<void>()
      const app = yield* Webhooks.queuedHttpApp(
        { secrets, queue: { concurrency: 1, drainTimeout: "5 seconds", onGiveUp: () => Effect.never } },
        () => Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never)
      ).pipe(Effect.provide(store), Scope.extend(scope))
      yield* statusOf(app, delivery("evt_a"))
      yield* statusOf(app, delivery("evt_b"))
      yield* Deferred.await(begun)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("5 seconds")
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(closing)
    }).pipe(Effect.provide(quiet))
  )
})

describe("invalid options of a handler", () => {
  const handler = () => Effect.void

  for (const [option, options] of Object.entries({
    maxBodyBytes: { maxBodyBytes: 0 },
    bodyTimeout: { bodyTimeout: -1 },
    handlerTimeout: { handlerTimeout: "soon" },
    disposeTimeout: { disposeTimeout: Number.NaN },
    "queue.capacity": { queue: { capacity: 0 } },
    "queue.concurrency": { queue: { concurrency: 1.5 } },
    "queue.drainTimeout": { queue: { drainTimeout: "later" } }
  })) {
    it(`throw a RangeError that names ${option} when the handler is built`, () => {
      expect(() => Webhooks.toHandler(untyped({ secrets, ...options }), handler)).toThrow(
        `Webhooks: ${option} must be`
      )
    })
  }

  it("throw when a queued app is built, before it runs", () => {
    expect(() => Webhooks.queuedHttpApp({ secrets, queue: { capacity: 0 } }, handler)).toThrow(RangeError)
  })
})

describe("a layer that fails to build", () => {
  it("is logged without its text, and the response is 500 until it builds", async () => {
    const password = "postgres://app:hunter2@db"
    let builds = 0
    const layer = Layer.effectDiscard(
      Effect.suspend(() =>
        ++builds < 3 ? Effect.fail({ _tag: "ConnectError", message: password }) : Effect.void
      )
    )
    const handle = Webhooks.toHandler({ secrets, layer }, () => Effect.void)
    const written: Array<string> = []
    const spy = vi.spyOn(liveConsole, "log").mockImplementation((...parts) => {
      written.push(parts.join(" "))
    })
    expect((await handle(delivery())).status).toBe(500)
    expect((await handle(delivery())).status).toBe(500)
    expect((await handle(delivery())).status).toBe(200)
    spy.mockRestore()
    await handle.dispose()
    expect(written.filter((text) => text.includes("failed to build (ConnectError)"))).toHaveLength(2)
    expect(written.join()).not.toContain("hunter2")
  })
})

describe("a store that dies while it records a handled event", () => {
  it.effect("does not fail the delivery, because the handler has succeeded", () =>
    Effect.gen(function* () {
      const dying = Webhooks.DedupeStore.layer({
        isDone: () => Effect.succeed(false),
        markDone: () => Effect.die(new Error("a bug in the store"))
      })
      const app = Webhooks.httpApp({ secrets }, () => Effect.void)
      expect(yield* Effect.provide(statusOf(app, delivery()), dying)).toBe(200)
    }).pipe(Effect.provide(quiet))
  )
})

describe("a rejected delivery", () => {
  it.effect("is logged at Warning with its reason", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logged = logLayer(({ level, message }) => lines.push(`${level} ${String(message)}`))
      const app = Webhooks.httpApp({ secrets }, () => Effect.void)
      const unsigned = new Request("http://localhost/", { method: "POST", body: bodyOf({ id: "evt_1" }) })
      const status = yield* statusOf(app, unsigned).pipe(Effect.provide(Layer.merge(store, logged)))
      expect(status).toBe(401)
      expect(lines).toEqual([
        expect.stringMatching(/^WARN A webhook delivery was rejected: .*MissingSignature/)
      ])
    })
  )
})
