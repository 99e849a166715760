import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { vi } from "vitest"
import * as Webhooks from "../../src/Webhooks.js"
import { at, bodyOf, named, payload, secret, signedV1, signedV2 } from "../support/webhooks.js"
import { defectIn } from "../support/dialect/exits.js"

const secrets = Redacted.make(secret)

const body = bodyOf()

const v2: Record<string, string> = { ...signedV2(body), ...named() }

type Options = Partial<Omit<Webhooks.VerifyOptions, "secrets">>

const issueOf = (options: Options) =>
  Effect.map(Effect.flip(Webhooks.verify({ body, headers: v2, ...options, secrets })), String)

const signed = (text: string): Options => ({ body: text, headers: { ...signedV2(text), ...named() } })

const later = (seconds: number) => TestClock.setTime((at + seconds) * 1000)

describe("the issue of a refused delivery", () => {
  it.effect("names the header that is missing, malformed or repeated, and its form", () =>
    Effect.gen(function* () {
      yield* later(0)
      const cases: ReadonlyArray<readonly [Webhooks.HeadersInput, string]> = [
        [named(), "[MissingSignature] x-sendmux-signature is missing"],
        [{ "x-sendmux-timestamp": "1" }, "[MissingSignature] x-sendmux-signature-v2 is missing"],
        [{ "x-sendmux-signature-v2": "v1=" }, "[MissingSignature] x-sendmux-timestamp is missing"],
        [
          { ...v2, "X-Sendmux-Signature-V2": "v1=" },
          '[BadSignature] x-sendmux-signature-v2 must be "v1=" and 64 lower-case hexadecimal digits'
        ],
        [
          { ...v2, "X-Sendmux-Timestamp": "soon" },
          "[BadSignature] x-sendmux-timestamp must be 1 to 10 digits"
        ],
        [
          { "X-Sendmux-Signature": "sha1=00" },
          '[BadSignature] x-sendmux-signature must be "sha256=" and 64 lower-case hexadecimal digits'
        ],
        [
          { ...v2, "X-Sendmux-Event-Id": ["evt_cl0001", "evt_cl0001"] },
          "[BadSignature] x-sendmux-event-id occurs more than once"
        ],
        [
          { ...named(), ...signedV1("other") },
          "[BadSignature] The signature does not match the body under any of the secrets"
        ]
      ]
      for (const [headers, expected] of cases) expect(yield* issueOf({ headers })).toBe(expected)
    })
  )

  it.effect("says how far in the past or in the future the timestamp is", () =>
    Effect.gen(function* () {
      yield* later(301)
      expect(yield* issueOf({})).toBe("[StaleTimestamp] The signed timestamp is 301 seconds in the past")
      yield* later(-400)
      expect(yield* issueOf({})).toBe("[StaleTimestamp] The signed timestamp is 400 seconds in the future")
    })
  )

  it.effect("says what is wrong with the body, with the path of a field of an event", () =>
    Effect.gen(function* () {
      yield* later(0)
      const notEvent = "[MalformedBody] The body is not an event: its id or type is missing"
      const { type: _type, ...withoutType } = payload()
      const { id: _id, ...withoutId } = payload()
      expect(yield* issueOf(signed("{"))).toBe("[MalformedBody] The body is not JSON in UTF-8")
      expect(yield* issueOf(signed("[]"))).toBe(notEvent)
      expect(yield* issueOf(signed(JSON.stringify(withoutType)))).toBe(notEvent)
      expect(yield* issueOf(signed(JSON.stringify(withoutId)))).toBe(notEvent)
      expect(yield* issueOf(signed(bodyOf({ id: "evt_other" })))).toBe(
        "[EventIdMismatch] x-sendmux-event-id differs from the id in the body"
      )
      expect(yield* issueOf(signed(bodyOf({ type: "message.delivered" })))).toBe(
        "[EventIdMismatch] x-sendmux-event-type differs from the type in the body"
      )
      expect(yield* issueOf(signed(bodyOf({ occurred_at: "yesterday" })))).toEqual(
        expect.stringMatching(/^\[MalformedBody\] occurred_at must be an ISO 8601 timestamp/)
      )
    })
  )

  it.effect("says that the event was handled before", () =>
    Effect.gen(function* () {
      yield* later(0)
      expect(yield* issueOf({ seen: () => Effect.succeed(true) })).toBe(
        "[Duplicate] The event was handled before"
      )
    })
  )
})

