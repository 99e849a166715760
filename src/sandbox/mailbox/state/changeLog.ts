/**
 * Logs of changes. A state is a position in a log, from which the later changes can be read.
 */
import { fail } from "../../exchange.js"
import type { Saved } from "../../state/saved.js"

export type Change = "created" | "updated" | "destroyed"

interface Entry {
  readonly at: number
  readonly id: string
  readonly change: Change
  /** The properties that an update changed, or `undefined` if others may have changed too. */
  readonly properties: ReadonlyArray<string> | undefined
}

/** The changes since a state, as the API shows them. */
export interface ShownChanges {
  readonly old_state: string | null
  readonly new_state: string
  readonly has_more: boolean
  readonly created: ReadonlyArray<string>
  readonly updated: ReadonlyArray<string>
  readonly destroyed: ReadonlyArray<string>
  readonly sync_required?: true
  readonly updated_properties?: ReadonlyArray<string>
}

/** The number of changes that a log keeps. */
const maxEntries = 10_000

const defaultLimit = 50

interface SavedLog {
  readonly at: number
  readonly floor: number
  readonly entries: ReadonlyArray<Entry>
}

/** The changes of one type of resource. */
export class ChangeLog implements Saved<SavedLog> {
  private at = 1
  /** The earliest state from which the changes are still known. */
  private floor = 1
  private readonly entries: Array<Entry> = []

  /** Every state starts with `prefix`, so that a state of another log is not accepted. */
  constructor(private readonly prefix: string) {}

  get state(): string {
    return `${this.prefix}${this.at}`
  }

  /** Records a change and returns the state after it. */
  record(id: string, change: Change, properties?: ReadonlyArray<string>): string {
    this.at++
    this.entries.push({ at: this.at, id, change, properties })
    if (this.entries.length > maxEntries) this.floor = this.entries.shift()?.at ?? this.floor
    return this.state
  }

  snapshot(): SavedLog {
    return { at: this.at, floor: this.floor, entries: this.entries }
  }

  restore({ at, entries, floor }: SavedLog): void {
    this.at = at
    this.floor = floor
    this.entries.splice(0, this.entries.length, ...entries)
  }

  /** Forgets every state that was issued before, and those of the next `unknown` changes, which may have been issued. */
  forget(unknown = 0): void {
    this.at += 1 + unknown
    this.floor = this.at
    this.entries.length = 0
  }

  /** The changes since a state, combined by id. At most `limit` ids are returned. */
  since(state: string | undefined, limit = defaultLimit, param = "since_state"): ShownChanges {
    const nothing = { has_more: false, created: [], updated: [], destroyed: [] }
    if (state === undefined) return { old_state: null, new_state: this.state, ...nothing }
    const start = this.read(state, param)
    if (start < this.floor) {
      return { old_state: state, new_state: this.state, ...nothing, sync_required: true }
    }
    const changes = new Map<string, Change | undefined>()
    const changedProperties = new Set<string>()
    let otherProperties = false
    let end = start
    let more = false
    for (const { at, change, id, properties } of this.entries) {
      if (at <= start) continue
      if (!changes.has(id) && changes.size >= limit) {
        more = true
        break
      }
      end = at
      changes.set(id, changes.has(id) ? combine(changes.get(id), change) : change)
      if (change === "updated" && properties === undefined) otherProperties = true
      for (const property of properties ?? []) changedProperties.add(property)
    }
    const of = (wanted: Change) => [...changes].flatMap(([id, change]) => (change === wanted ? [id] : []))
    const updated = of("updated")
    return {
      old_state: state,
      new_state: more ? `${this.prefix}${end}` : this.state,
      has_more: more,
      created: of("created"),
      updated,
      destroyed: of("destroyed"),
      ...(updated.length > 0 && !otherProperties && changedProperties.size > 0
        ? { updated_properties: [...changedProperties] }
        : {})
    }
  }

  private read(state: string, param: string): number {
    const digits = state.startsWith(this.prefix) ? state.slice(this.prefix.length) : ""
    const at = /^[1-9]\d*$/.test(digits) ? Number(digits) : Number.NaN
    return at <= this.at
      ? at
      : fail("invalid_parameter", "The state was not issued for this resource", { param })
  }
}

/** Combines two changes of one item. The result is `undefined` if the item was created and destroyed. */
const combine = (first: Change | undefined, then: Change): Change | undefined => {
  if (first === undefined) return then
  if (first === "created") return then === "destroyed" ? undefined : "created"
  if (first === "destroyed") return then === "created" ? "updated" : "destroyed"
  return then === "created" ? "updated" : then
}
