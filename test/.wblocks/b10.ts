import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { toHandler } from "effect-sendmux/Webhooks"

class Orders extends Context.Tag("Orders")<Orders, { readonly hold: (id: string) => Effect.Effect<void> }>() {}

const layer = Layer.succeed(Orders, { hold: (id) => Effect.log(`held back for ${id}`) })

export const receive = toHandler({ secrets: Redacted.make("whsec_example"), layer }, (event) =>
  event.type === "message.bounced"
    ? Effect.flatMap(Orders, (orders) => orders.hold(event.data.sendmux_message_id ?? event.id))
    : Effect.void
)

export {}
