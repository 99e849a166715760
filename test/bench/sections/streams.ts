/**
 * Sections for bytes, events and changes.
 */
import { changesPerResponse, fileBytes, megabyte } from "../fixtures.js"
import { thousands } from "../report/format.js"
import { timed } from "./timed.js"

const perSecond = (wallMicros: number): number => 1_000_000 / wallMicros

const throughput = {
  title: "MB per second",
  of: (wallMicros: number): string => thousands(perSecond(wallMicros) * (fileBytes / megabyte))
}

export const download = timed({
  name: "download",
  title: "Downloading a file",
  guide: `Files of 16 MB, eight at a time, whose bytes are counted and dropped.`,
  job: "download",
  unit: "file",
  clients: ["undici", "bare-undici", "sdk-undici", "fetch", "bare-fetch", "sdk-fetch"],
  pairs: [
    ["sdk-undici", "bare-undici"],
    ["sdk-fetch", "fetch"],
    ["sdk-fetch", "bare-fetch"]
  ],
  full: { warmup: 8, units: 24, rounds: 3 },
  quick: { warmup: 0, units: 8 },
  column: throughput,
  showPeak: true
})

export const upload = timed({
  name: "upload",
  title: "Uploading a file",
  guide: `The same 16 MB in memory, uploaded eight times at once.`,
  job: "upload",
  unit: "file",
  clients: ["undici", "bare-undici", "sdk-undici", "fetch", "bare-fetch", "sdk-fetch"],
  pairs: [
    ["sdk-undici", "bare-undici"],
    ["sdk-fetch", "fetch"],
    ["sdk-fetch", "bare-fetch"]
  ],
  full: { warmup: 8, units: 24, rounds: 3 },
  quick: { warmup: 0, units: 8 },
  column: throughput,
  showPeak: true
})

/** The fact with the throughput of `events.stream`. */
export const eventsPerSecond = "events per second over undici"

export const events = timed({
  name: "events",
  title: "Streaming events",
  guide: `Events of 1 KB each from a server that sends as fast as the client reads. By hand they are parsed with
\`eventsource-parser\` and \`JSON.parse\`. The SDK also decodes them, skips repeated ids, and watches for silence.`,
  job: "events",
  unit: "event",
  clients: ["undici", "sdk-undici", "fetch", "sdk-fetch"],
  pairs: [["sdk-fetch", "fetch"]],
  full: { warmup: 20_000, units: 100_000, rounds: 3 },
  quick: { warmup: 1_000, units: 4_000 },
  column: { title: "events per second", of: (wall) => thousands(perSecond(wall)) },
  fact: { name: eventsPerSecond, client: "sdk-undici", of: perSecond },
  showPeak: true
})

export const sync = timed({
  name: "sync",
  title: "Following changes",
  guide: `\`sync.follow\` catching up with created messages: one request for ${changesPerResponse} changes and then five that read 100
messages each. By hand the same requests are made and parsed with \`JSON.parse\`.`,
  job: "sync",
  unit: "change",
  clients: ["undici", "sdk-undici", "fetch", "sdk-fetch"],
  pairs: [["sdk-fetch", "fetch"]],
  full: { warmup: 40_000, units: 40_000, rounds: 3 },
  quick: { warmup: 1_000, units: 2_000 },
  column: { title: "changes per second", of: (wall) => thousands(perSecond(wall)) }
})
