import { toHandler } from "effect-sendmux/Webhooks"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Hono } from "hono"
import { dedupeIn } from "./sqlite.js"

const receive = toHandler(
  {
    secrets: Redacted.make(process.env["SENDMUX_WEBHOOK_SECRET"] ?? ""),
    dedupe: dedupeIn("webhooks.sqlite")
  },
  (event) => Effect.log(event.type)
)

export const app = new Hono()

// Before any middleware that reads the body, because the signature covers the bytes.
app.post("/webhooks/sendmux", (context) => receive(context.req.raw))
