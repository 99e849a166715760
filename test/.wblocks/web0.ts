import { toHandler } from "effect-sendmux/Webhooks"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

export const POST = toHandler({ secrets: Redacted.make("whsec_0123456789") }, (event) =>
  Effect.log(`${event.type} of ${event.team_public_id}`)
)

export {}
