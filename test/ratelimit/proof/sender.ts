/**
 * A process that sends as fast as the limit allows, until its parent ends it. Started by `prove`.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RateLimit from "../../../src/RateLimit.js"
import { mailboxKey } from "../../../src/Sandbox.js"
import { Sending } from "../../../src/Sending.js"
import { quiet } from "../../support/dialect/telemetry.js"

/** What a sender is told on its command line, as JSON. */
export interface SenderSettings {
  readonly url: string
  readonly senders: number
  /** The length of a window of the server in milliseconds. */
  readonly window: number
  readonly redis: { readonly host: string; readonly port: number; readonly prefix: string } | undefined
}

const main = async ({ redis, senders, url, window }: SenderSettings): Promise<void> => {
  const limiter =
    redis === undefined
      ? RateLimit.layerMemory({ window })
      : (await import("../../../src/RateLimitRedis.js")).layer({ window, redis, prefix: redis.prefix })
  const layer = Sending.layer({ apiKey: mailboxKey, baseUrl: `${url}/sending/api/v1` }).pipe(
    Layer.provide(limiter),
    Layer.provide(NodeHttpClient.layerUndici)
  )
  const program = Effect.gen(function* () {
    const sending = yield* Sending
    const email = {
      from: { email: "shop@example.com" },
      to: { email: "ada@example.org" },
      subject: "Hello",
      html_body: "<p>Hello</p>"
    }
    const send = sending.emails.send(email, { headers: { "x-process": String(process.pid) } })
    const all = Array.from({ length: senders }, () => Effect.forever(send))
    yield* Effect.all(all, { concurrency: "unbounded", discard: true })
  })
  await Effect.runPromise(Effect.provide(program, Layer.merge(layer, quiet)))
}

await main(JSON.parse(process.argv[2] ?? "{}"))
