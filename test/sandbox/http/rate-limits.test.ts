/** Rate limits, as a client without the SDK sees them. */
import { expect, it } from "vitest"
import { keys, onSandbox, type Plain } from "./plain.js"

const limitTo = (api: Plain, sending: number) =>
  api.control("PATCH /rate-limit", { body: { limits: { sending }, window_ms: 3_600_000 } })

const rateOf = ({ headers }: { readonly headers: Readonly<Record<string, string>> }) => [
  headers["x-ratelimit-limit"],
  headers["x-ratelimit-remaining"]
]

it(
  "each response reports the limit, the remaining requests and the end of the window",
  onSandbox(async (api) => {
    await limitTo(api, 3)
    const first = await api.sending("GET /me")
    expect(rateOf(first)).toEqual(["3", "2"])
    const reset = Number(first.headers["x-ratelimit-reset"])
    expect(reset).toBeGreaterThan(Date.now() / 1000)
    const second = await api.sending("GET /me")
    expect(rateOf(second)).toEqual(["3", "1"])
    expect(Number(second.headers["x-ratelimit-reset"])).toBe(reset)
    const missing = await api.sending("GET /emails/attachments/att_aaaaaaaaaaaaaaaaaaaaaaaa")
    expect(missing.status).toBe(404)
    expect(rateOf(missing)).toEqual(["3", "0"])
  })
)

it(
  "a request above the limit receives 429 with Retry-After, and does not run",
  onSandbox(async (api) => {
    await limitTo(api, 1)
    const send = () =>
      api.sending("POST /emails/send", {
        headers: { "idempotency-key": "a" },
        body: {
          from: { email: "hello@example.com" },
          to: { email: "ada@example.com" },
          subject: "Hi",
          html_body: "<p>Hi</p>"
        }
      })
    expect((await api.sending("GET /me")).status).toBe(200)
    const limited = await send()
    expect(limited.status).toBe(429)
    expect(limited.json).toMatchObject({ ok: false, error: { code: "rate_limit_exceeded", retryable: true } })
    expect(rateOf(limited)).toEqual(["1", "0"])
    const retryAfter = Number(limited.headers["retry-after"])
    expect(Number.isInteger(retryAfter) && retryAfter >= 1 && retryAfter <= 3600).toBe(true)
    expect((await api.control("GET /outbox")).json.emails).toEqual([])
    // The rejected request has not claimed its idempotency key.
    await limitTo(api, 10)
    expect((await send()).status).toBe(200)
  })
)

it(
  "each key has its own limit, and a batch is one request",
  onSandbox(async (api) => {
    await limitTo(api, 2)
    const message = {
      from: { email: "hello@example.com" },
      to: { email: "ada@example.com" },
      subject: "Hi",
      html_body: "<p>Hi</p>"
    }
    const batch = await api.sending("POST /emails/send/batch", {
      body: { messages: Array.from({ length: 20 }, () => message) }
    })
    expect(rateOf(batch)).toEqual(["2", "1"])
    await api.sending("GET /me")
    expect((await api.sending("GET /me")).status).toBe(429)
    expect((await api.sending("GET /me", { key: keys.agent })).status).toBe(200)
    expect((await api.mailbox("GET /mailbox/me")).status).toBe(200)
  })
)

it(
  "a request without a valid key is not counted, and has no headers of a limit",
  onSandbox(async (api) => {
    await limitTo(api, 2)
    for (const key of [null, "smx_mbx_unknown"]) {
      const refused = await api.sending("GET /me", { key })
      expect(refused.status).toBe(401)
      expect(rateOf(refused)).toEqual([undefined, undefined])
    }
    expect(rateOf(await api.sending("GET /openapi.json", { key: null }))).toEqual([undefined, undefined])
    expect(rateOf(await api.sending("GET /me"))).toEqual(["2", "1"])
  })
)

it(
  "requests are accepted again when the window has ended, and the next window has the whole limit",
  onSandbox(async (api) => {
    await limitTo(api, 2)
    const clock = async (): Promise<number> => (await api.control("GET /clock")).json.now_ms
    const started = await clock()
    const reset = Number((await api.sending("GET /me")).headers["x-ratelimit-reset"])
    expect(reset * 1000).toBeGreaterThanOrEqual(started + 3_600_000)
    await api.sending("GET /me")
    const limited = await api.sending("GET /me")
    expect(limited.status).toBe(429)

    // The window does not begin again with each refused request.
    await api.control("POST /clock", { body: { advance_ms: 1_800_000 } })
    const later = await api.sending("GET /me")
    expect(later.status).toBe(429)
    expect(Number(later.headers["x-ratelimit-reset"])).toBe(reset)
    const retryAfter = Number(later.headers["retry-after"])
    expect(retryAfter).toBeLessThanOrEqual(1800)

    await api.control("POST /clock", { body: { advance_ms: retryAfter * 1000 } })
    const next = await api.sending("GET /me")
    expect(next.status).toBe(200)
    expect(rateOf(next)).toEqual(["2", "1"])
    expect(Number(next.headers["x-ratelimit-reset"])).toBeGreaterThanOrEqual(reset + 1800)
  })
)

it(
  "a client that waits as long as Retry-After says is not refused again",
  onSandbox(async (api) => {
    await api.control("PATCH /rate-limit", { body: { limits: { management: 1 }, window_ms: 3_600_000 } })
    for (let window = 0; window < 3; window++) {
      expect((await api.management("GET /domains")).status).toBe(200)
      const limited = await api.management("GET /domains")
      expect(limited.status).toBe(429)
      const seconds = Number(limited.headers["retry-after"])
      await api.control("POST /clock", { body: { advance_ms: seconds * 1000 } })
    }
    expect((await api.management("GET /domains")).status).toBe(200)
  })
)
