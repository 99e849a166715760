import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Webhooks from "../../src/Webhooks.js"
import { quiet } from "../support/dialect/telemetry.js"
import { bodyOf, named, secret, signedV1 } from "../support/webhooks.js"

const secrets = Redacted.make(secret)

const idOf = (index: number) => `evt_${String(index).padStart(4, "0")}`

/** A request with a version 1 signature, which needs no clock. */
const delivery = (id = "evt_cl0001", init: RequestInit = {}): Request => {
  const body = bodyOf({ id })
  return new Request("http://localhost/hook", {
    method: "POST",
    body,
    headers: { ...signedV1(body), ...named(id) },
    ...init
  })
}

const received = async (response: Promise<Response>): Promise<readonly [number, string]> => {
  const { status, ...rest } = await response.then(async (r) => ({ status: r.status, text: await r.text() }))
  return [status, rest.text]
}

const statusOf = (app: HttpApp.Default, request: Request): Effect.Effect<number> =>
  Effect.map(
    Effect.scoped(
      Effect.provideService(app, HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(request))
    ),
    ({ status }) => status
  )

const chunked = (chunks: number, size: number, onPull: () => void = () => {}): ReadableStream<Uint8Array> => {
  let sent = 0
  return new ReadableStream({
    pull: (controller) => {
      onPull()
      if (sent++ < chunks) controller.enqueue(new Uint8Array(size))
      else controller.close()
    }
  })
}

const waiting = () => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened: Effect.promise(() => opened), open: () => open() }
}

/** A store that calls `reached` once `once` was called `count` times, so that each call runs or waits. */
const watched = (count: number, reached: () => void) =>
  Layer.map(Webhooks.DedupeStore.layerMemory(), (context) => {
    const store = Context.get(context, Webhooks.DedupeStore)
    let calls = 0
    return Context.make(Webhooks.DedupeStore, {
      ...store,
      once: (id, handle) =>
        Effect.suspend(() => {
          if (++calls === count) setImmediate(reached)
          return store.once(id, handle)
        })
    })
  })

