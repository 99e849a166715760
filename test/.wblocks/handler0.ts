import * as HttpRouter from "@effect/platform/HttpRouter"
import { DedupeStore, httpApp } from "effect-sendmux/Webhooks"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const receive = httpApp({ secrets: Redacted.make("whsec_0123456789") }, (event) =>
  Effect.log(`${event.type} of ${event.team_public_id}`)
)

export const router = HttpRouter.empty.pipe(
  HttpRouter.post("/webhooks/sendmux", receive),
  Effect.provide(DedupeStore.layerMemory())
)

export {}
