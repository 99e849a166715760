/**
 * Serves a sandbox on loopback for the proof, and prints its URL. The argument is the limit in requests per minute.
 */
import { createServer } from "node:http"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Sandbox from "../../src/Sandbox.js"

const { limit } = JSON.parse(process.argv[2] ?? "{}") as { readonly limit: number }

/** Everything is kept until the proof has counted it. */
const kept = { maxRequests: 1_000_000, maxEmails: 10_000_000, maxStoredBytes: 2 ** 40 }

const served = Layer.unwrapScoped(
  Effect.map(Sandbox.make({ limits: { sending: limit }, ...kept }), ({ httpApp }) =>
    Layer.effectDiscard(
      HttpServer.addressWith((address) =>
        Console.log(JSON.stringify(`http://127.0.0.1:${address._tag === "TcpAddress" ? address.port : 0}`))
      )
    ).pipe(
      Layer.provideMerge(HttpServer.serve(httpApp)),
      Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
    )
  )
)

NodeRuntime.runMain(Layer.launch(served).pipe(Effect.provide(Logger.minimumLogLevel(LogLevel.None))), {
  disablePrettyLogger: true
})
