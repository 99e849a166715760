import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { emailSeries, type ListPosition, type ManagementService, sentShare } from "../../src/Management.js"
import { failure, ok, type Seen } from "../support/http.js"
import { line, managementServer, notModified, pageOf, tagged } from "../support/management.js"
import { errorOf, recordWaits } from "../support/time.js"

const log = (id: string, over: object = {}) => ({
  id,
  provider_id: "dprov_1",
  provider_name: "SES",
  message_id: `<${id}@example.com>`,
  from_email: "hello@example.com",
  sent_from_email: null,
  to_email: "ada@example.com",
  subject: "Welcome",
  status: "sent",
  status_reason: null,
  attempts: 1,
  sent_at: "2026-08-01T10:00:01.000Z",
  size_bytes: 2048,
  created_at: "2026-08-01T10:00:00.000Z",
  recipient_count: 1,
  accepted_recipient_count: 1,
  rejected_recipient_count: 0,
  ...over
})

const smallLog = {
  id: "dlog_small",
  status: "deferred",
  attempts: 0,
  created_at: "2026-08-01T10:00:00Z",
  sent_at: "soon"
}

const inboxLog = (id: string, over: object = {}) => ({
  id,
  mailbox_id: "mbx_1",
  mailbox_email: "in@example.com",
  event_type: "message.received",
  message_id: "m@example.org",
  message_id_kind: "rfc5322",
  from_email: "bob@example.org",
  to_emails: ["in@example.com"],
  subject: null,
  size_bytes: null,
  received_at: "2026-08-01T10:00:00.000Z",
  is_spam: false,
  billing_bucket_start: "2026-08-01T10:00:00.000Z",
  unit_amount: "0.000100",
  amount: "0.000100",
  ...over
})

const collect = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

/** A paginated log of ids. Each cursor is the index of the next entry. */
const logServer = (ids: Array<string>, size: number, entry: (id: string) => object = log) =>
  managementServer(({ url }) => {
    const start = Number(url.searchParams.get("cursor") ?? "0")
    const more = start + size < ids.length
    return pageOf(ids.slice(start, start + size).map(entry), more ? String(start + size) : undefined)
  })

describe("management.emails.listLogs", () => {
  it.effect("requests every page with the same period and filter", () =>
    Effect.gen(function* () {
      const { management, seen } = logServer(["dlog_1", "dlog_2", "dlog_3"], 2)
      const { emails } = yield* management
      const logs = yield* collect(
        emails.listLogs({
          status: "sent",
          from_date: "2026-08-01",
          to_date: DateTime.unsafeMake("2026-08-02T12:00:00Z"),
          provider_id: "dprov_1",
          search: "ada & co"
        })
      )
      expect(logs.map(({ id }) => id)).toEqual(["dlog_1", "dlog_2", "dlog_3"])
      const filters =
        "from_date=2026-08-01&to_date=2026-08-02T12:00:00.000Z&status=sent&provider_id=dprov_1&search=ada & co"
      expect(seen.map(line)).toEqual([`GET /emails/logs?${filters}`, `GET /emails/logs?cursor=2&${filters}`])
    })
  )

  it.effect("decodes entries with missing keys and unknown values", () =>
    Effect.gen(function* () {
      const { management } = managementServer(() =>
        pageOf([smallLog, log("dlog_2", { delivery_group: ["dgrp_1"], novelty: {} })])
      )
      const [small, large] = yield* collect((yield* management).emails.listLogs())
      expect(small).toMatchObject({ status: "deferred", sent_at: null, subject: null, delivery_group: null })
      expect(large?.delivery_group).toEqual(["dgrp_1"])
      expect(large?.sent_at).toEqual(DateTime.unsafeMake("2026-08-01T10:00:01.000Z"))
    })
  )

  it.effect("rejects an invalid date, limit or cursor before anything is sent", () =>
    Effect.gen(function* () {
      const { management, seen } = logServer([], 2)
      const { emails } = yield* management
      for (const bad of [{ from_date: "yesterday" }, { limit: 101 }, { limit: 0 }, { cursor: "" }]) {
        expect((yield* Effect.flip(emails.listLogs.page(bad)))._tag).toBe("InvalidRequestError")
      }
      expect(seen).toHaveLength(0)
    })
  )

  it.effect("reads five of a thousand entries with one request", () =>
    Effect.gen(function* () {
      const { management, seen } = logServer(
        Array.from({ length: 1000 }, (_, n) => `dlog_${n}`),
        25
      )
      expect(yield* collect(Stream.take((yield* management).emails.listLogs(), 5))).toHaveLength(5)
      expect(seen).toHaveLength(1)
    })
  )
})

