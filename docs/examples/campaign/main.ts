/**
 * Sends a campaign to 2,000 recipients in 4 parts, against a sandbox in this process: `npm run campaign`.
 *
 * With `--file campaign.sqlite` it continues a campaign that was ended before. The sandbox is new in each run.
 */
import { parseArgs } from "node:util"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { Sandbox, Sending } from "effect-sendmux"
import { audience, parts } from "./audience.js"
import { oneMachine } from "./engine.js"
import { sendCampaign } from "./workflow.js"

const { values } = parseArgs({ options: { file: { type: "string", default: ":memory:" } } })

const engine = oneMachine(values.file).pipe(
  Layer.provide(audience),
  Layer.provide(Sending.layer({ apiKey: Sandbox.mailboxKey })),
  Layer.provide(Sandbox.layer)
)

const program = Effect.gen(function* () {
  const { queued, rejected, unconfirmed } = yield* sendCampaign("news-2026-11", parts)
  console.log(`${queued} queued, ${rejected} rejected, ${unconfirmed} unconfirmed`)
})

NodeRuntime.runMain(
  program.pipe(Effect.provide(engine), Effect.provide(Logger.minimumLogLevel(LogLevel.Error)))
)
