import * as HttpBody from "@effect/platform/HttpBody"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { APIError } from "../../src/internal/model/errors.js"
import { Management, type UpdateMailboxInput } from "../../src/Management.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { email } from "../support/http.js"

const layerWith = (options: Sandbox.SandboxOptions = {}) =>
  Layer.mergeAll(
    Sending.layer({ apiKey: Sandbox.mailboxKey }),
    Management.layer({ apiKey: Sandbox.rootKey })
  ).pipe(Layer.provideMerge(Sandbox.layerWith(options)))

const limitMailbox = (send_scope: UpdateMailboxInput["send_scope"]) =>
  Effect.flatMap(Management, ({ mailboxes }) => mailboxes.update("mbx_sandbox", { send_scope }))

/** Sends a message as another client does, which checks nothing. */
const post = (options: Sandbox.SandboxOptions, message: Record<string, unknown>) =>
  Effect.gen(function* () {
    const { client, control } = yield* Sandbox.make(options)
    const response = yield* client.post("https://smtp.sendmux.ai/api/v1/emails/send", {
      headers: { authorization: "Bearer smx_mbx_sandbox" },
      body: HttpBody.text(JSON.stringify({ ...email, ...message }), "application/json")
    })
    const json: unknown = yield* response.json
    return { status: response.status, json, outbox: yield* control.outbox }
  })

describe("a refused delivery group", () => {
  it.effect("fails a single message with a known code", () =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      const isMissing = APIError.is("delivery_group_not_found")
      const outcome = yield* emails.send({ ...email, delivery_group: "dgrp_missing" }).pipe(
        Effect.map(() => "sent"),
        Effect.catchIf(isMissing, ({ code, param, status }) => Effect.succeed(`${status} ${code} ${param}`))
      )
      expect(outcome).toBe("422 delivery_group_not_found delivery_group")
    }).pipe(Effect.provide(layerWith()))
  )

  it.effect("stays at the index of its message in a batch, even if every message is refused", () =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      const refused = { ...email, delivery_group: "dgrp_b" }
      const mixed = yield* emails.sendBatch({
        messages: [refused, email, { ...email, delivery_group: ["dgrp_a"] }]
      })
      expect(mixed.results.map((item) => (item._tag === "Failed" ? item.error.code : item._tag))).toEqual([
        "delivery_group_not_found",
        "Queued",
        "Queued"
      ])
      const all = yield* emails.sendBatch({ messages: [refused, refused] })
      expect(all.results.map((item) => (item._tag === "Failed" ? item.error.code : item._tag))).toEqual([
        "delivery_group_not_found",
        "delivery_group_not_found"
      ])
      expect(all.summary).toEqual({ total: 2, queued: 0, failed: 2 })
    }).pipe(Effect.provide(layerWith({ deliveryGroups: ["dgrp_a"] })))
  )

  it.effect("is one outside of the groups of the credential, whether it exists or not", () =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      yield* limitMailbox({ type: "group", group_public_ids: ["dgrp_a", "dgrp_gone"] })
      const code = (delivery_group: string | ReadonlyArray<string>) =>
        emails.send({ ...email, delivery_group }).pipe(
          Effect.map(() => "sent"),
          Effect.catchTag("APIError", (error) => Effect.succeed(`${error.status} ${error.code}`))
        )
      expect(yield* code("dgrp_a")).toBe("sent")
      expect(yield* code(["dgrp_a", "dgrp_b"])).toBe("403 delivery_group_not_allowed")
      expect(yield* code("dgrp_nowhere")).toBe("403 delivery_group_not_allowed")
      expect(yield* code("dgrp_gone")).toBe("422 delivery_group_not_found")
    }).pipe(Effect.provide(layerWith({ deliveryGroups: ["dgrp_a", "dgrp_b"] })))
  )

  it.effect("is any group if the credential is limited to providers", () =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      const { providers } = yield* Management
      const { items } = yield* providers.list.page()
      yield* limitMailbox({ type: "providers", provider_public_ids: items.map(({ id }) => id) })
      const error = yield* Effect.flip(emails.send({ ...email, delivery_group: "dgrp_missing" }))
      expect(error).toMatchObject({ status: 422, code: "delivery_group_scope_invalid" })
    }).pipe(Effect.provide(layerWith()))
  )
})

describe("the delivery groups of a request", () => {
  it.scoped("are trimmed and counted once, and a malformed or empty one is refused", () =>
    Effect.gen(function* () {
      const fine = yield* post({}, { delivery_group: [" dgrp_a ", "dgrp_a", "dgrp_b"] })
      expect(fine.outbox[0]?.delivery_group).toEqual(["dgrp_a", "dgrp_b"])
      const many = Array.from({ length: 51 }, (_, index) => `dgrp_${index}`)
      for (const delivery_group of ["", "group", [], ["dgrp_a", " "], [7], null, many]) {
        expect(yield* post({}, { delivery_group })).toMatchObject({
          status: 422,
          json: { error: { code: "invalid_delivery_group", param: "delivery_group", retryable: false } },
          outbox: []
        })
      }
    })
  )

  it.scoped("are ignored for a message from a shared domain, even if they are malformed", () =>
    Effect.gen(function* () {
      const { outbox, status } = yield* post({ sharedDomains: ["Example.com"] }, { delivery_group: "?" })
      expect([status, outbox[0]?.delivery_group]).toEqual([200, null])
    })
  )
})

describe("the recipients of a day", () => {
  it.effect("are refused above the limit, at once and with the time until the next day", () =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      const control = yield* Sandbox.Control
      yield* emails.send({ ...email, cc: [{ email: "bob@example.com" }] })
      const error = yield* Effect.flip(emails.send({ ...email, cc: [{ email: "bob@example.com" }] }))
      expect(error).toMatchObject({ status: 429, code: "rate_limit_exceeded", attempts: 1 })
      expect(APIError.isDailyLimit(error)).toBe(true)
      yield* emails.send(email)
      const batch = yield* Effect.flip(emails.sendBatch({ messages: [email, email] }))
      expect(APIError.isDailyLimit(batch)).toBe(true)
      expect(yield* control.outbox).toHaveLength(2)
    }).pipe(Effect.provide(layerWith({ dailyRecipients: 3 })))
  )

  it.effect("are told from the rate limit", () =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      const control = yield* Sandbox.Control
      yield* control.inject({ kind: { _tag: "RateLimited", retryAfter: 301 } })
      expect(APIError.isDailyLimit(yield* Effect.flip(emails.send(email)))).toBe(true)
      yield* control.inject({ kind: { _tag: "RateLimited", retryAfter: 300 } })
      expect(APIError.isDailyLimit(yield* Effect.flip(emails.send(email)))).toBe(false)
      expect(APIError.isDailyLimit(new Error())).toBe(false)
    }).pipe(Effect.provide(layerWith()))
  )
})
