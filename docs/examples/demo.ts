/**
 * A demonstration of the main features, which runs against a sandbox in this process: `npm run demo`.
 *
 * `npm run demo -- --live` runs the sending scenes against the real API. It requires the environment variables
 * SENDMUX_MAILBOX_API_KEY, SENDMUX_FROM and SENDMUX_TO.
 */
import { parseArgs } from "node:util"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { all, redacted, string } from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Mailbox, Management, Sandbox, Sending } from "effect-sendmux"
import { SendingFiles } from "effect-sendmux/SendingFiles"
import { mailboxScenes } from "./demo/mailbox.js"
import { managementScenes } from "./demo/management.js"
import { Addresses, liveScenes, sandboxScenes } from "./demo/sending.js"
import { say } from "./demo/stage.js"

const sandbox = Effect.gen(function* () {
  yield* say("This demo runs against a sandbox in this process. It needs no key and sends no real email.")
  yield* liveScenes
  yield* sandboxScenes
  yield* managementScenes
  yield* mailboxScenes
}).pipe(
  Effect.provide(
    SendingFiles.layer.pipe(
      Layer.provideMerge(Sending.layer({ apiKey: Sandbox.mailboxKey })),
      Layer.provideMerge(Management.layer({ apiKey: Sandbox.rootKey })),
      Layer.provideMerge(Mailbox.layer({ apiKey: Sandbox.mailboxKey })),
      Layer.provideMerge(Sandbox.layer),
      Layer.provideMerge(NodeContext.layer),
      Layer.merge(Layer.succeed(Addresses, { from: "hello@example.com", to: "ada@example.org" }))
    )
  )
)

const live = liveScenes.pipe(
  Effect.provide(
    SendingFiles.layer.pipe(
      Layer.provideMerge(Sending.layerConfig({ apiKey: redacted("SENDMUX_MAILBOX_API_KEY") })),
      Layer.provideMerge(NodeHttpClient.layerUndici),
      Layer.provideMerge(NodeContext.layer),
      Layer.merge(Layer.effect(Addresses, all({ from: string("SENDMUX_FROM"), to: string("SENDMUX_TO") })))
    )
  )
)

const { values } = parseArgs({ options: { live: { type: "boolean", default: false } } })

if (values.live) NodeRuntime.runMain(live)
else NodeRuntime.runMain(sandbox)
