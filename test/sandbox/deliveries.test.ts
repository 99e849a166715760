/**
 * Where the sandbox delivers webhooks to.
 */

import { HttpClient } from "@effect/platform/HttpClient"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Sandbox } from "../../src/index.js"
import { Management } from "../../src/Management.js"
import { postToLoopback, runtimeResolver } from "../../src/sandbox/state/loopbackDelivery.js"
import { serve } from "../support/server.js"

const outside =
  "The sandbox delivers webhooks to loopback URLs only. Set webhookClient to deliver to other URLs"

/** Posts to a URL with the given addresses of `localhost`, and returns the outcome and the URLs of the attempts. */
const attempt = (url: string, addresses: ReadonlyArray<string>, refusing: ReadonlyArray<string> = []) =>
  Effect.suspend(() => {
    const posted: Array<string> = []
    const resolved: Array<string> = []
    const resolve = async (name: string) => {
      resolved.push(name)
      return addresses
    }
    return postToLoopback(url, resolve, (target) => {
      posted.push(target)
      return refusing.includes(target)
        ? Effect.fail({ reason: "refused", notConnected: true })
        : Effect.succeed({ status: 200, body: "" })
    }).pipe(
      Effect.match({ onFailure: ({ reason }) => reason, onSuccess: ({ status }) => status }),
      Effect.map((outcome) => ({ outcome, posted, resolved }))
    )
  })

/** Makes a webhook, requests a test delivery, and returns the delivery. */
const deliverTo = (url: string) =>
  Effect.gen(function* () {
    const { client } = yield* Sandbox.make()
    const { webhooks } = yield* Management.make({ apiKey: Sandbox.rootKey }).pipe(
      Effect.provideService(HttpClient, client)
    )
    const { id } = yield* webhooks.create({ url, event_types: ["sendmux.test"] })
    yield* webhooks.test(id)
    for (;;) {
      const [delivery] = (yield* webhooks.listDeliveries.page(id)).items
      if (delivery !== undefined) return delivery
      yield* Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
    }
  })

it.live("a webhook delivery does not follow a redirect", () =>
  Effect.gen(function* () {
    const secret = yield* serve((_, response) => response.end("internal page"))
    const receiver = yield* serve((_, response) => {
      response.writeHead(307, { location: `${secret.origin}/secret` })
      response.end("moved")
    })
    expect(yield* deliverTo(`${receiver.origin}/hook`)).toMatchObject({
      result: "retrying",
      response_status: 307,
      response_body: "moved"
    })
    expect(receiver.arrived).toHaveLength(1)
    expect(secret.arrived).toHaveLength(0)
  }).pipe(Effect.scoped)
)

it.live("a webhook delivery to localhost reaches a receiver on 127.0.0.1", () =>
  Effect.gen(function* () {
    const receiver = yield* serve((_, response) => response.end("done"))
    const { port } = new URL(receiver.origin)
    expect(yield* deliverTo(`http://localhost:${port}/hook`)).toMatchObject({
      result: "success",
      response_body: "done"
    })
    expect(receiver.arrived.map(({ url }) => url)).toEqual(["/hook"])
    expect(yield* Effect.promise(async () => runtimeResolver()?.("localhost"))).toContain("127.0.0.1")
  }).pipe(Effect.scoped)
)

it.effect(
  "a webhook delivery goes to the resolved addresses of localhost, and only if all are loopback",
  () =>
    Effect.gen(function* () {
      const url = "http://localhost:8080/hook?a=b"
      const [first, second] = ["http://[::1]:8080/hook?a=b", "http://127.0.0.1:8080/hook?a=b"]
      const both = ["::1", "127.0.0.1"]
      const resolved = ["localhost"]
      expect(yield* attempt(url, both)).toEqual({ outcome: 200, posted: [first], resolved })
      expect(yield* attempt(url, both, [first])).toEqual({ outcome: 200, posted: [first, second], resolved })
      expect(yield* attempt(url, both, [first, second])).toMatchObject({ outcome: "refused" })
      for (const addresses of [["10.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["::ffff:10.0.0.1"], []]) {
        expect(yield* attempt(url, addresses)).toEqual({ outcome: outside, posted: [], resolved })
      }
    })
)

it.effect("a webhook delivery to another host is refused without a look-up of its name", () =>
  Effect.gen(function* () {
    for (const host of [
      "hooks.example.com",
      "10.0.0.1",
      "127.0.0.1.example.com",
      "localhost.example.com",
      "[::2]"
    ]) {
      expect(yield* attempt(`http://${host}/hook`, ["127.0.0.1"])).toEqual({
        outcome: outside,
        posted: [],
        resolved: []
      })
    }
    const literal = "http://127.0.0.1:1/hook"
    expect(yield* attempt(literal, [])).toEqual({ outcome: 200, posted: [literal], resolved: [] })
  })
)

it.live("a webhook delivery succeeds if the receiver responds with status 204 and no body", () =>
  Effect.gen(function* () {
    const receiver = yield* serve((_, response) => {
      response.writeHead(204)
      response.end()
    })
    expect(yield* deliverTo(`${receiver.origin}/hook`)).toMatchObject({
      result: "success",
      response_status: 204,
      response_body: ""
    })
  }).pipe(Effect.scoped)
)
