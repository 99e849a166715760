/**
 * Serves a sandbox on loopback, and reports what is alive whenever the parent asks for it.
 */
import { createServer } from "node:http"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Sandbox from "../../../src/Sandbox.js"
import { request } from "../harness/child.js"

export type SandboxRequest = Pick<Sandbox.SandboxOptions, "maxEmails">

/** The first message of the child. */
export interface Listening {
  readonly origin: string
}

/** The response to each message of the parent, in bytes. */
export interface MemorySample {
  /** The heap and the buffers outside it, after a garbage collection. */
  readonly alive: number
  readonly rss: number
  /** The time that the process has computed, in seconds. */
  readonly cpuSeconds: number
}

const sample = (): MemorySample => {
  globalThis.gc?.()
  const { arrayBuffers, heapUsed, rss } = process.memoryUsage()
  const { system, user } = process.cpuUsage()
  return { alive: heapUsed + arrayBuffers, rss, cpuSeconds: (system + user) / 1_000_000 }
}

const unlimited = 1_000_000_000

const program = Effect.gen(function* () {
  const { httpApp } = yield* Sandbox.make({
    ...request<SandboxRequest>(),
    limits: { management: unlimited, mailbox: unlimited, sending: unlimited }
  })
  // The command line program serves it without spans as well.
  const server = HttpServer.serve(httpApp).pipe(
    HttpMiddleware.withTracerDisabledWhen(() => true),
    Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
  )
  const context = yield* Layer.build(server)
  const origin = yield* HttpServer.addressWith((address) =>
    Effect.succeed(`http://127.0.0.1:${address._tag === "TcpAddress" ? address.port : 0}`)
  ).pipe(Effect.provide(context))
  process.on("message", () => process.send?.(sample()))
  process.on("disconnect", () => process.exit())
  process.send?.({ origin } satisfies Listening)
  return yield* Effect.never
})

await Effect.runPromise(Effect.scoped(program))