describe("toHandler", () => {
  it("handles a genuine event once and acknowledges its second delivery", async () => {
    const handled: Array<string> = []
    const handle = Webhooks.toHandler({ secrets }, (event, { scheme, attempt }) =>
      Effect.sync(() => handled.push(`${event.id} ${scheme} ${attempt}`))
    )
    expect(await received(handle(delivery()))).toEqual([200, "handled"])
    expect(await received(handle(delivery()))).toEqual([200, "already handled"])
    expect(handled).toEqual(["evt_cl0001 v1 1"])
    await handle.dispose()
    expect(await received(handle(delivery()))).toEqual([503, "stopped"])
  })

  it("rejects invalid requests with the documented statuses", async () => {
    let runs = 0
    const handle = Webhooks.toHandler({ secrets, maxBodyBytes: 1000 }, () => Effect.sync(() => runs++))
    const body = bodyOf()
    const post = (content: BodyInit | null, headers: Record<string, string>) =>
      received(handle(new Request("http://localhost/", { method: "POST", body: content, headers })))
    expect(await post(body, {})).toEqual([401, "MissingSignature"])
    expect(await post(body, signedV1(body, "other"))).toEqual([401, "BadSignature"])
    expect(await post(body, { ...signedV1(body), "X-Sendmux-Timestamp": "1" })).toEqual([
      401,
      "MissingSignature"
    ])
    expect(await post("{}", signedV1("{}"))).toEqual([400, "MalformedBody"])
    expect(await post(body, { ...signedV1(body), ...named("evt_x") })).toEqual([400, "EventIdMismatch"])
    expect(await post(null, {})).toEqual([401, "MissingSignature"])
    expect(await post("", signedV1(""))).toEqual([400, "MalformedBody"])
    const large = " ".repeat(1001)
    expect(await post(large, signedV1(large))).toEqual([413, "the body is too large"])
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
      const response = await handle(new Request("http://localhost/", { method }))
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"])
    }
    expect(runs).toBe(0)
  })

  it("stops reading a body without a content length soon after the limit", async () => {
    let pulls = 0
    const handle = Webhooks.toHandler({ secrets, maxBodyBytes: 1000 }, () => Effect.void)
    const init: RequestInit & { duplex: "half" } = {
      method: "POST",
      body: chunked(1_000_000, 100, () => pulls++),
      duplex: "half"
    }
    expect((await handle(new Request("http://localhost/", init))).status).toBe(413)
    expect(pulls).toBeLessThan(100)
  })

  it("handles an event once under each name when handlers share a store", async () => {
    const handled: Array<string> = []
    const store = Effect.runSync(Effect.provide(Webhooks.DedupeStore, Webhooks.DedupeStore.layerMemory()))
    const dedupe = Layer.succeed(Webhooks.DedupeStore, store)
    const named = (name: string) =>
      Webhooks.toHandler({ secrets, dedupe, name }, () => Effect.sync(() => handled.push(name)))
    for (const handle of [named("mail"), named("bills"), named("mail")]) {
      expect((await handle(delivery())).status).toBe(200)
    }
    expect(handled).toEqual(["mail", "bills"])
  })

  it("responds with 400 to a truncated body", async () => {
    const handle = Webhooks.toHandler({ secrets }, () => Effect.void)
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) })
    const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" }
    expect((await handle(new Request("http://localhost/", init))).status).toBe(400)
  })

  it("responds with 500 when the handler fails, dies or is interrupted, and handles the next delivery", async () => {
    const endings: Array<Effect.Effect<void, string>> = [
      Effect.fail("db"),
      Effect.die("bug"),
      Effect.interrupt,
      Effect.void
    ]
    const handle = Webhooks.toHandler(
      { secrets, layer: quiet },
      () => endings.shift() ?? Effect.die("called too often")
    )
    const seen = []
    for (let i = 0; i < 5; i++) seen.push((await handle(delivery())).status)
    expect(seen).toEqual([500, 500, 500, 200, 200])
  })

  it("responds to two concurrent deliveries of one event with the same status, and handles it once", async () => {
    for (const [ending, status] of [
      [Effect.void, 200],
      [Effect.fail("no"), 500]
    ] as const) {
      let runs = 0
      const { opened, open } = waiting()
      const handle = Webhooks.toHandler({ secrets, layer: quiet, dedupe: watched(2, open) }, () => {
        runs++
        return Effect.zipRight(opened, ending)
      })
      const both = await Promise.all([handle(delivery()), handle(delivery())])
      expect(both.map((response) => response.status)).toEqual([status, status])
      expect(runs).toBe(1)
    }
  })

  it("builds the layer of the handler once, and releases it on dispose", async () => {
    class Database extends Context.Tag("Database")<Database, { readonly name: string }>() {}
    const log: Array<string> = []
    const layer = Layer.scoped(
      Database,
      Effect.acquireRelease(
        Effect.sync(() => {
          log.push("open")
          return { name: "db" }
        }),
        () => Effect.sync(() => log.push("close"))
      )
    )
    const handle = Webhooks.toHandler({ secrets, layer }, (event) =>
      Effect.map(Database, ({ name }) => log.push(`${name} ${event.id}`))
    )
    expect(log).toEqual([])
    await Promise.all([handle(delivery(idOf(1))), handle(delivery(idOf(2)))])
    const last = handle(delivery(idOf(3)))
    await Promise.all([handle.dispose(), handle.dispose()])
    expect((await last).status).toBe(200)
    // The signatures of the first two are verified at the same time, so either may be first.
    expect(log.slice(1, 3).sort()).toEqual(["db evt_0001", "db evt_0002"])
    expect([log[0], ...log.slice(3)]).toEqual(["open", "db evt_0003", "close"])
  })

  it("responds with 500 when the layer fails to build, and builds it again on the next delivery", async () => {
    class Database extends Context.Tag("Database")<Database, number>() {}
    let tries = 0
    const layer = Layer.effect(
      Database,
      Effect.suspend(() => (++tries < 2 ? Effect.fail("connection refused") : Effect.succeed(1)))
    )
    const handle = Webhooks.toHandler({ secrets, layer }, () => Database)
    expect((await handle(delivery())).status).toBe(500)
    expect((await handle(delivery())).status).toBe(200)
    await handle.dispose()
  })

  it("loads the secrets for each delivery, and responds with 500 when they fail to load", async () => {
    const rings: Array<Effect.Effect<Redacted.Redacted, string>> = [
      Effect.succeed(Redacted.make("whsec_old")),
      Effect.fail("vault"),
      Effect.succeed(secrets)
    ]
    const handle = Webhooks.toHandler(
      { secrets: Effect.suspend(() => rings.shift() ?? Effect.fail("none")) },
      () => Effect.void
    )
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await handle(delivery())).status)
    expect(statuses).toEqual([401, 500, 200])
  })

  it("accepts a version 2 signature on the live clock", async () => {
    const handle = Webhooks.toHandler({ secrets, requireV2: true }, () => Effect.void)
    const body = bodyOf()
    const headers = await Effect.runPromise(Webhooks.sign({ body, secret: secrets }))
    const post = () => handle(new Request("http://localhost/", { method: "POST", body, headers }))
    expect((await post()).status).toBe(200)
    expect((await handle(delivery())).status).toBe(401)
  })
})

