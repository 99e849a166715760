import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Match from "effect/Match"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Webhooks from "../../src/Webhooks.js"
import { schemaErrorTag } from "../support/dialect/exits.js"
import { at, bodyOf, named, payload, secret, signedV1, signedV2 } from "../support/webhooks.js"

const secrets = Redacted.make(secret)
const now = TestClock.setTime(at * 1000 + 123)

type Input = Omit<Webhooks.VerifyOptions, "secrets"> & {
  readonly secrets?: Webhooks.SecretSource
}

const reasonOf = (options: Input) =>
  Effect.map(Effect.flip(Webhooks.verify({ secrets, ...options })), ({ reason }) => reason)

const without = (headers: Record<string, string>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))

describe("verify, with signatures computed by node:crypto", () => {
  it.effect("accepts a version 1 signature of the body", () =>
    Effect.gen(function* () {
      const body = bodyOf()
      const event = yield* Webhooks.verify({ body, headers: { ...signedV1(body), ...named() }, secrets })
      expect(event.type).toBe("message.bounced")
      expect(event.id).toBe("evt_cl0001")
      expect(DateTime.formatIso(event.occurred_at)).toBe("2026-05-21T09:12:00.000Z")
    })
  )

  it.effect(
    "accepts a version 2 signature of the timestamp and body, for every type of body and headers",
    () =>
      Effect.gen(function* () {
        yield* now
        const text = bodyOf({}, { sender: "žluťoučký 🐎@example.com" })
        const bytes = new TextEncoder().encode(text)
        const padded = new Uint8Array(bytes.byteLength + 7)
        padded.set(bytes, 3)
        const headers = { ...signedV2(bytes), ...named() }
        const forms: ReadonlyArray<Webhooks.HeadersInput> = [
          headers,
          new Headers(headers),
          Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
          Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]))
        ]
        for (const form of forms) {
          for (const body of [text, bytes, Buffer.from(bytes), padded.subarray(3, 3 + bytes.byteLength)]) {
            const event = yield* Webhooks.verify({ body, headers: form, secrets })
            expect(event.id).toBe("evt_cl0001")
          }
        }
      })
  )

  it.effect("sign returns the same headers as node:crypto", () =>
    Effect.gen(function* () {
      yield* now
      const body = bodyOf()
      const headers = yield* Webhooks.sign({ body, secret: secrets, attempt: 3 })
      const lower = (record: Record<string, string>) =>
        Object.fromEntries(Object.entries(record).map(([name, value]) => [name.toLowerCase(), value]))
      expect(headers).toEqual({
        "content-type": "application/json",
        ...lower({ ...signedV1(body), ...signedV2(body), ...named(), "X-Sendmux-Delivery-Attempt": "3" })
      })
      const given = { body: "x", secret: secrets, timestamp: 7, id: "evt_1", type: "sendmux.test" }
      expect(yield* Webhooks.sign(given)).toMatchObject(
        lower({ ...signedV1("x"), ...signedV2("x", secret, 7), ...named("evt_1", "sendmux.test") })
      )
    })
  )
})

describe("verify, with several secrets", () => {
  it.effect(
    "accepts a signature by any of the secrets, and runs an Effect of secrets for each delivery",
    () =>
      Effect.gen(function* () {
        yield* now
        const body = bodyOf()
        const headers = { ...signedV2(body, "whsec_new"), ...named() }
        const ring = [Redacted.make("whsec_old"), Redacted.make("whsec_new")]
        expect((yield* Webhooks.verify({ body, headers, secrets: ring })).id).toBe("evt_cl0001")
        let asked = 0
        const rotating = Effect.sync(() => ring[asked++] ?? ring)
        expect(yield* reasonOf({ body, headers, secrets: rotating })).toBe("BadSignature")
        expect((yield* Webhooks.verify({ body, headers, secrets: rotating })).id).toBe("evt_cl0001")
        const gone = Effect.fail("vault is down" as const)
        expect(yield* Effect.flip(Webhooks.verify({ body, headers, secrets: gone }))).toBe("vault is down")
      })
  )

  it.effect("rejects every signature when there is no secret, an empty secret or a wrong secret", () =>
    Effect.gen(function* () {
      yield* now
      const body = bodyOf()
      const empty = { ...signedV2(body, ""), ...named() }
      expect(yield* reasonOf({ body, headers: empty, secrets: Redacted.make("") })).toBe("BadSignature")
      const headers = { ...signedV2(body), ...named() }
      expect(yield* reasonOf({ body, headers, secrets: [] })).toBe("BadSignature")
      expect(yield* reasonOf({ body, headers, secrets: Redacted.make("other") })).toBe("BadSignature")
    })
  )
})

