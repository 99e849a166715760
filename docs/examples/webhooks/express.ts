import { toHandler } from "effect-sendmux/Webhooks"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import express from "express"
import { dedupeIn } from "./sqlite.js"

const receive = toHandler(
  {
    secrets: Redacted.make(process.env["SENDMUX_WEBHOOK_SECRET"] ?? ""),
    dedupe: dedupeIn("webhooks.sqlite")
  },
  (event) => Effect.log(event.type)
)

export const app = express()

// Before express.json(), because the signature covers the bytes.
app.post("/webhooks/sendmux", express.raw({ type: "*/*", limit: "1mb" }), async (request, response) => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith("x-sendmux-") && value !== undefined) headers.set(name, String(value))
  }
  const body: unknown = request.body
  const bytes = Buffer.isBuffer(body) ? new Uint8Array(body) : new Uint8Array()
  const reply = await receive(new Request("http://localhost/", { method: "POST", headers, body: bytes }))
  response.status(reply.status).send(await reply.text())
})
