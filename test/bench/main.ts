/**
 * `npm run bench`: what the SDK costs. See `docs/benchmarks.md`.
 */
import { bundle } from "./bundle.js"
import { byHand, type Field, pageField, pairs, sendField } from "./contestants.js"
import { compare } from "./cpu.js"
import { withServer } from "./loopback.js"
import { memory } from "./memory.js"
import { percent, table } from "./report.js"
import { types } from "./types.js"
import { webhook } from "./webhook.js"

interface Options {
  readonly quick: boolean
}

const cpu =
  (title: string, makeField: (origin: string) => Promise<Field>, calls: number) =>
  ({ quick }: Options): Promise<void> =>
    withServer(async (origin) => {
      const { close, contestants } = await makeField(origin)
      const results = await compare(contestants, { calls, rounds: quick ? 3 : 7 })
      await close()
      console.log(`${title}\n`)
      console.log(
        table(
          ["", "CPU per call", `to ${byHand}`],
          results.map(({ micros, name, ratioTo }) => [
            name,
            `${micros.toFixed(0)} µs`,
            ratioTo(byHand).toFixed(2)
          ])
        )
      )
      const result = (name: string) => results.find((one) => one.name === name)
      for (const { bare, careful, sdk, transport } of pairs) {
        const own = result(sdk)
        if (own === undefined) continue
        console.log(
          `\n  The SDK over Effect's client on ${transport}: ${percent(own.ratioTo(careful))} to the careful one, ` +
            `${percent(own.ratioTo(bare))} to the bare one (budget +15%)`
        )
      }
    })

const sections: Readonly<Record<string, (options: Options) => Promise<void>>> = {
  send: cpu("CPU per send", sendField, 1000),
  page: cpu("CPU per page of 100 log entries, decoded", pageField, 200),
  bundle,
  memory,
  webhook,
  types
}

const args = process.argv.slice(2)
const onlyAt = args.indexOf("--only")
const only = onlyAt < 0 ? undefined : args[onlyAt + 1]
const chosen = Object.entries(sections).filter(([name]) => only === undefined || name === only)
if (chosen.length === 0) {
  console.error(`There is no ${only}: give --only one of ${Object.keys(sections).join(", ")}`)
  process.exitCode = 2
}
for (const [, run] of chosen) {
  await run({ quick: args.includes("--quick") })
  console.log("")
}
