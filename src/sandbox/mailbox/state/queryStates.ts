/**
 * States of lists. A state identifies a list of ids, from which the difference to the current list can be computed.
 */
import { fail } from "../../exchange.js"
import { BoundedMap } from "../../state/bounded.js"
import { digest } from "../../state/ids.js"
import type { Saved } from "../../state/saved.js"

/** The number of lists that are stored, and the number of ids in all of them. */
const maxStates = 1000
const maxIds = 1_000_000

const defaultLimit = 50

interface ChangesQuery {
  /** The filters and the order of the list. A state is valid only for the list that it was issued for. */
  readonly query: unknown
  readonly since: string | undefined
  readonly limit: number | undefined
  readonly upToId?: string | undefined
  readonly calculateTotal?: boolean | undefined
}

/** The difference between two lists, as the API shows it. */
export interface ShownQueryChanges {
  readonly old_query_state: string | null
  readonly new_query_state: string
  readonly has_more: boolean
  readonly removed: ReadonlyArray<string>
  readonly added: ReadonlyArray<{ readonly id: string; readonly index: number }>
  readonly total: number | null
}

type SavedLists = ReadonlyArray<readonly [state: string, ids: ReadonlyArray<string>]>

export class QueryStates implements Saved<SavedLists> {
  private readonly lists = new BoundedMap<string, ReadonlyArray<string>>({
    maxEntries: maxStates,
    maxWeight: maxIds,
    weightOf: (ids) => ids.length
  })

  snapshot(): SavedLists {
    return this.lists.snapshot()
  }

  restore(lists: SavedLists): void {
    this.lists.restore(lists)
  }

  forget(): void {
    this.lists.dropWhile(() => true)
  }

  /** Stores a list and returns its state. */
  stateOf(query: unknown, ids: ReadonlyArray<string>): string {
    const state = `q-${digest(JSON.stringify(query))}-${digest(ids.join(" "))}`
    this.lists.set(state, ids)
    return state
  }

  /** The changes of a list since a state. Removals are applied before additions. */
  changes(
    ids: ReadonlyArray<string>,
    { query, calculateTotal, limit = defaultLimit, since, upToId }: ChangesQuery
  ): ShownQueryChanges {
    const total = calculateTotal === true ? ids.length : null
    if (since === undefined) {
      const state = this.stateOf(query, ids)
      return { old_query_state: null, new_query_state: state, has_more: false, removed: [], added: [], total }
    }
    const before = since.startsWith(`q-${digest(JSON.stringify(query))}-`) ? this.lists.get(since) : undefined
    if (before === undefined) {
      return fail("invalid_parameter", "The state was not issued for this list or is no longer stored", {
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
      new_query_state: this.stateOf(query, more ? applied(before, removed, added) : ids),
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

/** The largest set of ids that have the same order in both lists. The other ids were moved. */
const steadyIds = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ReadonlySet<string> => {
  const positions = new Map(before.map((id, index) => [id, index]))
  // Longest increasing subsequence: `tails[n]` ends the best subsequence of n + 1 ids up to here.
  const tails: Array<{ readonly id: string; readonly position: number; readonly previous: number }> = []
  const seen: Array<{ readonly id: string; readonly position: number; readonly previous: number }> = []
  const indexes: Array<number> = []
  for (const id of after) {
    const position = positions.get(id)
    if (position === undefined) continue
    let at = 0
    while (at < tails.length && (tails[at]?.position ?? 0) < position) at++
    const entry = { id, position, previous: at === 0 ? -1 : (indexes[at - 1] ?? -1) }
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