describe("the queue", () => {
  it("responds with 202 at once, responds with 503 when it is full, and drains before it closes", async () => {
    const { opened, open } = waiting()
    const handled: Array<string> = []
    const handle = Webhooks.toHandler({ secrets, queue: { capacity: 2, concurrency: 1 } }, (event) =>
      Effect.zipRight(
        opened,
        Effect.sync(() => handled.push(event.id))
      )
    )
    const statuses = []
    for (const index of [1, 2, 3, 4, 2, 1]) statuses.push((await handle(delivery(idOf(index)))).status)
    expect(statuses).toEqual([202, 202, 202, 503, 202, 202])
    expect(handled).toEqual([])
    const disposed = handle.dispose()
    open()
    await disposed
    expect(handled).toEqual([idOf(1), idOf(2), idOf(3)])
  })

  it("handles at most the given number of events concurrently", async () => {
    let running = 0
    let most = 0
    const handle = Webhooks.toHandler({ secrets, queue: { concurrency: 3 } }, () =>
      Effect.gen(function* () {
        most = Math.max(most, ++running)
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        running--
      })
    )
    await Promise.all(Array.from({ length: 30 }, (_, index) => handle(delivery(idOf(index)))))
    await handle.dispose()
    expect(most).toBe(3)
  })

  it.effect("retries on its schedule, and then calls onGiveUp", () =>
    Effect.gen(function* () {
      const attempts: Array<number> = []
      const given: Array<string> = []
      const store = Webhooks.DedupeStore.layerMemory()
      const scope = yield* Scope.make()
      const app = yield* Webhooks.queuedHttpApp(
        {
          secrets,
          queue: {
            concurrency: 1,
            retry: Schedule.intersect(Schedule.spaced("10 seconds"), Schedule.recurs(2)),
            onGiveUp: (event, reason) => Effect.sync(() => given.push(`${event.id} ${reason}`))
          }
        },
        () =>
          Effect.flatMap(Clock.currentTimeMillis, (at) => {
            attempts.push(at)
            return attempts.length < 6 ? Effect.fail("no") : Effect.void
          })
      ).pipe(Effect.provide(store), Scope.extend(scope))
      const send = (id: string) => statusOf(app, delivery(id))
      expect(yield* send("evt_a")).toBe(202)
      yield* TestClock.adjust("30 seconds")
      expect(attempts).toEqual([0, 10_000, 20_000])
      expect(given).toEqual(["evt_a Failed"])
      expect(yield* send("evt_a")).toBe(202)
      yield* TestClock.adjust("30 seconds")
      expect(attempts.slice(3)).toEqual([30_000, 40_000, 50_000])
      expect(given).toHaveLength(1)
      expect(yield* send("evt_a")).toBe(200)
      yield* Scope.close(scope, Exit.void)
      expect(yield* send("evt_b")).toBe(503)
    })
  )

  it.effect("gives up the events that are left when drainTimeout is over", () =>
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
        () => Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never)
      ).pipe(Effect.provide(Webhooks.DedupeStore.layerMemory()), Scope.extend(scope))
      yield* statusOf(app, delivery("evt_a"))
      yield* statusOf(app, delivery("evt_b"))
      yield* Deferred.await(begun)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("4 seconds")
      expect(given).toEqual([])
      yield* TestClock.adjust("1 second")
      yield* Fiber.await(closing)
      expect(given).toEqual(["evt_b ShutDown", "evt_a ShutDown"])
    })
  )
})

