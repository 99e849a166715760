/**
 * The number of requests, by operation and status.
 */
import type { Saved } from "./saved.js"

type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>

export class RequestCounters implements Saved<Counts> {
  private readonly counts = new Map<string, Map<string, number>>()

  add(operation: string, status: string): void {
    let statuses = this.counts.get(operation)
    if (statuses === undefined) {
      statuses = new Map()
      this.counts.set(operation, statuses)
    }
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }

  snapshot(): Counts {
    return this.counts
  }

  restore(counts: Counts): void {
    this.counts.clear()
    for (const [operation, statuses] of counts) this.counts.set(operation, new Map(statuses))
  }

  show(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries(
      [...this.counts]
        .sort()
        .map(([operation, statuses]) => [operation, Object.fromEntries([...statuses].sort())])
    )
  }
}
