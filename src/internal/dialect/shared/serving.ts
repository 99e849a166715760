/**
 * The part of the dialect that serves an app on the HTTP server of a program.
 */
import * as HttpServer from "@effect/platform/HttpServer"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type HttpApp, listeningOn } from "../server.js"

/** The service of the platform that listens on a socket. */
export type ListeningServer = HttpServer.HttpServer

/** Hosts that stand for every address of the machine. */
const anyHost: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""])

/** Serves an app until the scope closes, and returns the origin of its URLs. */
export const serveApp = (app: HttpApp): Effect.Effect<string, never, ListeningServer | Scope.Scope> =>
  Effect.gen(function* () {
    yield* HttpServer.serveEffect(app)
    const address = listeningOn(yield* HttpServer.HttpServer)
    if (address === undefined) {
      return yield* Effect.die(new TypeError("The HTTP server listens on a Unix socket, which has no URL"))
    }
    const { hostname, port } = address
    const host = anyHost.has(hostname) ? "127.0.0.1" : hostname.includes(":") ? `[${hostname}]` : hostname
    return `http://${host}:${port}`
  })
