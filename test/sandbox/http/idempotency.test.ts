/** Idempotency keys, as a client without the SDK sees them. */
import { expect, it } from "vitest"
import { keys, onSandbox, type Plain } from "./plain.js"

const email = (subject: string) => ({
  from: { email: "hello@example.com" },
  to: { email: "ada@example.com" },
  subject,
  html_body: "<p>Hi</p>"
})

const keyed = (key: string) => ({ "idempotency-key": key })

const outbox = async (api: Plain): Promise<ReadonlyArray<string>> =>
  (await api.control("GET /outbox")).json.emails.map(({ subject }: { readonly subject: string }) => subject)

it(
  "a repeated request with the same key receives the first response, and runs once",
  onSandbox(async (api) => {
    const send = () => api.sending("POST /emails/send", { headers: keyed("a"), body: email("One") })
    const first = await send()
    const second = await send()
    expect(second.status).toBe(200)
    expect(second.body).toBe(first.body)
    expect(second.headers["x-request-id"]).toBe(first.headers["x-request-id"])
    expect(await outbox(api)).toEqual(["One"])
  })
)

it(
  "a key that was used for another body is a conflict that must not be retried",
  onSandbox(async (api) => {
    await api.sending("POST /emails/send", { headers: keyed("a"), body: email("One") })
    const other = await api.sending("POST /emails/send", { headers: keyed("a"), body: email("Two") })
    expect(other.status).toBe(409)
    expect(other.json).toMatchObject({ ok: false, error: { code: "idempotency_conflict", retryable: false } })
    expect(await outbox(api)).toEqual(["One"])
  })
)

it(
  "a key belongs to its endpoint and to its credential",
  onSandbox(async (api) => {
    const headers = keyed("a")
    expect((await api.sending("POST /emails/send", { headers, body: email("One") })).status).toBe(200)
    const batch = { messages: [email("Two")] }
    expect((await api.sending("POST /emails/send/batch", { headers, body: batch })).status).toBe(200)
    const agent = await api.sending("POST /emails/send", { headers, key: keys.agent, body: email("Three") })
    expect(agent.status).toBe(200)
    expect(await outbox(api)).toEqual(["One", "Two", "Three"])
  })
)

it(
  "a failed request releases its key",
  onSandbox(async (api) => {
    const headers = keyed("a")
    const invalid = { ...email("One"), to: { email: "nobody" } }
    expect((await api.sending("POST /emails/send", { headers, body: invalid })).status).toBe(422)
    expect((await api.sending("POST /emails/send", { headers, body: email("Two") })).status).toBe(200)
    expect(await outbox(api)).toEqual(["Two"])
  })
)

it(
  "the response of a repeated request contains the secret that is shown once",
  onSandbox(async (api) => {
    const create = () =>
      api.management("POST /webhooks", {
        headers: keyed("a"),
        body: { url: "https://hooks.example.com/in", event_types: ["message.delivered"] }
      })
    const first = await create()
    expect(first.status).toBe(201)
    expect(first.json.data.secret).toMatch(/^whsec_/)
    expect((await create()).json.data.secret).toBe(first.json.data.secret)
    expect((await api.management("GET /webhooks")).json.data).toHaveLength(1)
  })
)

it(
  "a key has 1 to 255 characters",
  onSandbox(async (api) => {
    const send = (key: string) =>
      api.sending("POST /emails/send", { headers: keyed(key), body: email("One") })
    for (const key of ["", "x".repeat(256)]) {
      const refused = await send(key)
      expect(refused.status).toBe(400)
      expect(refused.json.error).toMatchObject({ code: "invalid_parameter", param: "Idempotency-Key" })
    }
    expect((await send("x".repeat(255))).status).toBe(200)
  })
)

it(
  "a repeated request whose first one still runs is a conflict",
  onSandbox(async (api) => {
    await api.control("POST /faults", { body: { times: 1, kind: { _tag: "Slow", millis: 3_600_000 } } })
    const aborter = new AbortController()
    const headers = {
      authorization: `Bearer ${keys.mailbox}`,
      "content-type": "application/json",
      ...keyed("a")
    }
    const body = JSON.stringify(email("One"))
    const first = fetch(`${api.url}/sending/api/v1/emails/send`, {
      method: "POST",
      headers,
      body,
      signal: aborter.signal
    }).catch(() => "aborted")
    // The first request runs at once, and only its response is late.
    while ((await outbox(api)).length === 0);
    const second = await api.sending("POST /emails/send", { headers: keyed("a"), body: email("One") })
    expect(second.status).toBe(409)
    expect(second.json.error.code).toBe("idempotency_conflict")
    aborter.abort()
    expect(await first).toBe("aborted")
  })
)

it(
  "a repeated request after a lost response receives the response that was lost",
  onSandbox(async (api) => {
    await api.control("POST /faults", { body: { times: 1, kind: { _tag: "ResponseLost" } } })
    const send = () => api.sending("POST /emails/send", { headers: keyed("a"), body: email("One") })
    await expect(send()).rejects.toThrow("fetch failed")
    const again = await send()
    expect(again.status).toBe(200)
    expect(await outbox(api)).toEqual(["One"])
    expect((await api.control("GET /outbox")).json.emails[0].id).toBe(again.json.data.message_id)
  })
)

const advance = (api: Plain, millis: number) => api.control("POST /clock", { body: { advance_ms: millis } })

const hour = 3_600_000

it(
  "a key is known for 24 hours, after which the same request runs again and the key is known for 24 hours more",
  onSandbox(async (api) => {
    const send = (subject: string) =>
      api.sending("POST /emails/send", { headers: keyed("a"), body: email(subject) })
    const first = await send("One")
    await advance(api, 23 * hour)
    expect((await send("One")).body).toBe(first.body)
    expect((await send("Two")).status).toBe(409)
    // A repeated request does not make the key live longer.
    await advance(api, 2 * hour)
    const second = await send("One")
    expect(second.status).toBe(200)
    expect(second.json.data.message_id).not.toBe(first.json.data.message_id)
    expect(await outbox(api)).toEqual(["One", "One"])
    await advance(api, 23 * hour)
    expect((await send("One")).body).toBe(second.body)
    expect(await outbox(api)).toEqual(["One", "One"])
  })
)

it(
  "a key that has expired may be used for another request",
  onSandbox(async (api) => {
    const send = (subject: string) =>
      api.sending("POST /emails/send", { headers: keyed("a"), body: email(subject) })
    await send("One")
    await advance(api, 25 * hour)
    expect((await send("Two")).status).toBe(200)
    expect(await outbox(api)).toEqual(["One", "Two"])
  })
)
