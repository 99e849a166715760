/**
 * The goals, and whether the measured values meet them.
 */
import { megabyte } from "../fixtures.js"
import type { Value } from "../harness/stats.js"
import { bundleFact } from "../sections/bundle.js"
import { decodeFact } from "../sections/decode.js"
import { growthFact } from "../sections/memory.js"
import type { Table } from "../sections/section.js"
import { eventsPerSecond } from "../sections/streams.js"
import { ratioFact } from "../sections/timed.js"
import { kilobytes, megabytes, ratio, thousands } from "./format.js"

interface Goal {
  readonly text: string
  readonly fact: string
  readonly limit: number
  /** Whether the limit is the least or the most. Default: `most`. */
  readonly kind?: "least" | "most"
  readonly show: (value: Value) => string
  /** Whether a quick run measures it as well as a complete one does. */
  readonly exact?: boolean
}

const ratioGoal = (text: string, fact: string, limit: number): Goal => ({ text, fact, limit, show: ratio })

const bundleGoal = (surface: string, kilobytesAtMost: number): Goal => ({
  text: `${surface} over the floor, gzip`,
  fact: bundleFact(`effect-sendmux/${surface}`),
  limit: kilobytesAtMost * 1024,
  show: ({ median }) => kilobytes(median),
  exact: true
})

const memoryGoal = (text: string, stream: Parameters<typeof growthFact>[0]): Goal => ({
  text,
  fact: growthFact(stream),
  limit: 2 * megabyte,
  show: ({ median }) => megabytes(median)
})

const goals: ReadonlyArray<Goal> = [
  ratioGoal("send over undici, to `resend`", ratioFact("send", "sdk-undici", "resend"), 0.7),
  ratioGoal("send over undici, to Effect's bare client", ratioFact("send", "sdk-undici", "bare-undici"), 1),
  ratioGoal("send over fetch, to Effect's bare client", ratioFact("send", "sdk-fetch", "bare-fetch"), 1),
  ratioGoal(
    "cold start over undici, to Effect's bare client",
    ratioFact("cold", "sdk-undici", "bare-undici"),
    1.1
  ),
  ratioGoal(
    "page of 100 messages over fetch, to `fetch` and `JSON.parse`",
    ratioFact("messages", "sdk-fetch", "fetch"),
    2.1
  ),
  ratioGoal(
    "page of 100 messages over undici, to `fetch` and `JSON.parse`",
    ratioFact("messages", "sdk-undici", "fetch"),
    1.6
  ),
  ratioGoal(
    "page of 100 log entries over fetch, to `fetch` and `JSON.parse`",
    ratioFact("logs", "sdk-fetch", "fetch"),
    2.1
  ),
  ratioGoal(
    "page of 100 log entries over undici, to `fetch` and `JSON.parse`",
    ratioFact("logs", "sdk-undici", "fetch"),
    1.6
  ),
  ratioGoal("decoding alone, to a decoder by hand", decodeFact, 1.4),
  {
    text: "events per second through `events.stream`",
    fact: eventsPerSecond,
    limit: 100_000,
    kind: "least",
    show: ({ median }) => thousands(median)
  },
  bundleGoal("Sending", 15),
  bundleGoal("Management", 22),
  bundleGoal("Mailbox", 28),
  memoryGoal("growth in a stream of 100,000 messages", "messages"),
  memoryGoal("growth in a download of 1 GB", "download"),
  memoryGoal("growth in a stream of 100,000 events", "events")
]

/** A row for each goal whose value was measured. A quick run judges only values that do not depend on time. */
export const goalsTable = (facts: Readonly<Record<string, Value>>, quick: boolean): Table => ({
  header: ["goal", "limit", "measured", ""],
  rows: goals.flatMap(({ exact = false, fact, kind = "most", limit, show, text }) => {
    const value = facts[fact]
    if (value === undefined) return []
    const met = kind === "most" ? value.median <= limit : value.median >= limit
    const bound = show({ median: limit, min: limit, max: limit })
    return [
      [text, `at ${kind} ${bound}`, show(value), quick && !exact ? "not judged" : met ? "met" : "missed"]
    ]
  })
})
