import { createHmac } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { verify } from "../../src/Webhooks.js"
import { median, table } from "./report.js"

const secret = "whsec_bench"
const body = JSON.stringify({ id: "evt_1", type: "sendmux.test", data: { filler: "x".repeat(1_000) } })
const right = createHmac("sha256", secret).update(body).digest("hex")

/** The right signature with one hex digit changed. */
const wrongAt = (index: number): string => {
  const other = right[index] === "0" ? "1" : "0"
  return `sha256=${right.slice(0, index)}${other}${right.slice(index + 1)}`
}

const contestants = [
  ["first byte", wrongAt(0)],
  ["middle byte", wrongAt(32)],
  ["last byte", wrongAt(63)]
] as const

/** Whether the time of a refusal tells where a forged signature begins to be wrong. */
export const mismatchTiming = async ({ quick }: { readonly quick: boolean }): Promise<void> => {
  const secrets = Redacted.make(secret)
  const timed = async (signature: string): Promise<number> => {
    const refused = Effect.flip(verify({ body, headers: { "X-Sendmux-Signature": signature }, secrets }))
    const from = process.hrtime.bigint()
    await Effect.runPromise(refused)
    return Number(process.hrtime.bigint() - from) / 1_000
  }
  const times = new Map<string, Array<number>>(contestants.map(([name]) => [name, []]))
  const rounds = quick ? 3_000 : 20_000
  for (let round = -500; round < rounds; round++) {
    // In another order each round, so that no place in it is an advantage.
    for (let turn = 0; turn < contestants.length; turn++) {
      const [name, signature] = contestants[(turn + Math.abs(round)) % contestants.length] ?? contestants[0]
      const micros = await timed(signature)
      if (round >= 0) times.get(name)?.push(micros)
    }
  }
  const medians = contestants.map(([name]) => [name, median(times.get(name) ?? [])] as const)
  const base = medians[0]?.[1] ?? Number.NaN
  console.log("Refusing a webhook's signature that is wrong in one place\n")
  console.log(
    table(
      ["", "median", "to the first byte"],
      medians.map(([name, micros]) => [name, `${micros.toFixed(1)} µs`, (micros / base).toFixed(3)])
    )
  )
}