describe("verify, with signatures of both versions", () => {
  const body = bodyOf()
  const both: Record<string, string> = { ...signedV1(body), ...signedV2(body), ...named() }

  it.effect("rejects an invalid or incomplete version 2 signature despite a valid version 1 signature", () =>
    Effect.gen(function* () {
      yield* now
      const cases: ReadonlyArray<readonly [Record<string, string>, Webhooks.VerificationFailure]> = [
        [{ ...both, "X-Sendmux-Signature-V2": `v1=${"0".repeat(64)}` }, "BadSignature"],
        [{ ...both, "X-Sendmux-Signature-V2": "" }, "BadSignature"],
        [{ ...both, "X-Sendmux-Signature-V2": both["X-Sendmux-Signature"] ?? "" }, "BadSignature"],
        [{ ...both, "X-Sendmux-Timestamp": "12345678901" }, "BadSignature"],
        [{ ...both, "X-Sendmux-Timestamp": `${at}.0` }, "BadSignature"],
        [{ ...both, "X-Sendmux-Timestamp": `+${at}` }, "BadSignature"],
        [{ ...both, "X-Sendmux-Timestamp": "" }, "BadSignature"],
        [{ ...both, ...signedV2(body, secret, "12345678901") }, "BadSignature"],
        [{ ...both, ...signedV2(body, secret, `${at}.5`) }, "BadSignature"],
        [without(both, "X-Sendmux-Signature-V2"), "MissingSignature"],
        [without(both, "X-Sendmux-Timestamp"), "MissingSignature"]
      ]
      for (const [headers, reason] of cases) expect(yield* reasonOf({ body, headers })).toBe(reason)
    })
  )

  it.effect("accepts a valid version 2 signature despite an invalid version 1 signature", () =>
    Effect.gen(function* () {
      yield* now
      const headers = { ...both, "X-Sendmux-Signature": "sha256=00" }
      expect((yield* Webhooks.verify({ body, headers, secrets })).id).toBe("evt_cl0001")
    })
  )

  it.effect("rejects a delivery with only a version 1 signature when requireV2 is set", () =>
    Effect.gen(function* () {
      const headers = { ...signedV1(body), ...named() }
      const error = yield* Effect.flip(Webhooks.verify({ body, headers, secrets, requireV2: true }))
      expect(String(error)).toBe("[MissingSignature] x-sendmux-signature-v2 is missing")
    })
  )

  it.effect("reports an absent signature as MissingSignature and a malformed one as BadSignature", () =>
    Effect.gen(function* () {
      expect(yield* reasonOf({ body, headers: {} })).toBe("MissingSignature")
      expect(yield* reasonOf({ body, headers: new Headers(named()) })).toBe("MissingSignature")
      const hex = (signedV1(body)["X-Sendmux-Signature"] ?? "").slice("sha256=".length)
      for (const value of [hex, `sha1=${hex}`, `sha256=${hex}0`, `sha256=${hex.toUpperCase()}`, "sha256="]) {
        expect(yield* reasonOf({ body, headers: { "X-Sendmux-Signature": value } })).toBe("BadSignature")
      }
    })
  )

  it.effect("rejects a delivery whose header occurs more than once", () =>
    Effect.gen(function* () {
      yield* now
      for (const name of Object.keys(both)) {
        const value = both[name] ?? ""
        const twice = { ...both, [name]: [value, value] }
        expect(yield* reasonOf({ body, headers: twice })).toBe("BadSignature")
        expect(yield* reasonOf({ body, headers: { ...both, [name.toLowerCase()]: value } })).toBe(
          "BadSignature"
        )
        if (name === "X-Sendmux-Delivery-Attempt" || name === "X-Sendmux-Signature") continue
        const joined = new Headers(both)
        joined.append(name, value)
        expect(["BadSignature", "EventIdMismatch"]).toContain(yield* reasonOf({ body, headers: joined }))
      }
    })
  )
})

