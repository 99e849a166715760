/**
 * Details of HTTP in which the sandbox behaves as the API does, requested without the SDK.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Sandbox } from "../../src/index.js"
import { operationName } from "../../src/internal/operation/operation.js"
import { authenticate, claimKey } from "../../src/sandbox/http/middleware.js"
import { day } from "../../src/sandbox/state/team.js"
import { defaultLimits, makeWorld } from "../../src/sandbox/state/world.js"
import { emailOperations } from "../../src/sending/emails/emails.js"
import { readFacts } from "../contract/facts.js"
import { bare } from "../support/bare.js"
import { email } from "../support/http.js"
import { serveSandbox } from "../support/sandbox.js"
import { send as sendRaw } from "./served/raw.js"

const documents = readFacts()

const setup = bare(documents)

describe("the fidelity of the sandbox", () => {
  it.scoped("webhooks.test responds with conflict for a webhook that is not subscribed to sendmux.test", () =>
    Effect.gen(function* () {
      const { refused, send } = yield* setup
      const create = (type: string) =>
        Effect.map(
          send("management", "POST /webhooks", {
            body: { url: "https://hooks.example.com", event_types: [type] }
          }),
          ({ body }) => String(JSON.parse(body).data.id)
        )
      const other = yield* create("message.delivered")
      expect(yield* refused("management", `POST /webhooks/${other}/test`, {}, "conflict")).toEqual([])
      const subscribed = yield* create("sendmux.test")
      expect((yield* send("management", `POST /webhooks/${subscribed}/test`)).status).toBe(200)
    })
  )

  it.live("an upload without Content-Length responds with missing_parameter", () =>
    Effect.gen(function* () {
      const url = yield* serveSandbox()
      const headers = {
        host: "127.0.0.1",
        authorization: "Bearer smx_mbx_sandbox",
        "x-sendmux-upload-token": "x",
        "transfer-encoding": "chunked"
      }
      for (const line of [
        "POST /sending/api/v1/emails/attachments?filename=a.bin",
        "PUT /sending/api/v1/emails/attachment-uploads/x",
        "PUT /app/api/v1/attachment-uploads/x?upload_token=x"
      ]) {
        const { json, status } = yield* sendRaw(url, line, headers, "1\r\nx\r\n0\r\n\r\n")
        expect(status, line).toBe(400)
        expect(json.error).toMatchObject({ code: "missing_parameter", param: "Content-Length" })
      }
    }).pipe(Effect.scoped)
  )

  it.live("a JSON operation rejects a body whose content type is not JSON", () =>
    Effect.gen(function* () {
      const url = yield* serveSandbox()
      const body = JSON.stringify(email)
      const status = (contentType: Readonly<Record<string, string>>) =>
        Effect.map(
          sendRaw(
            url,
            "POST /sending/api/v1/emails/send",
            {
              host: "127.0.0.1",
              authorization: "Bearer smx_mbx_sandbox",
              "content-length": String(body.length),
              ...contentType
            },
            body
          ),
          (response) => [response.status, response.json.error?.code, response.json.error?.param]
        )
      const wrong = [400, "invalid_parameter", "Content-Type"]
      expect(yield* status({})).toEqual(wrong)
      expect(yield* status({ "content-type": "text/plain" })).toEqual(wrong)
      expect(yield* status({ "content-type": "application/jsonp" })).toEqual(wrong)
      for (const type of ["application/json", "Application/JSON; charset=utf-8", "application/a+json"]) {
        expect((yield* status({ "content-type": type }))[0], type).toBe(200)
      }
    }).pipe(Effect.scoped)
  )

  it.scoped("a repeated query parameter with one value responds with invalid_parameter", () =>
    Effect.gen(function* () {
      const { refused } = yield* setup
      const code = "invalid_parameter"
      expect([
        ...(yield* refused("management", "GET /domains?limit=1&limit=2", {}, code)),
        ...(yield* refused("mailbox", "GET /mailbox/messages?limit=1&limit=1", {}, code)),
        ...(yield* refused("mailbox", "GET /mailbox/messages?mailbox_id=a&mailbox_id=b", {}, code))
      ]).toEqual([])
    })
  )

  it.scoped("a path with a percent-encoded colon or letter is the path with the plain character", () =>
    Effect.gen(function* () {
      const { send } = yield* setup
      for (const path of [
        "messages:batch-get",
        "messages%3Abatch-get",
        "messages%3abatch-get",
        "%6Dessages:batch-get"
      ]) {
        const { status } = yield* send("mailbox", `POST /mailbox/${path}`, { body: { ids: ["x"] } })
        expect(status, path).toBe(200)
      }
      expect((yield* send("mailbox", "GET /mailbox/messages/a%2Fb")).status).toBe(404)
    })
  )

  it.scoped("the scheme of the Authorization header is case-insensitive", () =>
    Effect.gen(function* () {
      const { client } = yield* Sandbox.make()
      const status = (authorization: string) =>
        Effect.map(
          client.get("https://smtp.sendmux.ai/api/v1/me", { headers: { authorization } }),
          (response) => response.status
        )
      for (const scheme of ["Bearer", "bearer", "BEARER"]) {
        expect(yield* status(`${scheme} smx_mbx_sandbox`), scheme).toBe(200)
      }
      for (const header of ["Basic smx_mbx_sandbox", "smx_mbx_sandbox", "Bearersmx_mbx_sandbox"]) {
        expect(yield* status(header), header).toBe(401)
      }
    })
  )

  it("the records of idempotency keys are deleted after they expired", () => {
    const world = makeWorld(defaultLimits)
    const operation = emailOperations.send
    const claim = (key: string, now: number) => {
      const request = {
        method: "POST",
        url: new URL("https://smtp.sendmux.ai/api/v1/emails/send"),
        headers: { authorization: "Bearer smx_mbx_sandbox", "idempotency-key": key },
        body: new Uint8Array(0)
      }
      return claimKey(world, operation, authenticate(world, operation, request, now), request, now)
    }
    expect(operationName(operation)).toBe("sending.emails.send")
    for (let count = 0; count < 1000; count++) claim(`k${count}`, count)
    expect(world.idempotencyRecords.size).toBe(1000)
    claim("last", day + 998)
    expect(world.idempotencyRecords.size).toBe(2)
  })
})

describe("names of Object.prototype", () => {
  const names = ["constructor", "__proto__", "toString", "hasOwnProperty"]

  it.scoped("a message to a recipient with such a local part is delivered", () =>
    Effect.gen(function* () {
      const { control, send } = yield* setup
      for (const name of names) {
        const sent = yield* send("sending", "POST /emails/send", {
          body: { ...email, to: { email: `${name}@example.org` } }
        })
        expect(sent.status, name).toBe(200)
      }
      expect(yield* control.outbox).toHaveLength(names.length)
      const webhook = { url: "https://hooks.example.com", event_types: ["message.delivered"] }
      const created = JSON.parse((yield* send("management", "POST /webhooks", { body: webhook })).body).data
      for (const name of names) {
        yield* send("sending", "POST /emails/send", {
          body: { ...email, to: { email: `${name}@example.org` } }
        })
      }
      let shown: ReadonlyArray<{ readonly event_type: string }> = []
      while (shown.length < names.length) {
        // WebCrypto signs a delivery asynchronously, which does not depend on the clock.
        yield* Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
        const { body } = yield* send("management", `GET /webhooks/${created.id}/deliveries`)
        shown = JSON.parse(body).data
      }
      expect(new Set(shown.map(({ event_type }) => event_type))).toEqual(new Set(["message.delivered"]))
    })
  )

  for (const name of names) {
    it.scoped(`an unknown query parameter ${name} responds with invalid_parameter and its name`, () =>
      Effect.gen(function* () {
        const { refused, send } = yield* setup
        const target = `GET /domains?${name}=x`
        expect(yield* refused("management", target, {}, "invalid_parameter")).toEqual([])
        const { error } = JSON.parse((yield* send("management", target)).body)
        expect(error).toMatchObject({ param: name, errors: [{ field: name }] })
        expect(error.message).toContain(`The parameter ${name} `)
      })
    )

    it.scoped(`an unknown field ${name} of a body responds with validation_error and its name`, () =>
      Effect.gen(function* () {
        const { client } = yield* Sandbox.make()
        const response = yield* client.post("https://smtp.sendmux.ai/api/v1/emails/send", {
          headers: { authorization: "Bearer smx_mbx_sandbox" },
          body: HttpBody.text(`{"${name}":1,${JSON.stringify(email).slice(1)}`, "application/json")
        })
        expect(response.status).toBe(422)
        expect(yield* response.json).toMatchObject({
          error: { code: "validation_error", errors: [{ field: name }] }
        })
      })
    )
  }

  it.scoped("a host with such a name serves the APIs below their prefixes, as any other host", () =>
    Effect.gen(function* () {
      const { client } = yield* Sandbox.make()
      for (const name of names) {
        const headers = { authorization: "Bearer smx_mbx_sandbox" }
        const response = yield* client.get(`http://${name}/sending/api/v1/me`, { headers })
        expect(response.status, name).toBe(200)
      }
    })
  )
})
