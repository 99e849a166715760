/**
 * A real server on loopback, and the clients of the platform, all of which must behave the same.
 */
import * as Http from "node:http"
import type { Socket } from "node:net"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

export const clients: ReadonlyArray<readonly [string, Layer.Layer<HttpClient.HttpClient>]> = [
  ["FetchHttpClient", FetchHttpClient.layer],
  ["NodeHttpClient", NodeHttpClient.layer],
  ["NodeHttpClient over undici", NodeHttpClient.layerUndici]
]

/** A request as it arrived at the server. */
export interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: Http.IncomingHttpHeaders
  readonly body: Buffer
}

export interface LoopbackServer {
  readonly origin: string
  readonly arrived: ReadonlyArray<Arrived>
  /** Returns the number of connections that were opened. */
  readonly connections: () => number
  /** Completes when the client has closed a connection before the end of its response. */
  readonly closed: Effect.Effect<void>
}

/** Serves until the scope closes. `respond` is called when the body of the request has arrived. */
export const serve = (
  respond: (request: Arrived, response: Http.ServerResponse, index: number) => void
): Effect.Effect<LoopbackServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const closed = yield* Deferred.make<void>()
    const arrived: Array<Arrived> = []
    const sockets = new Set<Socket>()
    let connections = 0
    const server = Http.createServer((request, response) => {
      response.on("close", () => {
        if (!response.writableFinished) Deferred.unsafeDone(closed, Effect.void)
      })
      const parts: Array<Buffer> = []
      request.on("data", (part: Buffer) => parts.push(part))
      request.on("error", () => undefined)
      request.on("end", () => {
        const { headers, method = "", url = "" } = request
        const current = { method, url, headers, body: Buffer.concat(parts) }
        respond(current, response, arrived.push(current) - 1)
      })
    })
    server.on("connection", (socket) => {
      connections++
      sockets.add(socket)
      socket.on("error", () => undefined)
      socket.on("close", () => sockets.delete(socket))
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          for (const socket of sockets) socket.destroy()
          server.close(() => resume(Effect.void))
        })
    )
    const address = server.address()
    if (address === null || typeof address === "string") return yield* Effect.dieMessage("no port")
    return {
      origin: `http://127.0.0.1:${address.port}`,
      arrived,
      connections: () => connections,
      closed: Deferred.await(closed)
    }
  })

/** Sends a successful response in the envelope of the API. */
export const respondOk = (response: Http.ServerResponse, data: unknown): void => {
  response.writeHead(200, { "content-type": "application/json", "x-request-id": "req_socket" })
  response.end(JSON.stringify({ ok: true, data, meta: { request_id: "req_socket" } }))
}
