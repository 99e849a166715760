/**
 * Serves a sandbox and its page on a port, until it is interrupted.
 */
import { createServer, type Server } from "node:http"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { HttpApp } from "../../src/internal/dialect/server.js"
import * as Sandbox from "../../src/Sandbox.js"
import { codeOf, Problem, reasonOf } from "../support/problem.js"
import { hostInUrl } from "./hosts.js"

interface Listening {
  readonly host: string
  readonly port: number
}

/** Why a server cannot listen. */
const listenProblem = ({ host, port }: Listening, cause: unknown): Problem => {
  switch (codeOf(cause)) {
    case "EADDRINUSE":
      return new Problem(
        `port ${port} on ${host} is in use; choose another one with --port, or a free one with --port 0`
      )
    case "EACCES":
      return new Problem(`port ${port} on ${host} needs more permissions; choose one above 1023 with --port`)
    case "EADDRNOTAVAIL":
      return new Problem(`${host} is no address of this machine; choose another one with --host`)
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new Problem(`the host ${host} cannot be resolved; choose another one with --host`)
    default:
      return new Problem(`cannot listen on port ${port} of ${host}: ${reasonOf(cause)}`)
  }
}

/**
 * Serves an app while the scope is open, and succeeds with its origin. Connections that are open when the scope closes are
 * closed, because an event stream would otherwise stay open.
 */
export const serveOn = (listening: Listening, app: HttpApp) =>
  Effect.gen(function* () {
    let server: Server | undefined
    const make = () => {
      server = Sandbox.nodeServer(createServer())
      return server
    }
    const layer = NodeHttpServer.layer(make, listening)
    const context = yield* Layer.build(layer).pipe(
      Effect.mapError(({ cause }) => listenProblem(listening, cause))
    )
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        server?.on("connection", (socket) => socket.destroy())
        server?.closeAllConnections()
      })
    )
    return yield* Effect.gen(function* () {
      // No tracer would receive the spans of the requests, which cost a quarter of a small one.
      yield* HttpMiddleware.withTracerDisabledWhenEffect(HttpServer.serveEffect(app), () => true)
      const { address } = yield* HttpServer.HttpServer
      const port = address._tag === "TcpAddress" ? address.port : listening.port
      return { port, origin: `http://${hostInUrl(listening.host)}:${port}` }
    }).pipe(Effect.provide(context))
  })
