/**
 * The number of requests, by operation and status.
 */
export class RequestCounters {
  private readonly counts = new Map<string, Map<string, number>>()

  add(operation: string, status: string): void {
    let statuses = this.counts.get(operation)
    if (statuses === undefined) {
      statuses = new Map()
      this.counts.set(operation, statuses)
    }
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }

  show(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries(
      [...this.counts]
        .sort()
        .map(([operation, statuses]) => [operation, Object.fromEntries([...statuses].sort())])
    )
  }
}
