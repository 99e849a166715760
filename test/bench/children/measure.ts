/**
 * Measures one client in one workload: processor time and wall time per unit, and the peak of the memory.
 */
import { writeFileSync } from "node:fs"
import { Session } from "node:inspector/promises"
import { type ClientName, clients } from "../clients/index.js"
import { report, request } from "../harness/child.js"
import type { JobName } from "../harness/job.js"

export interface MeasureRequest {
  readonly client: ClientName
  readonly job: JobName
  readonly origin: string
  /** Units before the measurement. */
  readonly warmup: number
  /** Units that are measured. */
  readonly units: number
  /** Where to write a CPU profile of the measured units. */
  readonly profile?: string | undefined
}

export interface Sample {
  /** Microseconds of user and system time of the process per unit, garbage collection and compilation included. */
  readonly cpu: number
  /** Microseconds per unit. */
  readonly wall: number
  /** The highest resident memory of the process, in bytes. */
  readonly peak: number
}

const profiled = async (file: string, run: () => Promise<void>): Promise<void> => {
  const session = new Session()
  session.connect()
  await session.post("Profiler.enable")
  await session.post("Profiler.setSamplingInterval", { interval: 100 })
  await session.post("Profiler.start")
  await run()
  const { profile } = await session.post("Profiler.stop")
  writeFileSync(file, JSON.stringify(profile))
}

const measure = async (): Promise<Sample> => {
  const { client, job: name, origin, profile, units, warmup } = request<MeasureRequest>()
  const make = (await clients[client].load())[name]
  if (make === undefined) throw new Error(`${client} has no job ${name}`)
  const job = await make(origin)
  await job.check()
  if (warmup > 0) await job.run(warmup)
  globalThis.gc?.()
  const start = performance.now()
  const before = process.cpuUsage()
  if (profile === undefined) await job.run(units)
  else await profiled(profile, () => job.run(units))
  const { system, user } = process.cpuUsage(before)
  const wall = (performance.now() - start) * 1000
  await job.close()
  return { cpu: (system + user) / units, wall: wall / units, peak: process.resourceUsage().maxRSS * 1024 }
}

report(await measure())
