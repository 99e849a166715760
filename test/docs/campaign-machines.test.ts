import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { createServer as createHttpServer } from "node:http"
import { createServer } from "node:net"
import { join } from "node:path"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as SqlClient from "@effect/sql/SqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Sandbox from "../../src/Sandbox.js"
import { root } from "../support/blocks.js"

const postgres = process.env["SENDMUX_TEST_POSTGRES"]
const redis = process.env["SENDMUX_TEST_REDIS"]

/** The number of messages of the example. */
const all = 2_000

/** A port of the local machine that no server uses. */
const unusedPort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() =>
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    )
  })
})

/** A new database of the server. */
const makeDatabase = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const name = `campaign_${randomBytes(6).toString("hex")}`
  yield* sql`CREATE DATABASE ${sql(name)}`
  const url = new URL(postgres ?? "")
  url.pathname = `/${name}`
  return url.href
}).pipe(Effect.provide(PgClient.layer({ url: Redacted.make(postgres ?? "") })))

/** The URL of a sandbox on loopback. */
const serve = (sandbox: Sandbox.Sandbox) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(NodeHttpServer.layer(createHttpServer, { port: 0, host: "127.0.0.1" }))
    return yield* Effect.gen(function* () {
      yield* HttpServer.serveEffect(sandbox.httpApp)
      return yield* HttpServer.addressFormattedWith(Effect.succeed)
    }).pipe(Effect.provide(context))
  })

interface Machine {
  readonly process: ChildProcess
  /** What the machine printed, once it has ended. */
  readonly output: Promise<string>
}

/** Starts a machine of the example, which is ended with the scope. */
const startMachine = (options: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync((): Machine => {
      const child = spawn(
        process.execPath,
        [
          "--import",
          "tsx",
          join(root, "docs/examples/campaign/machine.ts"),
          ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
        ],
        { cwd: root, stdio: ["ignore", "pipe", "ignore"] }
      )
      let text = ""
      child.stdout?.on("data", (chunk) => {
        text += chunk
      })
      return {
        process: child,
        output: new Promise((resolve) => child.once("close", () => resolve(text)))
      }
    }),
    (machine) => Effect.sync(() => machine.process.kill("SIGKILL"))
  )

if (postgres === undefined || redis === undefined)
  console.info(
    "The campaign of many machines is skipped: it needs SENDMUX_TEST_POSTGRES and SENDMUX_TEST_REDIS"
  )

describe.skipIf(postgres === undefined || redis === undefined)("the example campaign on two machines", () => {
  it.scopedLive(
    "sends each message once, although one machine is killed in the middle",
    () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.make()
        yield* sandbox.control.inject({ probability: 0.1, kind: { _tag: "ResponseLost" } })
        yield* sandbox.control.inject({ probability: 1, kind: { _tag: "Slow", millis: 300 } })
        const recipients = Effect.map(sandbox.control.outbox, (emails) =>
          emails.map(({ to }) => to[0]?.email)
        )
        const sending = `${yield* serve(sandbox)}/sending/api/v1`
        const options = { postgres: yield* makeDatabase, redis: redis ?? "", sending }
        const start = Effect.flatMap(unusedPort, (port) => startMachine({ ...options, port: String(port) }))
        const first = yield* start
        const second = yield* start
        while ((yield* recipients).length < all / 4) yield* Effect.sleep("5 millis")
        first.process.kill("SIGKILL")
        expect((yield* recipients).length).toBeLessThan(all)
        expect(yield* Effect.promise(() => second.output)).toContain("2000 queued, 0 rejected, 0 unconfirmed")
        expect(yield* Effect.promise(() => first.output)).not.toContain("queued")
        const arrived = yield* recipients
        expect(arrived.length).toBe(all)
        expect(new Set(arrived).size).toBe(all)
      }).pipe(Effect.provide(Logger.minimumLogLevel(LogLevel.None))),
    180_000
  )
})
