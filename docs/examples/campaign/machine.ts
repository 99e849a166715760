/**
 * One of the machines that send a campaign together. Start it on each of them with the same database, Redis and API:
 *
 *     npm run campaign:machine -- --postgres URL --redis URL --sending URL --host 10.0.0.5 --port 4711
 *
 * Any of them can be ended at any time: the others continue its parts.
 */
import { parseArgs } from "node:util"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { Sandbox, Sending } from "effect-sendmux"
import * as RateLimitRedis from "effect-sendmux/RateLimitRedis"
import { audience, parts } from "./audience.js"
import { manyMachines } from "./engine.js"
import { sendCampaign } from "./workflow.js"

const { values } = parseArgs({
  options: {
    postgres: { type: "string", default: "postgresql://localhost/campaign" },
    redis: { type: "string", default: "redis://localhost:6379" },
    sending: { type: "string", default: "http://127.0.0.1:4700/sending/api/v1" },
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "4711" }
  }
})

const redis = new URL(values.redis)

/** The machines share the rate limit of the key through Redis. */
const sending = Sending.layer({ apiKey: Sandbox.mailboxKey, baseUrl: values.sending }).pipe(
  Layer.provide(RateLimitRedis.layer({ redis: { host: redis.hostname, port: Number(redis.port || 6379) } })),
  Layer.provide(NodeHttpClient.layerUndici)
)

const engine = manyMachines({
  database: Redacted.make(values.postgres),
  host: values.host,
  port: Number(values.port)
}).pipe(Layer.provide(audience), Layer.provide(sending))

const program = Effect.gen(function* () {
  console.log(`the machine listens on ${values.host}:${values.port}`)
  const counts = yield* sendCampaign("news-2026-11", parts)
  console.log(`${counts.queued} queued, ${counts.rejected} rejected, ${counts.unconfirmed} unconfirmed`)
})

NodeRuntime.runMain(
  program.pipe(Effect.provide(engine), Effect.provide(Logger.minimumLogLevel(LogLevel.Error)))
)
