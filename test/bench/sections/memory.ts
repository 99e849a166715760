/**
 * Whether the memory stays flat in long streams.
 */
import type { MemoryRequest, MemoryResult } from "../children/memory.js"
import { megabyte } from "../fixtures.js"
import { runChild } from "../harness/child.js"
import { median, type Value, valueOf } from "../harness/stats.js"
import { megabytes, thousands } from "../report/format.js"
import type { Section } from "./section.js"

interface LongStream {
  readonly stream: MemoryRequest["stream"]
  readonly label: string
  readonly full: number
  readonly quick: number
  readonly amount: (units: number) => string
}

const streams: ReadonlyArray<LongStream> = [
  { stream: "messages", label: "messages.list", full: 100_000, quick: 4_000, amount: thousands },
  {
    stream: "download",
    label: "attachments.download",
    full: 1_000 * megabyte,
    quick: 32 * megabyte,
    amount: megabytes
  },
  { stream: "events", label: "events.stream", full: 100_000, quick: 2_000, amount: thousands }
]

/** The name of the fact that holds the growth of a stream, in bytes. */
export const growthFact = (stream: MemoryRequest["stream"]): string => `memory: growth of ${stream}`

/** The median of the last samples less that of the first ones. The very first comes before everything is compiled. */
const growthOf = ({ alive }: MemoryResult): number => median(alive.slice(-3)) - median(alive.slice(1, 4))

export const memory: Section = {
  name: "memory",
  title: "Memory in long streams",
  guide: `What is alive after a garbage collection, at ten points of one stream over undici. The growth is the median of the last
three points less the median of the second to the fourth. A stream is flat when it grows by less than 2 MB: a single
message that stays in memory would add more than 1 KB each.`,
  run: async ({ origin, quick }) => {
    const rows: Array<ReadonlyArray<string>> = []
    const facts: Record<string, Value> = {}
    for (const { amount, full, label, quick: few, stream } of streams) {
      const request: MemoryRequest = { stream, origin, units: quick ? few : full }
      const result = await runChild<MemoryResult>(
        "test/bench/children/memory.ts",
        request,
        `memory of ${label}`
      )
      const growth = growthOf(result)
      facts[growthFact(stream)] = valueOf([growth])
      const settled = result.alive.slice(1)
      rows.push([
        label,
        amount(result.units),
        megabytes(Math.min(...settled)),
        megabytes(Math.max(...settled)),
        megabytes(growth),
        megabytes(result.peak)
      ])
    }
    const header = ["", "read", "alive, least", "alive, most", "growth", "peak memory of the process"]
    return { tables: [{ header, rows }], facts }
  }
}
