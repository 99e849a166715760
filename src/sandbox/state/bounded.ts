/**
 * Collections of limited size. Adding to a full collection drops its oldest entries.
 */

import type { Saved } from "./saved.js"

/** The limits of a collection. */
export interface Bounds<in A> {
  readonly maxEntries: number
  /** The total weight, such as the number of bytes. The newest entry is kept even if it alone is heavier. */
  readonly maxWeight?: number
  readonly weightOf?: (value: A) => number
}

interface SavedOrder<Key> {
  readonly next: number
  readonly keys: ReadonlyArray<readonly [position: number, key: Key]>
}

/**
 * The order in which keys were added. It finds the oldest key in constant time, while the first key of a `Map` takes longer
 * to find the more keys were deleted before it.
 */
export class KeyOrder<Key> implements Saved<SavedOrder<Key>> {
  private readonly keys = new Map<number, Key>()
  private first = 0
  private next = 0

  /** Adds a key as the newest one. Returns its position, by which it is removed. */
  add(key: Key): number {
    this.keys.set(this.next, key)
    return this.next++
  }

  remove(position: number): void {
    this.keys.delete(position)
  }

  /** The key that was added first, or `undefined` if there are no keys. */
  oldest(): Key | undefined {
    if (this.keys.size === 0) return undefined
    while (!this.keys.has(this.first)) this.first++
    return this.keys.get(this.first)
  }

  snapshot(): SavedOrder<Key> {
    return { next: this.next, keys: [...this.keys] }
  }

  restore({ keys, next }: SavedOrder<Key>): void {
    this.keys.clear()
    for (const [position, key] of keys) this.keys.set(position, key)
    this.first = keys[0]?.[0] ?? next
    this.next = next
  }
}

interface Entry<out A> {
  readonly value: A
  readonly position: number
  weight: number
}

/** A map that keeps the newest entries. Adding, reading and deleting an entry takes constant time. */
export class BoundedMap<Key, A> implements Saved<ReadonlyArray<readonly [Key, A]>> {
  private readonly entries = new Map<Key, Entry<A>>()
  private readonly order = new KeyOrder<Key>()
  private weight = 0

  constructor(private readonly bounds: Bounds<A>) {}

  get size(): number {
    return this.entries.size
  }

  get(key: Key): A | undefined {
    return this.entries.get(key)?.value
  }

  /** The values, oldest first. */
  values(): ReadonlyArray<A> {
    return Array.from(this.entries.values(), ({ value }) => value)
  }

  /** Adds an entry as the newest one, and drops the oldest entries while there is too much. */
  set(key: Key, value: A): void {
    this.delete(key)
    this.entries.set(key, { value, position: this.order.add(key), weight: 0 })
    this.weigh(key)
  }

  /** Has to be called when the weight of a value has changed. Its age stays the same. */
  weigh(key: Key): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    const weight = this.bounds.weightOf?.(entry.value) ?? 0
    this.weight += weight - entry.weight
    entry.weight = weight
    while (this.isOver()) this.dropOldest()
  }

  has(key: Key): boolean {
    return this.entries.has(key)
  }

  delete(key: Key): boolean {
    const entry = this.entries.get(key)
    if (entry === undefined) return false
    this.entries.delete(key)
    this.order.remove(entry.position)
    this.weight -= entry.weight
    return true
  }

  /** Drops the oldest entry, then the next one, and so on, while they match. */
  dropWhile(matches: (value: A) => boolean): void {
    for (;;) {
      const key = this.order.oldest()
      const entry = key === undefined ? undefined : this.entries.get(key)
      if (entry === undefined || !matches(entry.value)) return
      this.dropOldest()
    }
  }

  snapshot(): ReadonlyArray<readonly [Key, A]> {
    return Array.from(this.entries, ([key, { value }]) => [key, value])
  }

  restore(entries: ReadonlyArray<readonly [Key, A]>): void {
    for (const key of [...this.entries.keys()]) this.delete(key)
    for (const [key, value] of entries) this.set(key, value)
  }

  private isOver(): boolean {
    const { maxEntries, maxWeight = Number.POSITIVE_INFINITY } = this.bounds
    return this.size > maxEntries || (this.size > 1 && this.weight > maxWeight)
  }

  private dropOldest(): void {
    const key = this.order.oldest()
    if (key !== undefined) this.delete(key)
  }
}

/** A part of a list, and the position after it. */
export interface Slice<out A> {
  readonly items: ReadonlyArray<A>
  readonly next: number
  readonly hasMore: boolean
}

interface SavedRing<A> {
  /** The number of items that were ever added. */
  readonly added: number
  /** The items that are kept, oldest first. */
  readonly items: ReadonlyArray<A>
}

/** A list that keeps the newest items. */
export class Ring<A> implements Saved<SavedRing<A>> {
  private readonly kept: BoundedMap<number, A>
  private added = 0

  constructor(bounds: Bounds<A>) {
    this.kept = new BoundedMap(bounds)
  }

  /** Adds an item and returns its position. */
  push(item: A): number {
    this.kept.set(this.added, item)
    return this.added++
  }

  /** The position after the newest item. */
  get end(): number {
    return this.added
  }

  /** The items, oldest first. */
  toArray(): ReadonlyArray<A> {
    return this.kept.values()
  }

  /** The position of the oldest item. Position 0 is that of the first item that was ever added. */
  get start(): number {
    return this.added - this.kept.size
  }

  /** Returns items from a position on. A position of a dropped item stands for the oldest item. */
  slice(position: number, limit: number): Slice<A> {
    const items: Array<A> = []
    let next = Math.min(Math.max(position, this.start), this.added)
    for (; next < this.added && items.length < limit; next++) {
      const item = this.kept.get(next)
      if (item !== undefined) items.push(item)
    }
    return { items, next, hasMore: next < this.added }
  }

  snapshot(): SavedRing<A> {
    return { added: this.added, items: this.toArray() }
  }

  restore({ added, items }: SavedRing<A>): void {
    const start = added - items.length
    this.added = added
    this.kept.restore(items.map((item, index) => [start + index, item]))
  }
}
