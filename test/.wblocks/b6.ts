import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { verify } from "effect-sendmux/Webhooks"

const secrets = Redacted.make("whsec_example")

const program = verify({ body: "{}", headers: { "X-Sendmux-Signature": "sha256=00" }, secrets }).pipe(
  Effect.map((event) => event.type),
  Effect.catchTag("WebhookVerificationError", (error) => Effect.succeed(`refused: ${error.reason}`))
)

console.log(await Effect.runPromise(program))

export {}
