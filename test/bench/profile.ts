/**
 * `npm run bench:profile -- <section> <client> [units]`: the functions with the most self time in the steady state.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import type { MeasureRequest, Sample } from "./children/measure.js"
import { type ClientName, clients } from "./clients/index.js"
import { compile, compiled } from "./harness/build.js"
import { runChild } from "./harness/child.js"
import type { JobName } from "./harness/job.js"
import { withServer } from "./harness/loopback.js"
import { tableText } from "./report/terminal.js"

interface Profile {
  readonly nodes: ReadonlyArray<{
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }>
  readonly samples: ReadonlyArray<number>
  readonly timeDeltas: ReadonlyArray<number>
}

/** Microseconds of self time by the given property of a function, the highest first. */
const selfTimes = (
  { nodes, samples, timeDeltas }: Profile,
  keyOf: (frame: Profile["nodes"][number]["callFrame"]) => string
): ReadonlyArray<readonly [key: string, micros: number]> => {
  const keys = new Map(nodes.map(({ callFrame, id }) => [id, keyOf(callFrame)]))
  const times = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const key = keys.get(id) ?? ""
    times.set(key, (times.get(key) ?? 0) + (timeDeltas[index] ?? 0))
  }
  times.delete("(idle)")
  return [...times].sort(([, a], [, b]) => b - a)
}

const output = compiled("")

const fileOf = (url: string): string => {
  if (!url.startsWith("file:")) return url
  const path = fileURLToPath(url)
  const packaged = path.split("node_modules/").at(-1) ?? path
  return path.startsWith(output) ? relative(output, path) : packaged
}

const jobs: Readonly<Record<string, JobName>> = {
  cold: "send",
  "mock-send": "send",
  "mock-messages": "messages"
}

const top = 25

const show = (title: string, times: ReturnType<typeof selfTimes>, units: number): void => {
  const total = times.reduce((sum, [, time]) => sum + time, 0)
  const rows = times
    .slice(0, top)
    .map(([key, time]) => [key, (time / units).toFixed(1), `${((100 * time) / total).toFixed(1)}%`])
  console.log(`${tableText({ title, header: ["", "µs per unit", "share"], rows })}\n`)
}

const [section, client, units = "20000"] = process.argv.slice(2)
const isClient = (name: string): name is ClientName => name in clients
if (section === undefined || client === undefined || !isClient(client)) {
  throw new Error(`usage: <section> <client> [units]. The clients are: ${Object.keys(clients).join(", ")}`)
}
const folder = mkdtempSync(join(tmpdir(), "effect-sendmux-profile-"))
try {
  await compile()
  await withServer(async (origin) => {
    const request: MeasureRequest = {
      client,
      job: jobs[section] ?? (section as JobName),
      origin,
      warmup: section === "cold" ? 300 : Math.ceil(Number(units) / 4),
      units: Number(units),
      profile: join(folder, "profile.cpuprofile")
    }
    const { cpu } = await runChild<Sample>("test/bench/children/measure.ts", request, `profile of ${client}`)
    const profile: Profile = JSON.parse(readFileSync(join(folder, "profile.cpuprofile"), "utf8"))
    console.log(`${clients[client].label}: ${cpu.toFixed(1)} µs of processor time per unit\n`)
    const named = selfTimes(
      profile,
      ({ functionName, lineNumber, url }) =>
        `${functionName || "(anonymous)"} ${url === "" ? "" : `${fileOf(url)}:${lineNumber + 1}`}`
    )
    show("By function", named, request.units)
    show(
      "By file",
      selfTimes(profile, ({ functionName, url }) => fileOf(url) || functionName),
      request.units
    )
  })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
