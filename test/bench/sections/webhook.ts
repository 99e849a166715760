/**
 * Whether the time a bad signature takes tells where it differs from the good one.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { sign, verify } from "../../src/Webhooks.js"
import { median, table } from "./report.js"

const secret = Redacted.make("whsec_bench_0123456789")

const body = JSON.stringify({
  id: "evt_bench",
  type: "sendmux.test",
  occurred_at: "2026-08-01T10:00:00.000Z",
  team_public_id: "team_bench",
  data: { recipients: [] }
})

/** The same text with another hex digit at a place counted from the end of the prefix. */
const flipped = (signature: string, at: (length: number) => number): string => {
  const start = signature.indexOf("=") + 1
  const place = start + at(signature.length - start)
  const digit = signature[place] === "0" ? "1" : "0"
  return signature.slice(0, place) + digit + signature.slice(place + 1)
}

export const webhook = async ({ quick }: { readonly quick: boolean }): Promise<void> => {
  const headers = await Effect.runPromise(sign({ body, secret }))
  const refusal = (signature: string) => {
    const call = Effect.flip(
      verify({ body, headers: { ...headers, "x-sendmux-signature-v2": signature }, secrets: secret })
    )
    return Effect.map(call, ({ reason }) => {
      if (reason !== "BadSignature") throw new Error(`refused for another reason: ${reason}`)
    })
  }
  const good = headers["x-sendmux-signature-v2"]
  const first = refusal(flipped(good, () => 0))
  const last = refusal(flipped(good, (length) => length - 1))
  const time = async (call: Effect.Effect<void, unknown>): Promise<number> => {
    const start = performance.now()
    await Effect.runPromise(call)
    return (performance.now() - start) * 1000
  }
  const pairs = quick ? 4_000 : 20_000
  const early: Array<number> = []
  const late: Array<number> = []
  for (let pair = -1_000; pair < pairs; pair++) {
    // Call by call and taking turns, so that a busy moment meets both alike; the first thousand warm up.
    const lastGoesFirst = pair % 2 === 0
    const one = await time(lastGoesFirst ? last : first)
    const other = await time(lastGoesFirst ? first : last)
    if (pair < 0) continue
    early.push(lastGoesFirst ? other : one)
    late.push(lastGoesFirst ? one : other)
  }
  const ratio = median(late) / median(early)
  console.log("Refusing a bad webhook signature\n")
  console.log(
    table(
      ["wrong at", "time per refusal"],
      [
        ["the first byte", `${median(early).toFixed(1)} µs`],
        ["the last byte", `${median(late).toFixed(1)} µs`]
      ]
    )
  )
  console.log(`\n  Last to first: ${ratio.toFixed(3)} (1 says that the time tells nothing)`)
}
