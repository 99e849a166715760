import { createServer } from "node:http"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Sandbox from "../../src/Sandbox.js"

/** Makes a sandbox, serves it on loopback until the scope closes, and returns its URL. */
export const serveSandbox = (options: Sandbox.SandboxOptions = {}) =>
  Effect.flatMap(Sandbox.make(options), serve)

/** Serves an existing sandbox on loopback until the scope closes, and returns its URL. */
export const serve = ({ httpApp }: Pick<Sandbox.Sandbox, "httpApp">) =>
  Effect.gen(function* () {
    const server = HttpServer.serve(httpApp).pipe(
      Layer.provideMerge(
        NodeHttpServer.layer(() => Sandbox.nodeServer(createServer()), { port: 0, host: "127.0.0.1" })
      )
    )
    const context = yield* Layer.build(server)
    return yield* HttpServer.addressWith((address) =>
      Effect.succeed(`http://127.0.0.1:${address._tag === "TcpAddress" ? address.port : 0}`)
    ).pipe(Effect.provide(context))
  })
