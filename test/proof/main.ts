/**
 * `npm run bulk-proof`: sends messages over a sandbox with faults, kills the senders, and prints what arrived.
 */
import { parseArgs } from "node:util"
import { measureMemory } from "./memory.js"
import { prove } from "./proof.js"

const usage = `Usage: npm run bulk-proof -- [options]

  --messages N   how many messages to send (default 10000)
  --kills K      how many times a sender is ended with SIGKILL (default 0)
  --runners R    how many senders share the campaign (default 1)
  --outbox       send one by one through the outbox
  --limit L      the rate limit in requests per minute (default: the requests without faults, with --outbox no limit)
  --postgres URL keep the ledger in PostgreSQL instead of SQLite
  --lifetime MS  the longest time that a sender lives before it is killed (default 1500)
  --seed S       the seed of the random moments (default 1)
  --memory       measure the memory of a run with a client that responds at once, instead of the proof`

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    kills: { type: "string", default: "0" },
    runners: { type: "string", default: "1" },
    outbox: { type: "boolean", default: false },
    limit: { type: "string" },
    postgres: { type: "string" },
    lifetime: { type: "string", default: "1500" },
    seed: { type: "string", default: "1" },
    memory: { type: "boolean", default: false },
    help: { type: "boolean", default: false }
  }
})

const integer = (name: string, text: string, least: number): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least) {
    console.error(`--${name} must be an integer of at least ${least}\n\n${usage}`)
    process.exit(2)
  }
  return value
}

const messages = integer("messages", values.messages, 1)

if (values.help) {
  console.log(usage)
} else if (values.memory) {
  await measureMemory(messages, console.log)
} else {
  const requests = Math.ceil(messages / 100)
  const figures = await prove({
    messages,
    kills: integer("kills", values.kills, 0),
    runners: integer("runners", values.runners, 1),
    outbox: values.outbox,
    limit:
      values.limit === undefined ? (values.outbox ? 1_000_000 : requests) : integer("limit", values.limit, 1),
    postgres: values.postgres,
    lifetime: integer("lifetime", values.lifetime, 1),
    seed: integer("seed", values.seed, 0),
    log: (line) => console.error(line)
  })
  console.log(JSON.stringify(figures, undefined, 2))
  const exact = figures.missing === 0 && figures.duplicates === 0 && figures.arrived === messages
  console.log(exact ? "Each message arrived exactly once." : "Messages are missing or arrived twice.")
  process.exitCode = exact ? 0 : 1
}
