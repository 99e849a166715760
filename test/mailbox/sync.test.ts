import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { makeMethods } from "../../src/internal/methods/methods.js"
import { ResponseDecodeError } from "../../src/internal/model/errors.js"
import { makePipeline } from "../../src/internal/pipeline/make.js"
import * as Retry from "../../src/internal/timing/retry.js"
import type { SendmuxStreamError, SyncEvent, SyncStates } from "../../src/Mailbox.js"
import { makeChanges } from "../../src/mailbox/changes/changes.js"
import { makeDrafts } from "../../src/mailbox/drafts/drafts.js"
import { makeEvents } from "../../src/mailbox/events/events.js"
import { makeFolders } from "../../src/mailbox/folders.js"
import { makeIdentities } from "../../src/mailbox/identities.js"
import { makeMessages } from "../../src/mailbox/messages/messages.js"
import { makeQuotas } from "../../src/mailbox/quotas.js"
import { makeSubmissions } from "../../src/mailbox/submissions.js"
import { makeSync } from "../../src/mailbox/sync/sync.js"
import { makeThreads } from "../../src/mailbox/threads.js"
import { report } from "../support/changes.js"
import { logLayer } from "../support/dialect/telemetry.js"
import { FakeMailbox, type Mutation } from "../support/fakeMailbox.js"
import { apiKey, failure, mockClient, ok, type Reaction, type Seen } from "../support/http.js"
import { pageOf } from "../support/mailbox.js"

/** The sync methods over a server, with the events that the test sends. */
const syncOver = (
  react: (request: Seen) => Reaction,
  events: Stream.Stream<unknown, SendmuxStreamError> = Stream.never
) => {
  const { client, seen } = mockClient(react)
  return Effect.map(
    Effect.provideService(
      makePipeline("mailbox", "https://app.sendmux.ai/api/v1", { apiKey: Redacted.make(apiKey) }),
      HttpClient.HttpClient,
      client
    ),
    (pipeline) => {
      const methods = makeMethods(pipeline)
      return {
        seen,
        sync: makeSync({
          messages: makeMessages(methods, {
            drafts: makeDrafts(methods),
            events: makeEvents(methods),
            folders: makeFolders(methods)
          }),
          folders: makeFolders(methods),
          threads: makeThreads(methods),
          submissions: makeSubmissions(methods),
          identities: makeIdentities(methods),
          quotas: makeQuotas(methods),
          changes: makeChanges(methods),
          events: { listen: () => events }
        })
      }
    }
  )
}

/** A consumer that keeps a copy and saves it with its states. When it is interrupted, it loses what it has not saved. */
class Consumer {
  copy = new Map<string, string>()
  saved: { readonly states: SyncStates; readonly copy: ReadonlyMap<string, string> } = {
    states: {},
    copy: new Map()
  }

  handle(event: SyncEvent<"messages">): void {
    switch (event._tag) {
      case "Reset":
        this.copy.clear()
        this.save(event.states)
        break
      case "Checkpoint":
        this.save(event.states)
        break
      case "Removed":
        this.copy.delete(event.id)
        break
      default:
        this.copy.set(event.id, event.value.subject ?? "")
    }
  }

  break(): void {
    this.copy = new Map(this.saved.copy)
  }

  private save(states: SyncStates): void {
    this.saved = { states: JSON.parse(JSON.stringify(states)), copy: new Map(this.copy) }
  }

  get contents(): Record<string, string> {
    return Object.fromEntries(this.copy)
  }
}

const isCaughtUp = (event: SyncEvent<"messages">): boolean => event._tag === "Checkpoint" && event.caughtUp

const mutation: FastCheck.Arbitrary<Mutation> = FastCheck.record({
  do: FastCheck.constantFrom("create", "create", "update", "destroy"),
  at: FastCheck.nat(12)
})

