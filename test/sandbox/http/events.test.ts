/** The events of a mailbox and how they resume, as a client without the SDK sees them. */
import { expect, it } from "vitest"
import { keys, onSandbox, type Plain } from "./plain.js"

interface Frame {
  readonly id: string
  readonly event: string
  readonly data: { readonly event_type: string; readonly message: { readonly subject: string } | null }
}

const framesOf = (body: string): ReadonlyArray<Frame> =>
  body
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => {
      const fields = new Map(
        frame.split("\n").map((line): [string, string] => {
          const colon = line.indexOf(": ")
          return [line.slice(0, colon), line.slice(colon + 2)]
        })
      )
      return {
        id: fields.get("id") ?? "",
        event: fields.get("event") ?? "",
        data: JSON.parse(fields.get("data") ?? "")
      }
    })

const deliver = (api: Plain, subject: string, spam = false) =>
  api.control("POST /inbound", { body: { to: "agent@sandbox.test", subject, text: "Hi", spam } })

const subjects = (frames: ReadonlyArray<Frame>) => frames.map(({ data }) => data.message?.subject)

const read = async (api: Plain, query: string, count: number, headers?: Readonly<Record<string, string>>) =>
  framesOf((await api.events(`/mailbox/events${query}`, count, headers)).body)

it(
  "a connection with the id of an event receives the events after it",
  onSandbox(async (api) => {
    for (const subject of ["One", "Two", "Three"]) await deliver(api, subject)
    const all = await read(api, "?last_event_id=0", 3)
    expect(subjects(all)).toEqual(["One", "Two", "Three"])
    expect(all.map(({ event, data }) => [event, data.event_type])).toEqual(
      Array.from({ length: 3 }, () => ["message.received", "message.received"])
    )
    const [first, second] = all
    expect(subjects(await read(api, "", 2, { "last-event-id": first?.id ?? "" }))).toEqual(["Two", "Three"])
    expect(subjects(await read(api, `?last_event_id=${second?.id}`, 1))).toEqual(["Three"])
  })
)

it(
  "a connection that resumes continues with new events, without a gap or a repetition",
  onSandbox(async (api) => {
    await deliver(api, "One")
    const [one] = await read(api, "?last_event_id=0", 1)
    await deliver(api, "Two")
    const resumed = read(api, "", 3, { "last-event-id": one?.id ?? "" })
    await deliver(api, "Three")
    await deliver(api, "Four")
    expect(subjects(await resumed)).toEqual(["Two", "Three", "Four"])
  })
)

it(
  "a connection with an unknown id, or one whose events were forgotten, receives sync_required",
  onSandbox(async (api) => {
    await deliver(api, "One")
    const [one] = await read(api, "?last_event_id=0", 1)
    for (const id of ["999", "nonsense", "-1"]) {
      expect(await read(api, "", 1, { "last-event-id": id }), id).toMatchObject([
        { event: "sync_required", data: { event_type: "sync_required", message: null } }
      ])
    }
    await api.control("POST /forget-changes", { body: { mailbox: "agent@sandbox.test" } })
    const [forgotten] = await read(api, "", 1, { "last-event-id": one?.id ?? "" })
    expect(forgotten?.event).toBe("sync_required")
    const resumed = read(api, "", 1, { "last-event-id": forgotten?.id ?? "" })
    await deliver(api, "Two")
    expect(subjects(await resumed)).toEqual(["Two"])
  })
)

it(
  "a connection receives only the types of events that it asks for",
  onSandbox(async (api) => {
    await deliver(api, "One")
    await deliver(api, "Buy", true)
    await deliver(api, "Two")
    const spam = await read(api, "?last_event_id=0&event_types=message.received.spam", 1)
    expect(spam.map(({ event }) => event)).toEqual(["message.received.spam"])
    const both = "?last_event_id=0&event_types=message.received,message.received.spam"
    expect(subjects(await read(api, both, 3))).toEqual(["One", "Buy", "Two"])
  })
)

it(
  "invalid options of a connection are reported in the envelope",
  onSandbox(async (api) => {
    for (const [query, param] of [
      ["ping=9", "ping"],
      ["ping=301", "ping"],
      ["close_after=29", "close_after"],
      ["close_after=x", "close_after"],
      ["event_types=nonsense", "event_types"]
    ] as const) {
      const { json, status } = await api.mailbox(`GET /mailbox/events?${query}`)
      expect(status, query).toBe(400)
      expect(json.error).toMatchObject({ code: "invalid_parameter", param })
    }
  })
)

it(
  "a connection above the maximum of a mailbox receives 429 with Retry-After",
  onSandbox(async (api) => {
    const aborter = new AbortController()
    const open = () =>
      fetch(`${api.url}/app/api/v1/mailbox/events`, {
        headers: { authorization: `Bearer ${keys.mailbox}` },
        signal: aborter.signal
      })
    const opened = await Promise.all(Array.from({ length: 50 }, open))
    expect(opened.every(({ status }) => status === 200)).toBe(true)
    // The connections count once their streams are read, which is the case when their first bytes have arrived.
    await Promise.all(opened.map((response) => response.body?.getReader().read()))
    const rejected = await open()
    expect(rejected.status).toBe(429)
    expect(Number(rejected.headers.get("retry-after"))).toBeGreaterThan(0)
    expect(await rejected.json()).toMatchObject({ ok: false, error: { code: "rate_limit_exceeded" } })
    aborter.abort()
  })
)
