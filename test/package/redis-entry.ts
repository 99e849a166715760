/** Imports the entry that needs optional peers. The layer builds although no Redis server is there. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RateLimitRedis from "effect-sendmux/RateLimitRedis"
import * as Sandbox from "effect-sendmux/Sandbox"
import { Sending } from "effect-sendmux/Sending"

// The client of Redis prints failed connections.
console.error = () => undefined

const layer = Sending.layer({ apiKey: Sandbox.mailboxKey }).pipe(
  Layer.provide(RateLimitRedis.layer({ redis: { host: "127.0.0.1", port: 1 } })),
  Layer.provide(Sandbox.layer)
)

const program = Effect.flatMap(Sending, (sending) => sending.connection.get())

console.log((await Effect.runPromise(Effect.provide(program, layer))).label)
