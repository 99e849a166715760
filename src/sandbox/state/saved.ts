/**
 * The parts of the state that can be saved as plain data, and continued later, in this process or in another one.
 */

/** A part of the state. */
export interface Saved<Data> {
  /**
   * Returns the part as data of which the structured clone algorithm can make a copy. The data refers to the records of the part,
   * which may change later, so it has to be copied before other code runs.
   */
  snapshot(): Data
  /** Replaces what the part contains. */
  restore(data: Data): void
  /** Continues what was going on. It is called after all parts were restored. */
  resume?(): void
}

/** Parts of a state by name. The data of a part is known to the part only. */
export type SavedData = Readonly<Record<string, unknown>>

/** The parts of a state. They are restored in the order in which they were added, because a part may need earlier ones. */
export class SavedParts {
  private readonly parts = new Map<string, Saved<unknown>>()

  add<Data>(name: string, part: Saved<Data>): void {
    if (this.parts.has(name)) throw new Error(`The state has two parts with the name ${name}`)
    this.parts.set(name, part)
  }

  snapshot(): SavedData {
    return Object.fromEntries([...this.parts].map(([name, part]) => [name, part.snapshot()]))
  }

  /** Throws an `Error` if the data does not have the same parts. */
  restore(data: SavedData): void {
    const names = [...this.parts.keys()].sort()
    const given = Object.keys(data).sort()
    if (names.join() !== given.join()) {
      throw new Error("The saved state does not have the parts of this version of the sandbox")
    }
    for (const [name, part] of this.parts) part.restore(data[name])
  }

  /** Continues what was going on when the state was saved. */
  resume(): void {
    for (const part of this.parts.values()) part.resume?.()
  }
}

/** The entries of a map as a part. */
export const savedMap = <Key, A>(map: Map<Key, A>): Saved<ReadonlyArray<readonly [Key, A]>> => ({
  snapshot: () => [...map],
  restore: (entries) => {
    map.clear()
    for (const [key, value] of entries) map.set(key, value)
  }
})

/** The values of a set as a part. */
export const savedSet = <A>(set: Set<A>): Saved<ReadonlyArray<A>> => ({
  snapshot: () => [...set],
  restore: (values) => {
    set.clear()
    for (const value of values) set.add(value)
  }
})

/** Values that a getter returns and a setter replaces, as a part. */
export const savedValue = <A>(get: () => A, set: (value: A) => void): Saved<A> => ({
  snapshot: get,
  restore: set
})
