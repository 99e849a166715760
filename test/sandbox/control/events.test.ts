/**
 * The changes of the sandbox as server-sent events, over a socket and with a plain client.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { serveSandbox } from "../../support/sandbox.js"

const key = { authorization: "Bearer smx_mbx_sandbox", "content-type": "application/json" }

const email = {
  from: { email: "hello@example.com" },
  to: { email: "agent@sandbox.test" },
  subject: "Hello",
  html_body: "<p>Hi</p>"
}

/** Opens the event stream, and returns a function that reads until the text contains `end`. */
const openEvents = (url: string) =>
  Effect.gen(function* () {
    const controller = new AbortController()
    yield* Effect.addFinalizer(() => Effect.sync(() => controller.abort()))
    const response = yield* Effect.promise(() =>
      fetch(`${url}/__sandbox/events`, { signal: controller.signal })
    )
    expect(response.headers.get("content-type")).toContain("text/event-stream")
    const reader = response.body?.getReader()
    const decoder = new TextDecoder()
    let text = ""
    return (end: string) =>
      Effect.promise(async () => {
        while (!text.includes(end)) {
          const part = await reader?.read()
          if (part === undefined || part.done) break
          text += decoder.decode(part.value, { stream: true })
        }
        return text
          .split("\n")
          .filter((line) => line.startsWith("data: "))
          .map((line) => JSON.parse(line.slice("data: ".length)))
      })
  })

it.live("the control publishes each change as an event, with the ids of what changed", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox()
    const read = yield* openEvents(url)
    yield* read(": listening")
    const sent = yield* Effect.promise(() =>
      fetch(`${url}/sending/api/v1/emails/send`, {
        method: "POST",
        headers: key,
        body: JSON.stringify(email)
      })
    )
    const requestId = sent.headers.get("x-request-id")
    const { data } = yield* Effect.promise(() => sent.json())
    const changes = yield* read('"kind":"response"')
    expect(changes).toEqual([
      { kind: "request", id: requestId },
      { kind: "email", id: data.message_id, mailbox: "mbx_sandbox" },
      { kind: "arrival", id: expect.stringMatching(/^msg_/), mailbox: "mbx_sandbox" },
      { kind: "response", id: requestId }
    ])
  }).pipe(Effect.scoped)
)

it.live("the control publishes a change of the team after a successful write of Management only", () =>
  Effect.gen(function* () {
    const url = yield* serveSandbox()
    const read = yield* openEvents(url)
    yield* read(": listening")
    const headers = { ...key, authorization: "Bearer smx_root_sandbox" }
    const create = (body: string) =>
      Effect.promise(() => fetch(`${url}/app/api/v1/domains`, { method: "POST", headers, body }))
    expect((yield* create("{}")).status).toBe(422)
    expect((yield* create('{"domain":"example.test"}')).status).toBe(201)
    yield* Effect.promise(() => fetch(`${url}/__sandbox/faults`, { method: "DELETE" }))
    const changes = yield* read('"kind":"fault"')
    expect(changes.map(({ kind }) => kind)).toEqual([
      "request",
      "response",
      "request",
      "team",
      "response",
      "fault"
    ])
  }).pipe(Effect.scoped)
)
