import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { deliveryReport } from "../../docs/examples/delivery-report.js"
import { onboard } from "../../docs/examples/onboard-customer.js"
import { rotateAll, type Vault } from "../../docs/examples/rotate-credentials.js"
import { Retry, Sandbox, Sending } from "../../src/index.js"
import { Management } from "../../src/Management.js"
import { email } from "../support/http.js"

const layer = Layer.merge(
  Sending.layer({ apiKey: Sandbox.mailboxKey }),
  Management.layer({ apiKey: Sandbox.rootKey })
).pipe(Layer.provideMerge(Sandbox.layer))

const customer = {
  domain: "example.com",
  email: "ada@example.com",
  webhookUrl: "https://hooks.example.com/sendmux"
}

/** Returns whether the API accepts a key. */
const works = (apiKey: Redacted.Redacted) =>
  Effect.flatMap(Sending.make({ apiKey, retry: Retry.none }), (sending) =>
    Effect.map(Effect.either(sending.connection.get()), Either.isRight)
  )

describe("the example onboard-customer", () => {
  it.effect(
    "creates a domain, a mailbox with a valid key and a webhook, and creates nothing on a second run",
    () =>
      Effect.gen(function* () {
        const published: Array<string> = []
        const publish = (records: ReadonlyArray<string>) => Effect.sync(() => void published.push(...records))
        const first = yield* onboard({ ...customer, publish })
        expect(published.filter((record) => record.startsWith("TXT _dmarc.example.com"))).toHaveLength(1)
        expect(yield* works(first.apiKey)).toBe(true)

        const again = yield* onboard({ ...customer, publish })
        expect(again.mailboxId).toBe(first.mailboxId)
        expect(Redacted.value(again.signingSecret)).toBe(Redacted.value(first.signingSecret))
        const { webhooks } = yield* Management
        expect((yield* webhooks.list.page()).items).toMatchObject([
          { id: first.webhookId, filters: { mailbox_ids: [first.mailboxId] } }
        ])
      }).pipe(Effect.provide(layer))
  )
})

describe("the example delivery-report", () => {
  it.effect("counts the sent messages and reports why the others were not sent", () =>
    Effect.gen(function* () {
      const sending = yield* Sending
      yield* TestClock.adjust("10 days")
      yield* sending.emails.send(email)
      yield* sending.emails.send({ ...email, to: { email: "reject@example.org" } })
      yield* TestClock.adjust("1 hour")
      expect(yield* deliveryReport).toEqual([
        "2 messages, 1 sent, 0 failed, 1 rejected",
        "share sent: 50.0 %",
        "1970-01-11: 2",
        "1 × Every recipient was rejected"
      ])
    }).pipe(Effect.provide(layer))
  )
})

describe("the example rotate-credentials", () => {
  it.effect("makes the new credentials valid and the old ones invalid", () =>
    Effect.gen(function* () {
      const publish = () => Effect.void
      const first = yield* onboard({ ...customer, publish })
      const keys = new Map([[first.mailboxId, { keyId: first.keyId, apiKey: first.apiKey }]])
      const secrets = new Map([[first.webhookId, first.signingSecret]])
      const vault: Vault = {
        keyOf: (mailboxId) => Effect.sync(() => keys.get(mailboxId)?.keyId),
        putKey: (mailboxId, keyId, apiKey) => Effect.sync(() => void keys.set(mailboxId, { keyId, apiKey })),
        putSigningSecret: (webhookId, secret) => Effect.sync(() => void secrets.set(webhookId, secret))
      }
      yield* rotateAll(vault)
      expect(keys.size).toBe(2)
      expect(yield* works(first.apiKey)).toBe(false)
      for (const { apiKey } of keys.values()) expect(yield* works(apiKey)).toBe(true)
      const secret = secrets.get(first.webhookId) ?? first.signingSecret
      expect(Redacted.value(secret)).not.toBe(Redacted.value(first.signingSecret))
    }).pipe(Effect.provide(layer))
  )
})
