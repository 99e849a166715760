import { verify } from "effect-sendmux/Webhooks"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

export const receive = (request: Request) =>
  Effect.gen(function* () {
    const body = new Uint8Array(yield* Effect.promise(() => request.arrayBuffer()))
    const secrets = Redacted.make("whsec_0123456789")
    return yield* verify({ body, headers: request.headers, secrets })
  })

export {}
