import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { toHandler } from "effect-sendmux/Webhooks"

interface App {
  readonly post: (path: string, handler: (c: { readonly req: { readonly raw: Request } }) => Promise<Response>) => unknown
}

const receive = toHandler({ secrets: Redacted.make(process.env["SENDMUX_WEBHOOK_SECRET"] ?? "") }, (event) =>
  Effect.log(event.type)
)

export const register = (app: App) => app.post("/webhooks/sendmux", (c) => receive(c.req.raw))

export {}
