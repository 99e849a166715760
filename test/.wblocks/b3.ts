import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { toHandler } from "effect-sendmux/Webhooks"

export const POST = toHandler(
  { secrets: Redacted.make(process.env["SENDMUX_WEBHOOK_SECRET"] ?? "") },
  (event) => Effect.log(event.type)
)

export {}
