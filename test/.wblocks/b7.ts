import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { toHandler } from "effect-sendmux/Webhooks"

const readSecrets = Effect.sync(() => [Redacted.make("whsec_new"), Redacted.make("whsec_old")])

export const receive = Effect.runSync(
  Effect.map(Effect.cachedWithTTL(readSecrets, "1 minute"), (secrets) =>
    toHandler({ secrets }, (event) => Effect.log(event.type))
  )
)

export {}
