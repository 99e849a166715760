// app/webhooks/sendmux/route.ts
import { toHandler } from "effect-sendmux/Webhooks"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { dedupeIn } from "./sqlite.js"

// SQLite needs Node, and not the edge runtime.
export const runtime = "nodejs"

export const POST = toHandler(
  {
    secrets: Redacted.make(process.env["SENDMUX_WEBHOOK_SECRET"] ?? ""),
    dedupe: dedupeIn("webhooks.sqlite")
  },
  (event) => Effect.log(event.type)
)
