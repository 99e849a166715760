import { describe, expect, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import { readEvent } from "../../src/mailbox/events/schemas.js"

const read = (event: string, data = "{}", id = "1") => readEvent({ id, event, data })

describe("readEvent", () => {
  it("drops heartbeats and frames without data", () => {
    for (const name of ["ping", "heartbeat", "keepalive", "keep-alive"]) {
      expect(read(name)).toBeUndefined()
      expect(read("message", JSON.stringify({ event_type: name }))).toBeUndefined()
    }
    expect(read("folder.renamed", "")).toBeUndefined()
    expect(read("message.received", "")).toBeUndefined()
  })

  it("takes the type from the data, or else from the name of the frame", () => {
    const typeOf = (data: string) => {
      const event = read("a.named", data)
      return event?._tag === "UnknownEvent" ? event.type : event?._tag
    }
    expect(typeOf(JSON.stringify({ event_type: "b.typed" }))).toBe("b.typed")
    for (const data of ["{}", '{"event_type":7}', "[]", "null", "text"]) expect(typeOf(data)).toBe("a.named")
  })

  it("keeps an event that it does not know or cannot read, with its text redacted", () => {
    const unknown = read("folder.renamed", '{"url":"https://secret"}')
    if (unknown?._tag !== "UnknownEvent") return expect.unreachable()
    expect(Redacted.value(unknown.data)).toBe('{"url":"https://secret"}')
    expect([unknown.id, unknown.issue]).toEqual(["1", undefined])
    const unfit = read("message.received", '{"message_id":7}')
    expect(unfit).toMatchObject({ _tag: "UnknownEvent", type: "message.received" })
    expect(unfit?._tag === "UnknownEvent" && unfit.issue).toMatch(/^message_id must be a string/)
    const text = read("message.received.spam", "text")
    expect(text?._tag === "UnknownEvent" && text.issue).toMatch(/must be an object/)
  })

  it("reads sync_required with or without data", () => {
    const bare = read("sync_required", "")
    expect(bare).toEqual({ _tag: "SyncRequired", id: "1", reason: "server", data: undefined })
    const data = JSON.stringify({ event_type: "sync_required", mailbox_id: "mbx_1" })
    expect(read("message", data, "2")).toMatchObject({
      _tag: "SyncRequired",
      data: { event_type: "sync_required", mailbox_id: "mbx_1" }
    })
  })
})