describe("verify", () => {
  it.effect("treats a header whose value is undefined as absent, even beside one with a value", () =>
    Effect.gen(function* () {
      const headers = {
        ...signedV1(body),
        "x-sendmux-signature": undefined,
        "x-sendmux-timestamp": undefined
      }
      const event = yield* Webhooks.verify({ body, headers, secrets })
      expect(event.id).toBe("evt_cl0001")
    })
  )

  it.effect("dies with a TypeError that names the option if tolerance is not a duration", () =>
    Effect.gen(function* () {
      yield* later(0)
      const exit = yield* Effect.exit(
        // @ts-expect-error An untyped caller may pass any text.
        Webhooks.verify({ body, headers: v2, secrets, tolerance: "a while" })
      )
      const defect = defectIn(exit)
      expect(String(defect)).toBe(
        'TypeError: Webhooks: tolerance is not a duration. Use a number of milliseconds or text such as "5 minutes"'
      )
    })
  )

  it.scoped("imports each secret once, as a key that cannot be exported", () =>
    Effect.gen(function* () {
      const importKey = vi.spyOn(crypto.subtle, "importKey")
      yield* Effect.addFinalizer(() => Effect.sync(() => importKey.mockRestore()))
      const own = Redacted.make(secret)
      const headers = { ...signedV1(body), ...named() }
      for (let i = 0; i < 3; i++) yield* Webhooks.verify({ body, headers, secrets: own })
      expect(importKey).toHaveBeenCalledTimes(1)
      expect(importKey.mock.calls[0]?.[3]).toBe(false)
    })
  )
})

describe("the delivery that a handler receives", () => {
  const deliver = async (headers: Record<string, string>) => {
    const seen: Array<Webhooks.Delivery> = []
    const handle = Webhooks.toHandler({ secrets, tolerance: "36500 days" }, (_, delivery) =>
      Effect.sync(() => seen.push(delivery))
    )
    const response = await handle(new Request("http://localhost/", { method: "POST", body, headers }))
    expect(response.status).toBe(200)
    await handle.dispose()
    return seen[0]
  }

  it("names the version of the signature that was verified", async () => {
    expect((await deliver({ ...signedV1(body), ...named() }))?.scheme).toBe("v1")
    expect((await deliver(v2))?.scheme).toBe("v2")
  })

  it("has the attempt of the header if it is a number of 1 to 6 digits", async () => {
    const attempts = { "1": 1, "42": 42, "999999": 999_999 }
    for (const [text, attempt] of Object.entries(attempts)) {
      expect((await deliver({ ...v2, "X-Sendmux-Delivery-Attempt": text }))?.attempt).toBe(attempt)
    }
    for (const text of ["", "0", "07", "x1", "1x", "-1", "1.5", "1000000"]) {
      expect((await deliver({ ...v2, "X-Sendmux-Delivery-Attempt": text }))?.attempt, text).toBeUndefined()
    }
    const { "X-Sendmux-Delivery-Attempt": _, ...unnumbered } = v2
    expect((await deliver(unnumbered))?.attempt).toBeUndefined()
  })
})

describe("sign", () => {
  it.effect("leaves the id and type empty if the body has no text for them", () =>
    Effect.gen(function* () {
      for (const text of ["{}", "[]", "no JSON", JSON.stringify({ id: 7, type: null })]) {
        const headers = yield* Webhooks.sign({ body: text, secret: secrets })
        expect([headers["x-sendmux-event-id"], headers["x-sendmux-event-type"]]).toEqual(["", ""])
      }
    })
  )
})
