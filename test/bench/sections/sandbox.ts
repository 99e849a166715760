/**
 * How many messages per second the served sandbox accepts, beside other servers for tests.
 */
import { Pool } from "undici"
import { findNode } from "../../../effect4/node.mjs"
import { type Shot, serveSandbox, shootAll } from "../harness/served.js"
import { type Value, valueOf } from "../harness/stats.js"
import { thousands } from "../report/format.js"
import { emulateVersion, startEmulate } from "../server/emulate.js"
import { roundsFor, type Section } from "./section.js"

const concurrency = 32

const html = `<p>${"Some text. ".repeat(20)}</p>`

const toSandbox = (index: number): Shot => ({
  method: "POST",
  path: "/sending/api/v1/emails/send",
  headers: { authorization: "Bearer smx_mbx_sandbox", "content-type": "application/json" },
  body: JSON.stringify({
    from: { email: "hello@example.com" },
    to: { email: "ada@example.com" },
    subject: `Message ${index}`,
    html_body: html
  }),
  status: 200
})

/** It accepts 5000 requests an hour for each key. */
const toEmulate = (index: number): Shot => ({
  method: "POST",
  path: "/emails",
  headers: {
    authorization: `Bearer re_bench_${Math.floor(index / 4000)}`,
    "content-type": "application/json"
  },
  body: JSON.stringify({
    from: "hello@example.com",
    to: "ada@example.com",
    subject: `Message ${index}`,
    html
  }),
  status: 200
})

interface Target {
  readonly name: string
  readonly shot: (index: number) => Shot
  readonly pool: Pool
  readonly close: () => void
  sent: number
}

const perSecond = async (target: Target, count: number): Promise<number> => {
  const end = target.sent + count
  const start = performance.now()
  await shootAll(target.pool, concurrency, () => (target.sent < end ? target.shot(target.sent++) : undefined))
  return (count * 1000) / (performance.now() - start)
}

const shown = ({ max, median, min }: Value): string =>
  `${thousands(median)} (${thousands(min)} to ${thousands(max)})`

/** Starts a server, or returns the reason why it cannot be measured. */
const attempt = async (start: () => Promise<Target>): Promise<Target | string> => {
  try {
    return await start()
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)
  }
}

export const sandbox: Section = {
  name: "sandbox",
  title: "Messages per second of the served sandbox",
  guide: `One message per request over ${concurrency} connections, to servers in processes of their own on the same Node. \`emulate\`
is version ${emulateVersion} of the package by Vercel Labs, with its API of Resend. It is stateful, and checks less of a
request. Mailpit is a program in Go, which receives messages over SMTP and stores them in SQLite. Its README states 200 to
300 messages per second "depending on CPU, network speed & email size" (July 2026); it was not measured here.`,
  run: async (options) => {
    const { rounds } = roundsFor(options, 5)
    const [warmup, count] = options.quick ? [500, 1000] : [10_000, 10_000]
    const node = findNode() ?? process.execPath
    const { close, origin } = await serveSandbox({}, node)
    const ours: Target = { name: "effect-sendmux", shot: toSandbox, pool: poolOf(origin), close, sent: 0 }
    const theirs = await attempt(async () => {
      const { close, origin } = await startEmulate(node)
      return { name: "emulate", shot: toEmulate, pool: poolOf(origin), close, sent: 0 }
    })
    const targets = typeof theirs === "string" ? [ours] : [ours, theirs]
    const rates = new Map<string, Array<number>>(targets.map(({ name }) => [name, []]))
    try {
      for (const target of targets) await perSecond(target, warmup)
      for (let round = 0; round < rounds; round++) {
        for (const target of targets) rates.get(target.name)?.push(await perSecond(target, count))
      }
    } finally {
      for (const { close, pool } of targets) {
        await pool.destroy()
        close()
      }
    }
    const measured = [...rates].map(([name, values]) => [name, valueOf(values)] as const)
    return {
      tables: [
        {
          header: ["", "messages per second"],
          rows: [
            ...measured.map(([name, value]) => [name, shown(value)]),
            ...(typeof theirs === "string" ? [["emulate", `not measured: ${theirs}`]] : []),
            ["Mailpit, as published", "200 to 300 over SMTP"]
          ]
        }
      ],
      facts: Object.fromEntries(measured.map(([name, value]) => [`sandbox: ${name}`, value])),
      note: `${rounds} rounds of ${thousands(count)} messages, in turns. The median, the lowest and the highest.`
    }
  }
}

const poolOf = (origin: string): Pool => new Pool(origin, { connections: concurrency })
