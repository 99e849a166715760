/**
 * `npm run ratelimit-proof`: the sustained rate and the refused requests of 1, 4 and 16 senders in one process, and of two
 * processes that share the limit through Redis.
 *
 *   --limit <requests>    requests in a window. Default: 300
 *   --window <seconds>    the length of a window. Default: 10
 *   --windows <count>     the number of windows to measure. Default: 4
 *   --redis <url>         a Redis server, also read from SENDMUX_TEST_REDIS. Without one, the last part is left out
 */
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import { redisOf } from "../redis.js"
import { prove } from "./prove.js"

const { values } = parseArgs({
  options: {
    limit: { type: "string", default: "300" },
    window: { type: "string", default: "10" },
    windows: { type: "string", default: "4" },
    redis: { type: "string" }
  }
})

const numberOf = (name: "limit" | "window" | "windows"): number => {
  const value = Number(values[name])
  if (!(Number.isInteger(value) && value > 0)) throw new Error(`--${name} must be a positive integer`)
  return value
}

const limit = numberOf("limit")
const seconds = numberOf("window")
const windows = numberOf("windows")
const redis = redisOf(values.redis ?? process.env["SENDMUX_TEST_REDIS"])

const cases = [
  { processes: 1, senders: 1 },
  { processes: 1, senders: 4 },
  { processes: 1, senders: 16 },
  ...(redis === undefined ? [] : [{ processes: 2, senders: 8 }])
]

console.log(`${limit} requests in ${seconds} s, ${windows} windows, over real sockets`)
let isProven = true
for (const { processes, senders } of cases) {
  const proof = await Effect.runPromise(
    prove({
      processes,
      senders,
      limit,
      windows,
      window: seconds * 1_000,
      redis: processes === 1 ? undefined : redis
    })
  )
  const holds = proof.rate >= 0.98 && proof.refusedShare < 0.001
  isProven &&= holds
  const who = `${processes} ${processes === 1 ? "process " : "processes over Redis"}, ${senders} senders each`
  console.log(
    `${who.padEnd(42)} ${(100 * proof.rate).toFixed(2)}% of the limit, ${proof.served} served, ${proof.refused} refused (${(1_000 * proof.refusedShare).toFixed(2)} in 1,000): ${holds ? "holds" : "FAILS"}`
  )
}
if (redis === undefined) {
  console.log(
    "2 processes over Redis: left out, because neither --redis nor SENDMUX_TEST_REDIS names a server"
  )
}
process.exitCode = isProven ? 0 : 1