describe("verify, with a timestamp", () => {
  const body = bodyOf()
  const headers = { ...signedV2(body), ...named() }

  it.effect("accepts a timestamp up to and including 300 seconds in the past or future", () =>
    Effect.gen(function* () {
      for (const away of [-300, -299, 0, 300]) {
        yield* TestClock.setTime((at + away) * 1000 + (away === 300 ? 999 : 0))
        expect((yield* Webhooks.verify({ body, headers, secrets })).id).toBe("evt_cl0001")
      }
      for (const away of [-301, 301, 86_400]) {
        yield* TestClock.setTime((at + away) * 1000)
        expect(yield* reasonOf({ body, headers })).toBe("StaleTimestamp")
      }
    })
  )

  it.effect("applies the tolerance of the options", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime((at + 3600) * 1000)
      expect(yield* reasonOf({ body, headers, tolerance: "59 minutes" })).toBe("StaleTimestamp")
      expect((yield* Webhooks.verify({ body, headers, secrets, tolerance: "1 hour" })).id).toBe("evt_cl0001")
    })
  )

  it.effect(
    "checks the timestamp only after the signature, so that a forger learns nothing about the clock",
    () =>
      Effect.gen(function* () {
        const forged = { ...signedV2(body, "whsec_forged"), ...named() }
        expect(yield* reasonOf({ body, headers: forged })).toBe("BadSignature")
      })
  )
})

describe("verify, with a body", () => {
  const refusal = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    reasonOf({ body, headers: { ...signedV2(body), ...named(), ...headers } })

  it.effect("rejects a body that is not strict UTF-8, not JSON or not an event", () =>
    Effect.gen(function* () {
      yield* now
      const bytes = Buffer.from(bodyOf())
      const latin1 = Buffer.from(bodyOf({}, { sender: "é" }), "latin1")
      const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])
      const bad: ReadonlyArray<string | Uint8Array> = [
        "",
        "{",
        "null",
        "[]",
        '"evt_cl0001"',
        latin1,
        marked,
        bytes.subarray(0, -1),
        bodyOf({ id: 7 }),
        bodyOf({ occurred_at: "yesterday" }),
        bodyOf({ data: null }),
        bodyOf({}, { recipients: "ada@example.com" })
      ]
      for (const body of bad) expect(yield* refusal(body)).toBe("MalformedBody")
      expect(yield* refusal(bodyOf({ id: "" }), { "X-Sendmux-Event-Id": "" })).toBe("MalformedBody")
    })
  )

  it.effect("rejects a body whose id or type differs from the headers", () =>
    Effect.gen(function* () {
      yield* now
      const body = bodyOf()
      expect(yield* refusal(body, named("evt_other"))).toBe("EventIdMismatch")
      expect(yield* refusal(body, named("evt_cl0001", "message.delivered"))).toBe("EventIdMismatch")
      expect(yield* reasonOf({ body, headers: signedV2(body) })).toBe("EventIdMismatch")
      const v1 = signedV1(body)
      expect(yield* reasonOf({ body, headers: { ...v1, ...named("evt_other") } })).toBe("EventIdMismatch")
      expect((yield* Webhooks.verify({ body, headers: v1, secrets })).id).toBe("evt_cl0001")
    })
  )

  it.effect("asks seen only about genuine events, and fails with Duplicate if it returns true", () =>
    Effect.gen(function* () {
      yield* now
      const body = bodyOf()
      const headers = { ...signedV2(body), ...named() }
      const asked: Array<string> = []
      const seen = (id: string) => Effect.sync(() => asked.push(id) > 1)
      expect((yield* Webhooks.verify({ body, headers, secrets, seen })).id).toBe("evt_cl0001")
      expect(yield* reasonOf({ body, headers, seen: seen })).toBe("Duplicate")
      yield* reasonOf({ body: `${body} `, headers, seen: seen })
      expect(asked).toEqual(["evt_cl0001", "evt_cl0001"])
    })
  )
})