describe("readLogs of management.emails and management.inboxes", () => {
  const seven = ["a", "b", "c", "d", "e", "f", "g"]

  /** Reads the given number of entries, and then the rest from the last position, which is stored as JSON. */
  const interrupted = (management: ManagementService, count: number) =>
    Effect.gen(function* () {
      const first = yield* collect(Stream.take(management.emails.readLogs({ search: "x" }), count))
      const last = first[first.length - 1]?.position
      const position: ListPosition | undefined = last === undefined ? last : JSON.parse(JSON.stringify(last))
      const rest = yield* collect(management.emails.readLogs({ search: "x" }, { position }))
      return [...first, ...rest].map(({ item }) => item.id)
    })

  it.effect("continues after the item of any position", () =>
    Effect.gen(function* () {
      for (let count = 0; count <= seven.length; count++) {
        const { management, seen } = logServer(seven, 3)
        expect(yield* interrupted(yield* management, count)).toEqual(seven)
        expect(seen.every(({ url }) => url.searchParams.get("search") === "x")).toBe(true)
      }
    })
  )

  it.effect("skips no entry when entries have moved to other pages", () =>
    Effect.gen(function* () {
      const ids = [...seven]
      const { management } = logServer(ids, 3)
      const { emails } = yield* management
      const first = yield* collect(Stream.take(emails.readLogs(), 2))
      ids.unshift("new1", "new2", "new3")
      const position = first[1]?.position
      const rest = yield* collect(emails.readLogs({}, { position }))
      expect(new Set([...first, ...rest].map(({ item }) => item.id))).toEqual(new Set(ids))
    })
  )

  it.effect("continues in the log of incoming messages", () =>
    Effect.gen(function* () {
      const { management, seen } = logServer(["i1", "i2", "i3"], 2, inboxLog)
      const { inboxes } = yield* management
      const first = yield* collect(Stream.take(inboxes.readLogs({ mailbox_id: "mbx_1" }), 2))
      const position = first[1]?.position
      const rest = yield* collect(inboxes.readLogs({ mailbox_id: "mbx_1" }, { position }))
      expect(rest.map(({ item }) => item.id)).toEqual(["i3"])
      expect(seen.map(line)).toEqual([
        "GET /inboxes/logs?mailbox_id=mbx_1",
        "GET /inboxes/logs?mailbox_id=mbx_1",
        "GET /inboxes/logs?cursor=2&mailbox_id=mbx_1"
      ])
    })
  )
})

describe("management.inboxes", () => {
  it.effect("lists entries with every filter and reads one entry", () =>
    Effect.gen(function* () {
      const { management, seen } = managementServer(({ url }) =>
        url.pathname.endsWith("/logs")
          ? pageOf([inboxLog("ilog_1", { event_type: "message.quarantined" })])
          : ok(inboxLog("ilog_2"))
      )
      const { inboxes } = yield* management
      const [one] = yield* collect(
        inboxes.listLogs({ event_type: "message.received.spam", search: "bob", from_date: new Date(0) })
      )
      expect(one?.event_type).toBe("message.quarantined")
      expect((yield* inboxes.getLog("ilog_2")).received_at).toEqual(
        DateTime.unsafeMake("2026-08-01T10:00:00.000Z")
      )
      expect(seen.map(line)).toEqual([
        "GET /inboxes/logs?from_date=1970-01-01T00:00:00.000Z&event_type=message.received.spam&search=bob",
        "GET /inboxes/logs/ilog_2"
      ])
    })
  )
})

