/**
 * A list of limited size.
 */

/** A part of a list, and the position after it. */
export interface Slice<out A> {
  readonly items: ReadonlyArray<A>
  readonly next: number
  readonly hasMore: boolean
}

/** A list that keeps the given number of newest items. Adding an item takes constant time. */
export class Ring<A> {
  private readonly kept: Array<A> = []
  private oldest = 0
  private added = 0

  constructor(private readonly capacity: number) {}

  push(item: A): void {
    this.added++
    if (this.kept.length < this.capacity) this.kept.push(item)
    else if (this.kept.length > 0) {
      this.kept[this.oldest] = item
      this.oldest = (this.oldest + 1) % this.kept.length
    }
  }

  /** The items, oldest first. */
  toArray(): ReadonlyArray<A> {
    return [...this.kept.slice(this.oldest), ...this.kept.slice(0, this.oldest)]
  }

  /** Returns items from a position on. Position 0 is that of the first item that was ever added. */
  slice(position: number, limit: number): Slice<A> {
    const first = this.added - this.kept.length
    const start = Math.min(Math.max(position, first), this.added)
    const items = this.toArray().slice(start - first, start - first + limit)
    const next = start + items.length
    return { items, next, hasMore: next < this.added }
  }
}
