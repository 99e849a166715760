/** The router that only Effect 3 has. The one that both versions have is tried in `handler.test.ts`. */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Webhooks from "../../src/Webhooks.js"
import { bodyOf, named, secret, signedV1 } from "../support/webhooks.js"

it.scopedLive("httpApp receives deliveries under HttpRouter of Effect 3", () =>
  Effect.gen(function* () {
    const handled: Array<string> = []
    const app = Webhooks.httpApp({ secrets: Redacted.make(secret) }, (event) =>
      Effect.sync(() => handled.push(event.id))
    )
    const server = Http.createServer()
    yield* Layer.build(
      HttpRouter.empty.pipe(
        HttpRouter.post("/hook", app),
        HttpServer.serve(),
        Layer.provide([
          NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" }),
          Webhooks.DedupeStore.layerMemory()
        ])
      )
    )
    const { port } = server.address() as AddressInfo
    const body = bodyOf({ id: "evt_cl0001" })
    const post = Effect.promise(() =>
      fetch(`http://127.0.0.1:${port}/hook`, {
        method: "POST",
        body,
        headers: { ...signedV1(body), ...named("evt_cl0001") }
      })
    )
    expect((yield* post).status).toBe(200)
    expect((yield* post).status).toBe(200)
    expect(handled).toEqual(["evt_cl0001"])
  })
)