describe("management.emails.getLog", () => {
  it.effect("returns the recipients, and Option.none for the current ETag", () =>
    Effect.gen(function* () {
      const recipients = [
        { email: "ada@example.com", type: null, status: "accepted", reason: null },
        { email: "bob@example.com", type: "resent", status: "bounced" }
      ]
      const { management } = managementServer(({ headers }) =>
        headers["if-none-match"] === undefined
          ? tagged(log("dlog_1", { recipients }), 'W/"1"')
          : notModified()
      )
      const { emails } = yield* management
      const detail = yield* emails.getLog("dlog_1")
      expect(detail.recipients?.[1]).toEqual({
        email: "bob@example.com",
        type: "resent",
        status: "bounced",
        reason: null
      })
      expect((yield* emails.getLog.ifNoneMatch('W/"1"', "dlog_1"))._tag).toBe("None")
    })
  )
})

describe("management.emails.getMetrics", () => {
  const counts = { total: 10, sent: 6, failed: 1, rejected: 1, pending: 2 }
  const metrics = {
    summary: counts,
    comparison: { ...counts, change_pct: { total: 8.01, sent: -7.9, failed: 0, rejected: 0, pending: 0 } },
    timeseries: [
      { timestamp: "2026-08-02T00:00:00Z", ...counts },
      { timestamp: "2026-08-01T00:00:00Z", total: 1, sent: 0, failed: 0, rejected: 0, pending: 1 }
    ]
  }

  it.effect("returns counts that emailSeries and sentShare evaluate", () =>
    Effect.gen(function* () {
      const { management, seen } = managementServer(() => ok(metrics))
      const { emails } = yield* management
      const read = yield* emails.getMetrics({ window: "7d", granularity: "daily", provider_id: "dprov_1" })
      expect(read.comparison.change_pct.sent).toBe(-7.9)
      const [first, second] = [
        DateTime.unsafeMake("2026-08-01T00:00:00Z"),
        DateTime.unsafeMake("2026-08-02T00:00:00Z")
      ]
      expect(emailSeries(read, "sent")).toEqual([
        { at: first, value: 0 },
        { at: second, value: 6 }
      ])
      expect(emailSeries(read, "sent_share")).toEqual([
        { at: first, value: undefined },
        { at: second, value: 0.75 }
      ])
      expect(sentShare(read.summary)).toBe(0.75)
      expect(seen.map(line)).toEqual(["GET /emails/metrics?window=7d&granularity=daily&provider_id=dprov_1"])
    })
  )

  it.effect("rejects an unknown window before anything is sent", () =>
    Effect.gen(function* () {
      const { management, seen } = managementServer(() => ok(metrics))
      const window = "1y" as "7d"
      expect((yield* Effect.flip((yield* management).emails.getMetrics({ window })))._tag).toBe(
        "InvalidRequestError"
      )
      expect(seen).toHaveLength(0)
    })
  )
})

/** A server that records the time of each request. */
const timed = (react: (request: Seen, index: number) => Response) =>
  Effect.suspend(() => {
    const times: Array<number> = []
    const { management, seen } = managementServer((request, index) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        times.push(now)
        return react(request, index)
      })
    )
    return Effect.map(management, ({ emails }) => ({ emails, seen, times }))
  })

const ended = <A, E>(wait: Effect.Effect<A, E>) => Effect.map(recordWaits(wait), ({ exit }) => exit)

