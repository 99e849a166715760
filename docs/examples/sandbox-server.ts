/**
 * Serves a sandbox on loopback, for clients in any language: `npm run sandbox -- --port 4700`.
 */
import { createServer } from "node:http"
import { parseArgs } from "node:util"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { Sandbox } from "effect-sendmux"

const usage = `Usage: npm run sandbox -- [--port 4700] [--quiet]

  --port   the port on 127.0.0.1; 0 picks a free one (default 4700)
  --quiet  print no line for each request
  --help   this text`

const readOptions = (): { readonly port: number; readonly quiet: boolean } | undefined => {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: "4700" },
        quiet: { type: "boolean", default: false },
        help: { type: "boolean", default: false }
      }
    })
    const port = Number(values.port)
    return values.help || !Number.isInteger(port) || port < 0 || port > 65535
      ? undefined
      : { port, quiet: values.quiet }
  } catch {
    return undefined
  }
}

/** Prints the message of each log entry as one line on standard error. */
const lines = Logger.make(({ date, message }) => console.error(date.toISOString(), String(message)))

const logging = (quiet: boolean) =>
  Layer.merge(
    Logger.replace(Logger.defaultLogger, lines),
    Logger.minimumLogLevel(quiet ? LogLevel.Info : LogLevel.Debug)
  )

const listen = (port: number) =>
  Layer.unwrapScoped(
    Effect.map(Sandbox.make(), ({ httpApp }) =>
      Layer.effectDiscard(
        HttpServer.addressWith((address) =>
          Console.log(
            [
              `listening on http://127.0.0.1:${address._tag === "TcpAddress" ? address.port : port}`,
              "  Sending              /sending/api/v1",
              "  Mailbox, Management  /app/api/v1",
              "  control              /__sandbox",
              `  keys                 ${Redacted.value(Sandbox.mailboxKey)}, ${Redacted.value(Sandbox.rootKey)}`
            ].join("\n")
          )
        )
      ).pipe(
        Layer.provideMerge(HttpServer.serve(httpApp)),
        Layer.provide(NodeHttpServer.layer(createServer, { port, host: "127.0.0.1" }))
      )
    )
  )

const options = readOptions()
if (options === undefined) {
  console.error(usage)
  process.exitCode = 2
} else {
  NodeRuntime.runMain(Layer.launch(listen(options.port)).pipe(Effect.provide(logging(options.quiet))), {
    disablePrettyLogger: true
  })
}
