import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpRouter from "@effect/platform/HttpLayerRouter"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import { fetchHandler, routes, Suppressions } from "./receiver.js"
import { Sandbox } from "../../src/index.js"
import { Management } from "../../src/Management.js"
import { Sending } from "../../src/Sending.js"
import { DedupeStore } from "../../src/Webhooks.js"
import { email } from "../support/http.js"

/** Records the addresses that the receiver suppresses after a permanent bounce. */
const suppressed = Effect.map(Deferred.make<ReadonlyArray<string>>(), (done) => ({
  first: Deferred.await(done),
  layer: Layer.succeed(Suppressions, {
    add: (addresses) => Effect.asVoid(Deferred.succeed(done, addresses)),
    all: Effect.succeed([])
  })
}))

/** The secret, which is known only after the webhook was created. The receiver reads it for each delivery. */
const secretRef = Ref.make<ReadonlyArray<Redacted.Redacted>>([])

const bounce = (url: string, secrets: Ref.Ref<ReadonlyArray<Redacted.Redacted>>) =>
  Effect.gen(function* () {
    const management = yield* Management
    const sending = yield* Sending
    const webhook = yield* management.webhooks.create({
      url,
      event_types: ["message.bounced", "sendmux.test"]
    })
    yield* Ref.set(secrets, [webhook.secret])
    yield* management.webhooks.test(webhook.id)
    yield* sending.emails.send({ ...email, to: { email: "bounce@example.com" } })
  })

const surfaces = Layer.merge(
  Management.layer({ apiKey: Sandbox.rootKey }),
  Sending.layer({ apiKey: Sandbox.mailboxKey })
)

describe("a receiver, against the sandbox", () => {
  it.scopedLive("receives a bounce as an Effect HTTP app on loopback", () =>
    Effect.gen(function* () {
      const secrets = yield* secretRef
      const { first, layer } = yield* suppressed
      const server = Http.createServer()
      yield* Layer.build(
        HttpRouter.serve(routes(Ref.get(secrets)), { disableListenLog: true }).pipe(
          Layer.provide([
            NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" }),
            DedupeStore.layerMemory(),
            layer
          ])
        )
      )
      const { port } = server.address() as AddressInfo
      const context = yield* Layer.build(Layer.provide(surfaces, Sandbox.layer))
      yield* Effect.provide(bounce(`http://127.0.0.1:${port}/webhooks/sendmux`, secrets), context)
      expect(yield* first).toEqual(["bounce@example.com"])
    })
  )

  it.scopedLive("receives a bounce as a function from Request to Response", () =>
    Effect.gen(function* () {
      const secrets = yield* secretRef
      const { first, layer } = yield* suppressed
      const receive = fetchHandler(Ref.get(secrets), layer)
      const webhookClient = HttpClient.make((request, url) =>
        Effect.promise(async () => {
          const body = request.body._tag === "Uint8Array" ? new Uint8Array(request.body.body) : null
          const response = await receive(
            new Request(url, { method: request.method, headers: request.headers, body })
          )
          return HttpClientResponse.fromWeb(request, response)
        })
      )
      const context = yield* Layer.build(Layer.provide(surfaces, Sandbox.layerWith({ webhookClient })))
      yield* Effect.provide(bounce("https://hooks.example.com/sendmux", secrets), context)
      expect(yield* first).toEqual(["bounce@example.com"])
      yield* Effect.promise(() => receive.dispose())
    })
  )
})
