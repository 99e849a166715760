/**
 * What changed, in order, so that a state token tells exactly what came after it.
 */
import { refuse } from "../../exchange.js"

export type Change = "created" | "updated" | "destroyed"

interface Entry {
  readonly at: number
  readonly id: string
  readonly change: Change
  /** The only properties that an update touched, where that is known. */
  readonly properties: ReadonlyArray<string> | undefined
}

/** Changes since a state, as the API shows them. */
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

/** Older changes are forgotten. */
const maxEntries = 10_000

const defaultLimit = 50

/** The changes of one kind of resource. */
export class ChangeLog {
  private at = 1
  /** States before this one are forgotten. */
  private floor = 1
  private readonly entries: Array<Entry> = []

  /** `prefix` keeps the states of one kind of resource from being taken for another's. */
  constructor(private readonly prefix: string) {}

  get state(): string {
    return `${this.prefix}${this.at}`
  }

  /** Takes note of a change, and gives the state it led to. */
  note(id: string, change: Change, properties?: ReadonlyArray<string>): string {
    this.at++
    this.entries.push({ at: this.at, id, change, properties })
    if (this.entries.length > maxEntries) this.floor = this.entries.shift()?.at ?? this.floor
    return this.state
  }

  /** Makes every state that was given so far one of which nothing is known any more. */
  forget(): void {
    this.at++
    this.floor = this.at
    this.entries.length = 0
  }

  since(state: string | undefined, limit = defaultLimit, param = "since_state"): ShownChanges {
    const nothing = { has_more: false, created: [], updated: [], destroyed: [] }
    if (state === undefined) return { old_state: null, new_state: this.state, ...nothing }
    const start = this.read(state, param)
    if (start < this.floor) {
      return { old_state: state, new_state: this.state, ...nothing, sync_required: true }
    }
    const changes = new Map<string, Change | undefined>()
    const touched = new Set<string>()
    let whole = false
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
      if (change === "updated" && properties === undefined) whole = true
      for (const property of properties ?? []) touched.add(property)
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
      ...(updated.length > 0 && !whole && touched.size > 0 ? { updated_properties: [...touched] } : {})
    }
  }

  private read(state: string, param: string): number {
    const digits = state.startsWith(this.prefix) ? state.slice(this.prefix.length) : ""
    const at = /^[1-9]\d*$/.test(digits) ? Number(digits) : Number.NaN
    return at <= this.at ? at : refuse("invalid_parameter", "The state is not one that was given", { param })
  }
}

/** Two changes of one thing as one; `undefined` for what came and went. */
const combine = (first: Change | undefined, then: Change): Change | undefined => {
  if (first === undefined) return then
  if (first === "created") return then === "destroyed" ? undefined : "created"
  if (first === "destroyed") return then === "created" ? "updated" : "destroyed"
  return then === "created" ? "updated" : then
}