describe("verify, with one flipped bit", () => {
  const flip = (text: string, bit: number): string => {
    const bytes = Buffer.from(text, "latin1")
    const index = Math.floor(bit / 8) % bytes.length
    bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit % 8))
    return bytes.toString("latin1")
  }

  const isRefused = (body: string | Uint8Array, headers: Record<string, string>) =>
    Effect.runPromise(
      Webhooks.verify({ body, headers, secrets, tolerance: Duration.infinity }).pipe(
        Effect.match({ onFailure: () => true, onSuccess: () => false })
      )
    )

  it("rejects a delivery with one flipped bit in the body or in any header", async () => {
    const events = FastCheck.record({
      id: FastCheck.stringMatching(/^evt_[a-z0-9]{4,25}$/),
      type: FastCheck.constantFrom("message.bounced", "message.received", "sendmux.test", "future.thing"),
      sender: FastCheck.string()
    })
    await FastCheck.assert(
      FastCheck.asyncProperty(events, FastCheck.nat(), FastCheck.boolean(), async (event, bit, newer) => {
        const { sender, ...overrides } = event
        const body = bodyOf(overrides, { sender })
        const headers = {
          ...(newer ? signedV2(body) : signedV1(body)),
          ...named(event.id, event.type)
        }
        expect(await isRefused(body, headers)).toBe(false)
        const bytes = Buffer.from(body)
        const index = Math.floor(bit / 8) % bytes.length
        bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit % 8))
        expect(await isRefused(bytes, headers)).toBe(true)
        for (const name of Object.keys(headers)) {
          if (name === "X-Sendmux-Delivery-Attempt") continue
          const value = headers[name as keyof typeof headers] ?? ""
          expect(await isRefused(body, { ...headers, [name]: flip(value, bit) })).toBe(true)
        }
      }),
      { numRuns: 150 }
    )
  })

  it("rejects each of the possible single-bit changes to each header", async () => {
    const body = bodyOf()
    for (const signed of [signedV1(body), signedV2(body)]) {
      const headers: Record<string, string> = { ...signed, ...named() }
      for (const [name, value] of Object.entries(headers)) {
        if (name === "X-Sendmux-Delivery-Attempt") continue
        for (let bit = 0; bit < value.length * 8; bit++) {
          expect(await isRefused(body, { ...headers, [name]: flip(value, bit) }), `${name} ${bit}`).toBe(true)
        }
      }
    }
  })
})

