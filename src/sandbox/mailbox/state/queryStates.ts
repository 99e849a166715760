/**
 * States of lists: each stands for a list that was shown, so that the next one can be told as a difference.
 */
import { refuse } from "../../exchange.js"
import { digest } from "../../state/ids.js"

const maxStates = 1000
const defaultLimit = 50

interface Asking {
  /** Filters and order: a state is one of the same list only. */
  readonly bound: unknown
  readonly since: string | undefined
  readonly limit: number | undefined
  readonly upToId?: string | undefined
  readonly calculateTotal?: boolean | undefined
}

/** The way from one list to another, as the API shows it. */
export interface ShownQueryChanges {
  readonly old_query_state: string | null
  readonly new_query_state: string
  readonly has_more: boolean
  readonly removed: ReadonlyArray<string>
  readonly added: ReadonlyArray<{ readonly id: string; readonly index: number }>
  readonly total: number | null
}

export class QueryStates {
  private readonly lists = new Map<string, ReadonlyArray<string>>()

  forget(): void {
    this.lists.clear()
  }

  /** The state of a list, to be asked about later. */
  stateOf(bound: unknown, ids: ReadonlyArray<string>): string {
    const state = `q-${digest(JSON.stringify(bound))}-${digest(ids.join(" "))}`
    this.lists.delete(state)
    this.lists.set(state, ids)
    for (const oldest of this.lists.keys()) {
      if (this.lists.size <= maxStates) break
      this.lists.delete(oldest)
    }
    return state
  }

  /** What became of a list since a state of it. */
  changes(
    ids: ReadonlyArray<string>,
    { bound, calculateTotal, limit = defaultLimit, since, upToId }: Asking
  ): ShownQueryChanges {
    const total = calculateTotal === true ? ids.length : null
    if (since === undefined) {
      const state = this.stateOf(bound, ids)
      return { old_query_state: null, new_query_state: state, has_more: false, removed: [], added: [], total }
    }
    const before = since.startsWith(`q-${digest(JSON.stringify(bound))}-`) ? this.lists.get(since) : undefined
    if (before === undefined) {
      return refuse("invalid_parameter", "The state is not one that was given for this list", {
        param: "since_query_state"
      })
    }
    const steady = steadyIds(before, ids)
    const allRemoved = before.filter((id) => !steady.has(id))
    const allAdded = ids.flatMap((id, index) => (steady.has(id) ? [] : [{ id, index }]))
    const removed = allRemoved.slice(0, limit)
    const added = allAdded.slice(0, limit - removed.length)
    const more = removed.length + added.length < allRemoved.length + allAdded.length
    const last = upToId === undefined ? -1 : ids.indexOf(upToId)
    return {
      old_query_state: since,
      new_query_state: this.stateOf(bound, more ? applied(before, removed, added) : ids),
      has_more: more,
      removed,
      added: last === -1 ? added : added.filter(({ index }) => index <= last),
      total
    }
  }
}

const applied = (
  before: ReadonlyArray<string>,
  removed: ReadonlyArray<string>,
  added: ReadonlyArray<{ readonly id: string; readonly index: number }>
): ReadonlyArray<string> => {
  const gone = new Set(removed)
  const list = before.filter((id) => !gone.has(id))
  for (const { id, index } of added) list.splice(index, 0, id)
  return list
}

/** Of the ids in both lists as many as possible that stand in the same order: the others have moved. */
const steadyIds = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ReadonlySet<string> => {
  const places = new Map(before.map((id, index) => [id, index]))
  // The longest increasing run: `tails[n]` ends the best run of n + 1 ids seen so far.
  const tails: Array<{ readonly id: string; readonly place: number; readonly previous: number }> = []
  const seen: Array<{ readonly id: string; readonly place: number; readonly previous: number }> = []
  const indexes: Array<number> = []
  for (const id of after) {
    const place = places.get(id)
    if (place === undefined) continue
    let at = 0
    while (at < tails.length && (tails[at]?.place ?? 0) < place) at++
    const entry = { id, place, previous: at === 0 ? -1 : (indexes[at - 1] ?? -1) }
    tails[at] = entry
    indexes[at] = seen.push(entry) - 1
  }
  const steady = new Set<string>()
  let index = indexes[tails.length - 1] ?? -1
  for (let entry = seen[index]; entry !== undefined; entry = seen[index]) {
    steady.add(entry.id)
    index = entry.previous
  }
  return steady
}
