import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { toHandler } from "effect-sendmux/Webhooks"

export const receive = toHandler(
  {
    secrets: Redacted.make("whsec_example"),
    queue: {
      capacity: 500,
      concurrency: 8,
      drainTimeout: "20 seconds",
      onGiveUp: (event, reason) => Effect.logError(`put aside ${event.id}: ${reason}`)
    }
  },
  (event) => Effect.log(event.type)
)

// On SIGTERM: nothing more is accepted, and what was accepted is finished first.
export const stop = () => receive.dispose()

export {}