const scenario = FastCheck.record({
  start: FastCheck.nat(14),
  /** The changes before each request, in order. */
  happenings: FastCheck.array(FastCheck.array(mutation, { maxLength: 3 }), { maxLength: 40 }),
  /** After how many elements the consumer is interrupted, and whether its states expire meanwhile. */
  breaks: FastCheck.array(FastCheck.tuple(FastCheck.nat(12), FastCheck.integer({ min: 0, max: 3 })), {
    maxLength: 5
  }),
  expiry: FastCheck.constantFrom("refused" as const, "sync_required" as const)
})

/** A message appears before the second page and is destroyed after it: no page and no change reports it. */
const unreportedMessage: typeof scenario extends FastCheck.Arbitrary<infer A> ? A : never = {
  start: 8,
  happenings: [[], [], [], [{ do: "create", at: 0 }], [{ do: "destroy", at: 0 }]],
  breaks: [],
  expiry: "refused"
}

describe("sync.follow", () => {
  it("keeps a copy that equals the mailbox in the end, whatever changes and wherever the consumer is interrupted", async () => {
    await FastCheck.assert(
      FastCheck.asyncProperty(scenario, ({ start, happenings, breaks, expiry }) => {
        const server = new FakeMailbox()
        server.expiry = expiry
        for (let at = 0; at < start; at++) server.mutate({ do: "create", at })
        const pending = [...happenings]
        server.before = () => {
          for (const next of pending.shift() ?? []) server.mutate(next)
        }
        const consumer = new Consumer()
        return Effect.gen(function* () {
          const { sync } = yield* syncOver(server.react)
          const follow = Stream.suspend(() =>
            sync.follow({ types: ["messages"], since: consumer.saved.states, limit: 4 })
          )
          const handle = (event: SyncEvent<"messages">) => Effect.sync(() => consumer.handle(event))
          for (const [elements, fate] of breaks) {
            yield* follow.pipe(Stream.takeUntil(isCaughtUp), Stream.take(elements), Stream.runForEach(handle))
            consumer.break()
            if (fate === 0) server.expire()
          }
          for (let more = true; more; ) {
            more = pending.length > 0
            yield* follow.pipe(Stream.takeUntil(isCaughtUp), Stream.runForEach(handle))
            consumer.break()
          }
          expect(consumer.contents).toEqual(server.contents)
        }).pipe(Effect.runPromise)
      }),
      { numRuns: 150, examples: [[unreportedMessage]] }
    )
  }, 60_000)

  it.effect("reads the state first, then the snapshot, then the changes since the state", () => {
    const server = new FakeMailbox()
    server.mutate({ do: "create", at: 0 })
    return Effect.gen(function* () {
      const { seen, sync } = yield* syncOver(server.react)
      const events = yield* sync
        .follow({ types: ["messages"] })
        .pipe(Stream.takeUntil(isCaughtUp), Stream.runCollect)
      expect([...events].map(({ _tag }) => _tag)).toEqual(["Reset", "Snapshot", "Checkpoint", "Checkpoint"])
      expect(seen.map(({ url }) => url.pathname.split("/").at(-1))).toEqual([
        "changes",
        "messages",
        "changes",
        "changes"
      ])
      expect(seen[0]?.url.searchParams.get("messages_since_state")).toBeNull()
      expect(seen[1]?.url.searchParams.get("sort_by")).toBe("received_at")
    })
  })

  it.effect("continues from saved states without a snapshot", () => {
    const server = new FakeMailbox()
    server.mutate({ do: "create", at: 0 })
    const since = { messages: server.state }
    server.mutate({ do: "update", at: 0 })
    server.mutate({ do: "create", at: 1 })
    server.mutate({ do: "destroy", at: 0 })
    return Effect.gen(function* () {
      const { sync } = yield* syncOver(server.react)
      const events = yield* sync
        .follow({ types: ["messages"], since })
        .pipe(Stream.takeUntil(isCaughtUp), Stream.runCollect)
      expect([...events]).toMatchObject([
        { _tag: "Created", type: "messages", id: "m2", value: { subject: "v0" } },
        { _tag: "Removed", id: "m1" },
        { _tag: "Checkpoint", caughtUp: true, states: { messages: "s4" } }
      ])
    })
  })

  it.effect("checks for changes when an event arrives, and otherwise at the poll interval", () => {
    const server = new FakeMailbox()
    server.mutate({ do: "create", at: 0 })
    return Effect.gen(function* () {
      const event = yield* Deferred.make<void>()
      const events = Stream.concat(Stream.fromEffect(Deferred.await(event)), Stream.never)
      const { seen, sync } = yield* syncOver(server.react, events)
      const tags = yield* Ref.make<ReadonlyArray<string>>([])
      const caughtUp = (count: number) =>
        Effect.repeat(Effect.yieldNow(), {
          until: () =>
            Effect.map(
              Ref.get(tags),
              (current) => current.filter((tag) => tag === "caughtUp").length >= count
            )
        })
      const fiber = yield* sync.follow({ types: ["messages"], poll: "30 seconds" }).pipe(
        Stream.runForEach((element) =>
          Ref.update(tags, (current) => [...current, isCaughtUp(element) ? "caughtUp" : element._tag])
        ),
        Effect.fork
      )
      yield* caughtUp(1)
      server.mutate({ do: "create", at: 1 })
      yield* Deferred.succeed(event, undefined)
      yield* caughtUp(2)
      server.mutate({ do: "destroy", at: 0 })
      const before = seen.length
      yield* TestClock.adjust("29 seconds")
      expect(seen).toHaveLength(before)
      yield* TestClock.adjust("1 second")
      yield* caughtUp(3)
      expect((yield* Ref.get(tags)).slice(-4)).toEqual(["Created", "caughtUp", "Removed", "caughtUp"])
      yield* Fiber.interrupt(fiber)
    })
  })

  it.effect("continues after an outage of the server, without a lost or repeated change", () => {
    const server = new FakeMailbox()
    for (let at = 0; at < 8; at++) server.mutate({ do: "create", at })
    let requests = 0
    const react = (request: Seen) =>
      ++requests >= 4 && requests < 24 ? failure(503, "service_unavailable") : server.react(request)
    return Effect.gen(function* () {
      const { sync } = yield* syncOver(react)
      const fiber = yield* sync
        .follow({ types: ["messages"] })
        .pipe(Stream.takeUntil(isCaughtUp), Stream.runCollect, Effect.fork)
      yield* TestClock.adjust("1 hour")
      const events = [...(yield* Fiber.join(fiber))]
      const ids = events.flatMap((event) => (event._tag === "Snapshot" ? [event.id] : []))
      expect(ids).toEqual(Object.keys(server.contents))
    })
  })

  it.effect("fails immediately with Retry.none, and for errors that a retry cannot fix", () =>
    Effect.gen(function* () {
      const down = yield* syncOver(() => failure(503, "service_unavailable", { retryable: true }))
      const first = yield* down.sync
        .follow({ types: ["messages"] }, { retry: Retry.none })
        .pipe(Retry.with(Retry.none), Stream.runDrain, Effect.flip)
      expect(first).toMatchObject({ _tag: "APIError", status: 503 })
      const refused = yield* syncOver(() => failure(403, "insufficient_permissions"))
      const second = yield* Effect.flip(Stream.runDrain(refused.sync.follow({ types: ["messages"] })))
      expect(second).toMatchObject({ _tag: "APIError", status: 403 })
    })
  )

  it.effect("continues after odd responses once it has worked, and fails on the first one before", () => {
    const html = () => new Response("<html>Hello</html>", { headers: { "content-type": "text/html" } })
    const server = new FakeMailbox()
    for (let at = 0; at < 8; at++) server.mutate({ do: "create", at })
    let requests = 0
    const react = (request: Seen) => {
      requests++
      if (requests === 3) return html()
      return requests === 4 ? new Response("<html>Not found</html>", { status: 404 }) : server.react(request)
    }
    return Effect.gen(function* () {
      const { sync } = yield* syncOver(react)
      const fiber = yield* sync
        .follow({ types: ["messages"] })
        .pipe(Stream.takeUntil(isCaughtUp), Stream.runCollect, Effect.fork)
      yield* TestClock.adjust("10 minutes")
      const events = [...(yield* Fiber.join(fiber))]
      const ids = events.flatMap((event) => (event._tag === "Snapshot" ? [event.id] : []))
      expect(ids).toEqual(Object.keys(server.contents))
      const broken = yield* syncOver(html)
      const error = yield* Effect.flip(Stream.runDrain(broken.sync.follow({ types: ["messages"] })))
      expect(error._tag).toBe("ResponseDecodeError")
    })
  })

  it.effect("fails after ten odd responses in a row", () => {
    const server = new FakeMailbox()
    for (let at = 0; at < 8; at++) server.mutate({ do: "create", at })
    let requests = 0
    const react = (request: Seen) => (++requests < 3 ? server.react(request) : new Response("<html>"))
    return Effect.gen(function* () {
      const { sync } = yield* syncOver(react)
      const fiber = yield* Effect.fork(Effect.flip(Stream.runDrain(sync.follow({ types: ["messages"] }))))
      yield* TestClock.adjust("1 hour")
      expect((yield* Fiber.join(fiber))._tag).toBe("ResponseDecodeError")
      expect(requests).toBe(12)
    })
  })

  it.effect(
    "waits at most five minutes when the server asks for much longer, and logs the wait at Info",
    () => {
      const server = new FakeMailbox()
      server.mutate({ do: "create", at: 0 })
      let requests = 0
      const headers = { "retry-after": "10000000000" }
      const react = (request: Seen) =>
        ++requests === 1 ? failure(429, "rate_limit_exceeded", { headers }) : server.react(request)
      const lines: Array<string> = []
      const logged = logLayer(({ level, message }) => lines.push(`${level} ${String(message)}`))
      return Effect.gen(function* () {
        const { sync } = yield* syncOver(react)
        const fiber = yield* sync
          .follow({ types: ["messages"] })
          .pipe(Stream.takeUntil(isCaughtUp), Stream.runDrain, Effect.fork)
        yield* TestClock.adjust("299 seconds")
        expect(requests).toBe(1)
        yield* TestClock.adjust("2 seconds")
        yield* Fiber.join(fiber)
        expect(requests).toBeGreaterThan(1)
        expect(lines).toHaveLength(1)
        expect(lines[0]).toMatch(
          /^INFO mailbox\.sync\.follow: waiting 300\d{3} ms before the next attempt \(429 rate_limit_exceeded\)$/
        )
      }).pipe(Effect.provide(logged))
    }
  )

  it.effect("fails with the error of the server, whose hint is unchanged, when the retries end", () =>
    Effect.gen(function* () {
      const headers = { "retry-after": "600" }
      const { sync } = yield* syncOver(() => failure(429, "rate_limit_exceeded", { headers }))
      const error = yield* Effect.flip(
        Stream.runDrain(sync.follow({ types: ["messages"] }, { retry: Retry.none }))
      )
      expect(error._tag === "APIError" && error.retryAfter?.toString()).toBe(Duration.minutes(10).toString())
    })
  )

  it.effect("keeps checking while its event stream receives odd responses", () => {
    const server = new FakeMailbox()
    const odd = new ResponseDecodeError({
      operation: "mailbox.events.stream",
      status: 200,
      requestId: undefined,
      issue: "text/html"
    })
    let listened = 0
    const events = Stream.suspend(() => {
      listened++
      return Stream.fail(odd)
    })
    return Effect.gen(function* () {
      const { sync } = yield* syncOver(server.react, events)
      let created = 0
      const fiber = yield* sync.follow({ types: ["messages"], poll: "10 seconds" }).pipe(
        Stream.runForEach(({ _tag }) => Effect.sync(() => (created += _tag === "Created" ? 1 : 0))),
        Effect.fork
      )
      for (let minute = 0; minute < 20; minute++) {
        server.mutate({ do: "create", at: 0 })
        yield* Effect.forEach(Array.from({ length: 6 }), () => TestClock.adjust("10 seconds"))
      }
      expect(created).toBeGreaterThanOrEqual(19)
      expect(listened).toBeGreaterThan(20)
      yield* Fiber.interrupt(fiber)
    })
  })

  it.effect("does not flood a server that forgets every state immediately", () =>
    Effect.gen(function* () {
      const { seen, sync } = yield* syncOver(({ url }) => {
        if (!url.pathname.endsWith("/changes")) return pageOf([])
        const asked = url.searchParams.has("folders_since_state")
        return ok({
          types: {
            folders: {
              old_state: null,
              new_state: "s",
              has_more: false,
              created: [],
              updated: [],
              destroyed: [],
              sync_required: asked
            }
          }
        })
      })
      const fiber = yield* Effect.fork(Stream.runDrain(sync.follow({ types: ["folders"], poll: "1 minute" })))
      yield* TestClock.adjust("1 second")
      const first = seen.length
      expect(first).toBeLessThan(20)
      yield* TestClock.adjust("1 minute")
      expect(seen.length).toBe(2 * first)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("polls without listening for events when events is false", () =>
    Effect.gen(function* () {
      const server = new FakeMailbox()
      const { seen, sync } = yield* syncOver(server.react, Stream.die("listened"))
      const fiber = yield* Effect.fork(
        Stream.runDrain(sync.follow({ types: ["messages"], events: false, poll: "1 minute" }))
      )
      yield* TestClock.adjust("1 second")
      const first = seen.length
      yield* TestClock.adjust("1 minute")
      expect(seen.length).toBeGreaterThan(first)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("fails with the error of the event stream", () => {
    const server = new FakeMailbox()
    return Effect.gen(function* () {
      const lost = yield* syncOver(() => failure(401, "authentication_required"))
      const error = yield* Effect.flip(Stream.runDrain(lost.sync.changes({ types: ["messages"] })))
      const { sync } = yield* syncOver(server.react, Stream.fail(error))
      expect(yield* Effect.flip(Stream.runDrain(sync.follow({ types: ["messages"] })))).toBe(error)
    })
  })

  it.effect("follows several types, each with its values and its state", () => {
    const folder = (id: string, name: string) => ({
      id,
      name,
      role: null,
      parent_id: null,
      sort_order: null,
      total_messages: 0,
      unread_messages: 0,
      can_add_items: true
    })
    const react = ({ url }: Seen) => {
      if (url.pathname.endsWith("/folders")) return pageOf([folder("f1", "Renamed"), folder("f3", "New")])
      if (url.pathname.endsWith("/threads/t1")) return failure(404, "not_found")
      return ok({
        types: {
          folders: report("f-2", { created: ["f3"], updated: ["f1"], destroyed: ["f2"] }),
          threads: report("t-2", { updated: ["t1"] })
        }
      })
    }
    return Effect.gen(function* () {
      const { seen, sync } = yield* syncOver(react)
      const events = yield* sync
        .follow(
          { types: ["folders", "threads"], since: { folders: "f-1", threads: "t-1", messages: "m-1" } },
          { mailbox_id: "mbx_1" }
        )
        .pipe(
          Stream.takeUntil(({ _tag }) => _tag === "Checkpoint"),
          Stream.runCollect
        )
      expect([...events]).toMatchObject([
        { _tag: "Created", type: "folders", id: "f3", value: { name: "New" } },
        { _tag: "Updated", type: "folders", id: "f1", value: { name: "Renamed" } },
        { _tag: "Removed", type: "folders", id: "f2" },
        { _tag: "Removed", type: "threads", id: "t1" },
        { _tag: "Checkpoint", caughtUp: true, states: { folders: "f-2", threads: "t-2" } }
      ])
      expect(seen.every(({ url }) => url.searchParams.get("mailbox_id") === "mbx_1")).toBe(true)
    })
  })

  it.effect("closes the event stream when the consumer stops", () => {
    const server = new FakeMailbox()
    return Effect.gen(function* () {
      const released = yield* Deferred.make<void>()
      const opened = yield* Deferred.make<void>()
      const events = Stream.concat(Stream.fromEffect(Deferred.succeed(opened, undefined)), Stream.never)
      const held = Stream.ensuring(events, Deferred.succeed(released, undefined))
      const { sync } = yield* syncOver(server.react, held)
      const fiber = yield* Effect.fork(Stream.runDrain(sync.follow({ types: ["messages"] })))
      yield* Deferred.await(opened)
      expect(yield* Deferred.isDone(released)).toBe(false)
      yield* Fiber.interrupt(fiber)
      expect(yield* Deferred.isDone(released)).toBe(true)
    })
  })

  it.effect("rejects unknown types before anything is sent", () =>
    Effect.gen(function* () {
      const { seen, sync } = yield* syncOver(() => failure(500, "internal_error"))
      const empty = yield* Effect.flip(Stream.runDrain(sync.follow({ types: [] })))
      expect(empty).toMatchObject({ _tag: "InvalidRequestError", operation: "mailbox.sync.follow" })
      const poll = yield* Effect.flip(Stream.runDrain(sync.follow({ types: ["messages"], poll: 0 })))
      expect(poll.message).toContain("poll must be a duration greater than zero")
      expect(seen).toHaveLength(0)
    })
  )
})

describe("sync.changes", () => {
  it.effect("reads the changes of each type until there are no more, and returns the states to save", () => {
    const responses = [
      {
        messages: report("m2", { has_more: true, created: ["a"] }),
        folders: report("f2", { updated: ["inbox"], updated_properties: ["unread_messages"] })
      },
      { messages: report("m3", { destroyed: ["b"] }) }
    ]
    return Effect.gen(function* () {
      const { seen, sync } = yield* syncOver(() => ok({ types: responses.shift() }))
      const changes = yield* Stream.runCollect(
        sync.changes({ types: ["messages", "folders"], since: { messages: "m1", folders: "f1" } })
      )
      expect([...changes]).toMatchObject([
        { type: "messages", created: ["a"], hasMore: true, states: { messages: "m2", folders: "f1" } },
        {
          type: "folders",
          updated: ["inbox"],
          updatedProperties: ["unread_messages"],
          states: { messages: "m2", folders: "f2" }
        },
        { type: "messages", removed: ["b"], hasMore: false, states: { messages: "m3", folders: "f2" } }
      ])
      expect(seen.map(({ url }) => url.searchParams.toString())).toEqual([
        "types=messages%2Cfolders&messages_since_state=m1&folders_since_state=f1&limit=500",
        "types=messages&messages_since_state=m2&limit=500"
      ])
    })
  })

  it.effect("determines which of several states the server does not know", () => {
    const react = ({ url }: Seen) => {
      const query = url.searchParams
      if (query.get("folders_since_state") === "old") return failure(400, "invalid_parameter")
      const types = query.get("types")?.split(",") ?? []
      return ok({ types: Object.fromEntries(types.map((type) => [type, report(`${type}-now`)])) })
    }
    return Effect.gen(function* () {
      const { sync } = yield* syncOver(react)
      const changes = yield* Stream.runCollect(
        sync.changes({ types: ["messages", "folders"], since: { messages: "m1", folders: "old" } })
      )
      expect([...changes]).toMatchObject([
        { _tag: "Changes", type: "messages", newState: "messages-now" },
        {
          _tag: "ResyncRequired",
          type: "folders",
          newState: "folders-now",
          states: { messages: "messages-now", folders: "folders-now" }
        }
      ])
    })
  })

  it.effect("fails for an invalid parameter other than the state", () =>
    Effect.gen(function* () {
      const { sync } = yield* syncOver(() => failure(400, "invalid_parameter"))
      const error = yield* Effect.flip(
        Stream.runDrain(sync.changes({ types: ["messages"], since: { messages: "m1" } }))
      )
      expect(error).toMatchObject({ _tag: "APIError", code: "invalid_parameter" })
    })
  )

  it.effect(
    "fails with PaginationError when the server reports more changes but returns the same state",
    () =>
      Effect.gen(function* () {
        const { sync } = yield* syncOver(() => ok({ types: { messages: report("m1", { has_more: true }) } }))
        const error = yield* Effect.flip(
          Stream.runDrain(sync.changes({ types: ["messages"], since: { messages: "m1" } }))
        )
        expect(error).toMatchObject({ _tag: "PaginationError", reason: "RepeatedCursor" })
      })
  )
})
