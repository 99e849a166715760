/**
 * Whether the time to reject an invalid signature depends on where it differs from the valid one.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { sign, verify } from "../../../src/Webhooks.js"
import { median } from "../harness/stats.js"
import { micros } from "../report/format.js"
import type { Section } from "./section.js"

const secret = Redacted.make("whsec_bench_0123456789")

const body = JSON.stringify({
  id: "evt_bench",
  type: "sendmux.test",
  occurred_at: "2026-08-01T10:00:00.000Z",
  team_public_id: "team_bench",
  data: { recipients: [] }
})

/** The same signature with another hex digit at one place after the prefix. */
const flipped = (signature: string, at: (length: number) => number): string => {
  const start = signature.indexOf("=") + 1
  const place = start + at(signature.length - start)
  const digit = signature[place] === "0" ? "1" : "0"
  return signature.slice(0, place) + digit + signature.slice(place + 1)
}

/** Fails unless the signature is rejected as an invalid one. */
const rejection = (headers: Readonly<Record<string, string>>, signature: string) =>
  Effect.map(
    Effect.flip(
      verify({ body, headers: { ...headers, "x-sendmux-signature-v2": signature }, secrets: secret })
    ),
    ({ reason }) => {
      if (reason !== "BadSignature") throw new Error(`rejected for another reason: ${reason}`)
    }
  )

const time = async (call: Effect.Effect<void, unknown>): Promise<number> => {
  const start = performance.now()
  await Effect.runPromise(call)
  return (performance.now() - start) * 1000
}

export const webhook: Section = {
  name: "webhook",
  title: "Rejecting an invalid webhook signature",
  guide: `The time to reject a signature that differs from the valid one at its first byte, and at its last byte, call by call in
turns. With a ratio of 1, nobody can guess a signature byte by byte.`,
  run: async ({ quick }) => {
    const headers = await Effect.runPromise(sign({ body, secret }))
    const valid = headers["x-sendmux-signature-v2"]
    const first = rejection(
      headers,
      flipped(valid, () => 0)
    )
    const last = rejection(
      headers,
      flipped(valid, (length) => length - 1)
    )
    const early: Array<number> = []
    const late: Array<number> = []
    const pairs = quick ? 500 : 20_000
    for (let pair = -pairs / 10; pair < pairs; pair++) {
      // The two take turns, so that a busy moment affects both. The first pairs are the warm-up.
      const lastGoesFirst = pair % 2 === 0
      const one = await time(lastGoesFirst ? last : first)
      const other = await time(lastGoesFirst ? first : last)
      if (pair < 0) continue
      early.push(lastGoesFirst ? other : one)
      late.push(lastGoesFirst ? one : other)
    }
    const rows = [
      ["the first byte", micros(median(early)), "1"],
      ["the last byte", micros(median(late)), (median(late) / median(early)).toFixed(3)]
    ]
    return { tables: [{ header: ["differs at", "median time", "ratio"], rows }], facts: {} }
  }
}