describe("webhook events", () => {
  const decode = (body: string) =>
    Effect.gen(function* () {
      yield* now
      const { id, type } = JSON.parse(body)
      return yield* Webhooks.verify({ body, headers: { ...signedV2(body), ...named(id, type) }, secrets })
    })

  const headline = Match.type<Webhooks.WebhookEvent>().pipe(
    Match.discriminatorsExhaustive("type")({
      "message.delivered": ({ data }) => `delivered to ${data.recipients.join(", ")}`,
      "message.bounced": ({ data }) => `bounced: ${data.bounce_type}`,
      "message.complained": ({ data }) => `complained: ${data.complaint_type}`,
      "message.rejected": ({ data }) => `rejected: ${data.reject_reason}`,
      "message.delivery_delayed": ({ data }) => `delayed: ${data.delay_type}`,
      "message.received": ({ data }) => `mail from ${data.sender}`,
      "message.received.spam": ({ data }) => `spam from ${data.sender}`,
      "sendmux.test": ({ data }) => `test of ${data.webhook_id}`,
      unknown: ({ event_type, data }) => `new: ${event_type} ${JSON.stringify(data)}`
    })
  )

  const kind = (event: Webhooks.WebhookEvent): "bad" | "fine" =>
    Match.value(event).pipe(
      Match.when({ type: "message.bounced", data: { bounce_type: "Permanent" } }, () => "bad" as const),
      Match.discriminator("type")("message.complained", "message.rejected", () => "bad" as const),
      Match.orElse(() => "fine" as const)
    )

  it.effect("can be matched exhaustively by type, including unknown types", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [string, string]> = [
        [bodyOf({ type: "message.delivered" }), "delivered to ada@example.com"],
        [bodyOf(), "bounced: Permanent"],
        [bodyOf({ type: "message.complained" }, { complaint_type: "abuse" }), "complained: abuse"],
        [bodyOf({ type: "message.rejected" }, { reject_reason: "virus" }), "rejected: virus"],
        [bodyOf({ type: "message.delivery_delayed" }, { delay_type: "MailboxFull" }), "delayed: MailboxFull"],
        [bodyOf({ type: "message.received" }), "mail from hello@example.com"],
        [bodyOf({ type: "message.received.spam" }), "spam from hello@example.com"],
        [bodyOf({ type: "sendmux.test" }, { webhook_id: "whk_1", recipients: [] }), "test of whk_1"],
        [bodyOf({ type: "message.opened", data: { n: [1] } }), 'new: message.opened {"n":[1]}'],
        [bodyOf({ type: "unknown", data: {} }), "new: unknown {}"]
      ]
      for (const [body, expected] of cases) expect(headline(yield* decode(body))).toBe(expected)
      expect(kind(yield* decode(bodyOf()))).toBe("bad")
      expect(kind(yield* decode(bodyOf({}, { bounce_type: "Transient" })))).toBe("fine")
    })
  )

  it.effect(
    "decode with unknown fields, new enum values, missing nullable fields and invalid optional dates",
    () =>
      Effect.gen(function* () {
        const { message_id: _, ...data } = payload().data
        const body = bodyOf({
          extra: 1,
          data: { ...data, bounce_type: "Psychic", delay_expires_at: "soon", more: 2 }
        })
        const event = yield* decode(body)
        if (event.type !== "message.bounced") return expect.unreachable()
        expect(event.data.bounce_type).toBe("Psychic")
        expect(event.data.message_id).toBeNull()
        expect(event.data.delay_expires_at).toBeNull()
        expect(Object.keys(event.data)).toHaveLength(15)
      })
  )

  it.effect("encode to the wire form that they were decoded from", () =>
    Effect.gen(function* () {
      for (const wire of [payload(), payload({ type: "message.opened", data: { n: 1 } })]) {
        const event = yield* decode(JSON.stringify(wire))
        const encoded = yield* Schema.encode(Webhooks.WebhookEvent)(event)
        expect(encoded).toEqual({ ...wire, occurred_at: "2026-05-21T09:12:00.000Z" })
        expect(yield* Schema.decodeUnknown(Webhooks.WebhookEvent)(encoded)).toEqual(event)
      }
      const misfit = payload({ data: { recipients: 1 } })
      expect((yield* Effect.flip(Schema.decodeUnknown(Webhooks.WebhookEvent)(misfit)))._tag).toBe(
        schemaErrorTag
      )
    })
  )
})

describe("verification errors", () => {
  it.effect("contain neither the secret, the expected signature, nor values of the body", () =>
    Effect.gen(function* () {
      yield* now
      const body = bodyOf({}, { recipients: "confidential@example.com" })
      const good = { ...signedV2(body), ...named() }
      const right = good["X-Sendmux-Signature-V2"].slice(3)
      const wrong = { ...good, "X-Sendmux-Signature-V2": `v1=${"0".repeat(64)}` }
      for (const headers of [good, wrong, {}]) {
        const error = yield* Effect.flip(Webhooks.verify({ body, headers, secrets }))
        const ways = [String(error), error.message, JSON.stringify(error), inspect(error), error.stack ?? ""]
        for (const text of ways) {
          expect(text).not.toContain(secret)
          expect(text).not.toContain(right)
          expect(text).not.toContain("confidential")
        }
      }
      const error = yield* Effect.flip(Webhooks.verify({ body, headers: good, secrets }))
      expect(error.issue).toContain("data.recipients")
    })
  )
})