describe("management.emails.waitForDelivery", () => {
  it.effect(
    "finds the message by its id, and then reads its entry conditionally until its status is final",
    () =>
      Effect.gen(function* () {
        const { emails, seen, times } = yield* timed((request, index) => {
          if (request.url.pathname.endsWith("/logs")) {
            return pageOf(
              index === 0 ? [] : [log("other"), log("dlog_7", { message_id: "<eml_7@sendmux.ai>" })]
            )
          }
          if (index === 2) return tagged(log("dlog_7", { status: "pending" }), 'W/"1"')
          return index < 5 ? notModified() : tagged(log("dlog_7", { status: "rejected" }), 'W/"2"')
        })
        const exit = yield* ended(emails.waitForDelivery({ message_id: "eml_7", from_date: "2026-08-01" }))
        expect(Exit.isSuccess(exit) && exit.value.status).toBe("rejected")
        const list = "GET /emails/logs?limit=100&from_date=2026-08-01&search=eml_7"
        expect(seen.map(line)).toEqual([list, list, ...Array(4).fill("GET /emails/logs/dlog_7")])
        expect(seen.map(({ headers }) => headers["if-none-match"])).toEqual([
          undefined,
          undefined,
          undefined,
          'W/"1"',
          'W/"1"',
          'W/"1"'
        ])
        expect(times).toEqual([0, 1000, 1000, 2500, 4750, 8125])
      })
  )

  it.effect("reads the entry with a log id once when its status is final", () =>
    Effect.gen(function* () {
      const { emails, seen } = yield* timed(() => ok(log("dlog_1")))
      expect((yield* emails.waitForDelivery({ log_id: "dlog_1" })).status).toBe("sent")
      expect(seen.map(line)).toEqual(["GET /emails/logs/dlog_1"])
    })
  )

  it.effect("finds the message with a predicate on a later page", () =>
    Effect.gen(function* () {
      const { management, seen } = managementServer(({ url }) => {
        if (!url.pathname.endsWith("/logs")) return ok(log("dlog_9"))
        return url.searchParams.get("cursor") === null
          ? pageOf([log("dlog_1")], "c")
          : pageOf([log("dlog_9", { subject: "Order 9" })], "d")
      })
      const { emails } = yield* management
      yield* emails.waitForDelivery({ search: "Order", matches: ({ subject }) => subject === "Order 9" })
      expect(seen.map(line)).toEqual([
        "GET /emails/logs?limit=100&search=Order",
        "GET /emails/logs?cursor=c&limit=100&search=Order",
        "GET /emails/logs/dlog_9"
      ])
    })
  )

  it.effect("rejects a filter that matches every message", () =>
    Effect.gen(function* () {
      const { emails, seen } = yield* timed(() => pageOf([]))
      const error = yield* Effect.flip(emails.waitForDelivery({ from_date: "2026-08-01" }))
      expect(error._tag).toBe("InvalidRequestError")
      expect(seen).toHaveLength(0)
    })
  )

  it.effect("fails after the timeout when the log does not contain the message", () =>
    Effect.gen(function* () {
      const { emails, times } = yield* timed(() => pageOf([log("other")]))
      const error = errorOf(
        yield* ended(
          emails.waitForDelivery(
            { message_id: "<eml_7@sendmux.ai>" },
            { schedule: Schedule.spaced("10 seconds"), timeout: "25 seconds" }
          )
        )
      )
      expect(error).toMatchObject({ _tag: "DeliveryTimeoutError", attempts: 3 })
      expect(error.message).toBe("The log contained no such message after 3 attempts")
      expect(times).toEqual([0, 10_000, 20_000])
    })
  )

  it.effect("fails with the entry and its status when the message stays pending", () =>
    Effect.gen(function* () {
      const { emails } = yield* timed(() => ok(log("dlog_1", { status: "pending" })))
      const error = errorOf(yield* ended(emails.waitForDelivery({ log_id: "dlog_1" })))
      expect(error).toMatchObject({ _tag: "DeliveryTimeoutError", log_id: "dlog_1", status: "pending" })
      expect(error.message).toMatch(/^The message dlog_1 was still pending after \d+ attempts$/)
    })
  )

  it.effect("fails when the list repeats a cursor, and retries transient failures", () =>
    Effect.gen(function* () {
      const endless = yield* timed(() => pageOf([log("other")], "same"))
      const broken = errorOf(yield* ended(endless.emails.waitForDelivery({ message_id: "m" })))
      expect(broken).toMatchObject({ _tag: "PaginationError", reason: "RepeatedCursor" })

      const unstable = yield* timed((_, index) =>
        index < 3 ? failure(503, "service_unavailable") : ok(log("dlog_1"))
      )
      expect(Exit.isSuccess(yield* ended(unstable.emails.waitForDelivery({ log_id: "dlog_1" })))).toBe(true)
      expect(unstable.seen).toHaveLength(4)
    })
  )

  it.effect("sends no more requests after an interruption", () =>
    Effect.gen(function* () {
      const { emails, seen } = yield* timed(() => pageOf([]))
      const fiber = yield* Effect.fork(emails.waitForDelivery({ message_id: "eml_7" }))
      yield* TestClock.adjust("1 second")
      expect(seen).toHaveLength(2)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 hour")
      expect(seen).toHaveLength(2)
    })
  )
})
