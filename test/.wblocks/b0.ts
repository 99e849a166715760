import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { sign, toHandler } from "effect-sendmux/Webhooks"

const secret = Redacted.make(process.env["SENDMUX_WEBHOOK_SECRET"] ?? "whsec_example")

export const receive = toHandler({ secrets: secret }, (event) =>
  Effect.sync(() => console.log(`${event.type} for ${event.team_public_id}`))
)

// What Sendmux would send: sign makes the headers of a delivery, for tests.
const body = JSON.stringify({
  id: "evt_1",
  type: "sendmux.test",
  team_public_id: "team_1",
  occurred_at: "2026-05-21T09:12:00Z",
  data: { recipients: [], webhook_id: "whk_1" }
})
const headers = await Effect.runPromise(sign({ body, secret }))
const deliver = () => receive(new Request("https://example.com/hook", { method: "POST", body, headers }))

console.log((await deliver()).status, (await deliver()).status)
await receive.dispose()

export {}
