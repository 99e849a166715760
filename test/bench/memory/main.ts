/**
 * Measures memory: `npm run memory -- --requests 1000000`. See docs/reliability.md.
 */
import { parseArgs } from "node:util"
import { compile } from "../harness/build.js"
import { type HugeReport, runHugeResponses } from "./hugeResponses.js"
import { type LoadSample, runLoad } from "./sandboxLoad.js"

const usage = `Usage: npm run memory -- [--requests 100000] [--samples 10] [--max-emails 10000] [--only sandbox|responses]

  --requests  the number of requests to the served sandbox
  --samples   how often the memory of the sandbox is printed (default: each 100000 requests, and at least 10 times)
  --max-emails  the option of the sandbox; a smaller one fills its lists with fewer requests
  --only      one of the two parts`

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "100000" },
    samples: { type: "string" },
    "max-emails": { type: "string", default: "10000" },
    only: { type: "string" }
  }
})
const requests = Number(values.requests)
const samples = Number(values.samples ?? Math.max(10, Math.round(requests / 100_000)))
const maxEmails = Number(values["max-emails"])
if (
  !Number.isInteger(requests) ||
  !Number.isInteger(samples) ||
  !Number.isInteger(maxEmails) ||
  requests < samples ||
  samples < 1
) {
  console.error(usage)
  process.exit(2)
}

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`

const printSample = ({ alive, cpuSeconds, requests, rss, seconds }: LoadSample): void =>
  console.log(
    [
      `${requests} requests`.padStart(18),
      `alive ${mebibytes(alive)}`.padStart(17),
      `RSS ${mebibytes(rss)}`.padStart(16),
      `${Math.round(requests / seconds)} requests/s`.padStart(16),
      `${Math.round(requests / cpuSeconds)} per CPU second`.padStart(20)
    ].join("  ")
  )

/**
 * After this many requests, the lists of the sandbox are full, and their hash tables have grown to the size that they keep
 * while entries come and go.
 */
const filledAfter = 40 * maxEmails

const sandbox = async (): Promise<void> => {
  console.log("Requests to the served sandbox:")
  const taken = await runLoad({ requests, samples, maxEmails, onSample: printSample })
  const filled = taken.filter((sample) => sample.requests >= filledAfter)
  const half = Math.floor(filled.length / 2)
  if (half < 2) {
    console.log(`The lists of the sandbox are filled after ${filledAfter} requests. Send more to compare.`)
    return
  }
  const most = (part: ReadonlyArray<LoadSample>) => Math.max(...part.map(({ alive }) => alive))
  const growth = most(filled.slice(half)) - most(filled.slice(0, half))
  console.log(
    `The second half after ${filledAfter} requests has ${mebibytes(growth)} more alive than the first.`
  )
  if (growth > 8_388_608) process.exitCode = 1
}

const printHuge = ({ above, client, isWithin, outcome, title }: HugeReport): void => {
  if (!isWithin) process.exitCode = 1
  const memory = `${mebibytes(Math.max(0, above))} above the limit`.padStart(27)
  console.log([title.padEnd(38), client.padEnd(6), memory, isWithin ? " " : "!", outcome].join("  "))
}

const responses = async (): Promise<void> => {
  console.log("One huge response to a client, of which each may cost 64 MiB above its limit:")
  await runHugeResponses(printHuge)
}

await compile()
if (values.only !== "responses") await sandbox()
if (values.only !== "sandbox") await responses()
