/**
 * Measures how long modules take to load in a fresh process.
 */
import { report, request } from "../harness/child.js"

export interface ImportResult {
  /** Microseconds of processor time. */
  readonly cpu: number
  /** Microseconds. */
  readonly wall: number
}

const modules = request<ReadonlyArray<string>>()
const start = performance.now()
const before = process.cpuUsage()
for (const module of modules) await import(module)
const { system, user } = process.cpuUsage(before)
const result: ImportResult = { cpu: system + user, wall: (performance.now() - start) * 1000 }
report(result)