describe("httpApp on a Node server", () => {
  const listening = (serve: (server: Http.Server) => Layer.Layer<never, unknown>) =>
    Effect.gen(function* () {
      const server = Http.createServer()
      yield* Layer.build(serve(server))
      const { port } = server.address() as AddressInfo
      return `http://127.0.0.1:${port}/hook`
    })

  const node = (server: Http.Server) => NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })

  const post = (url: string, request: Request) =>
    Effect.promise(async () => (await fetch(url, request)).status)

  it.scopedLive("receives deliveries under HttpLayerRouter", () =>
    Effect.gen(function* () {
      const handled: Array<string> = []
      const app = Webhooks.httpApp({ secrets }, (event) => Effect.sync(() => handled.push(event.id)))
      const routes = HttpLayerRouter.add("POST", "/hook", app)
      const url = yield* listening((server) =>
        HttpLayerRouter.serve(routes, { disableListenLog: true }).pipe(
          Layer.provide([node(server), Webhooks.DedupeStore.layerMemory()])
        )
      )
      expect(yield* post(url, delivery())).toBe(200)
      expect(handled).toEqual(["evt_cl0001"])
    })
  )

  it.scopedLive("rejects headers that occur twice on the wire", () =>
    Effect.gen(function* () {
      const app = Webhooks.httpApp({ secrets }, () => Effect.void)
      const url = yield* listening((server) =>
        HttpServer.serve(app).pipe(Layer.provide([node(server), Webhooks.DedupeStore.layerMemory()]))
      )
      const body = bodyOf()
      const headers: Http.OutgoingHttpHeaders = { ...signedV1(body), ...named("evt_cl0001") }
      const send = (changed: Http.OutgoingHttpHeaders) =>
        Effect.promise(
          () =>
            new Promise<number | undefined>((resolve, reject) => {
              const options = { method: "POST", headers: { ...headers, ...changed }, agent: false }
              const request = Http.request(url, options, (response) => {
                response.resume()
                resolve(response.statusCode)
              })
              request.on("error", reject)
              request.end(body)
            })
        )
      expect(yield* send({})).toBe(200)
      const twice = (name: string) => ({ [name]: [String(headers[name]), String(headers[name])] })
      expect(yield* send(twice("X-Sendmux-Signature"))).toBe(401)
      expect(yield* send(twice("X-Sendmux-Event-Id"))).toBe(400)
      expect(yield* send(twice("X-Sendmux-Event-Type"))).toBe(400)
    })
  )

  it.scopedLive(
    "responds with 413 while the sender is still writing, with and without a content length",
    () =>
      Effect.gen(function* () {
        const app = Webhooks.httpApp({ secrets, maxBodyBytes: 10_000 }, () => Effect.void)
        const url = yield* listening((server) =>
          HttpServer.serve(app).pipe(Layer.provide([node(server), Webhooks.DedupeStore.layerMemory()]))
        )
        const send = (chunks: number, length?: number) =>
          Effect.promise(
            () =>
              new Promise<number | string>((resolve) => {
                const headers = length === undefined ? {} : { "content-length": length }
                const request = Http.request(url, { method: "POST", headers, agent: false }, (response) => {
                  resolve(response.statusCode ?? 0)
                  request.destroy()
                })
                request.on("error", () => resolve("cut"))
                for (let i = 0; i < chunks; i++) request.write(Buffer.alloc(1_000))
                if (length === undefined) request.end()
              })
          )
        expect(yield* send(1, 10_001)).toBe(413)
        expect(yield* send(11)).toBe(413)
        expect(yield* send(49)).toBe(413)
        expect([413, "cut"]).toContain(yield* send(5_000))
        expect(yield* post(url, delivery())).toBe(200)
      })
  )
})
