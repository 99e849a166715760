/**
 * Ids and digests. They are the same in every run.
 */
import type { Saved } from "./saved.js"

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

/** Numbers from 0 to 2^32 - 1: mulberry32, a small generator with a full period. */
class Numbers {
  constructor(public position: number) {}

  next(): number {
    this.position = (this.position + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.position ^ (this.position >>> 15), 1 | this.position)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** Makes numbers in [0, 1). */
export const makeRandom = (seed = 0xfa17): (() => number) => {
  const numbers = new Numbers(seed)
  return () => numbers.next() / 2 ** 32
}

/** Makes ids that look random, never repeat, and come in the same order in every run. */
export type MakeId = (prefix: string, length?: number) => string

interface SavedIds {
  /** The number of ids that were made. */
  readonly count: number
  /** The position in the sequence of numbers. */
  readonly position: number
}

/** A source of ids. */
export interface IdSource extends MakeId, Saved<SavedIds> {
  /** Leaves ids out, which may have been made after the state was saved. */
  readonly skip: () => void
}

/** More ids than anything makes in the time between two savings. */
const skipped = 10_000_000

export const makeIds = (seed = 0x5eed): IdSource => {
  const numbers = new Numbers(seed)
  let count = 0
  const makeId: MakeId = (prefix, length = 24) => {
    const suffix = (count++).toString(36)
    let text = ""
    while (text.length < length - suffix.length) text += alphabet[numbers.next() % alphabet.length]
    return `${prefix}_${text}${suffix}`
  }
  return Object.assign(makeId, {
    snapshot: (): SavedIds => ({ count, position: numbers.position }),
    restore: (saved: SavedIds) => {
      // The ids that were made before, such as those of faults, are not made again.
      count = Math.max(count, saved.count)
      numbers.position = saved.position
    },
    skip: () => {
      count += skipped
    }
  })
}

/** A digest of 16 hexadecimal digits. It compares content and is not secure. */
export const digest = (value: string | Uint8Array): string => {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value
  let a = 0xdeadbeef ^ bytes.length
  let b = 0x41c6ce57 ^ bytes.length
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 2654435761)
    b = Math.imul(b ^ byte, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (b >>> 0).toString(16).padStart(8, "0") + (a >>> 0).toString(16).padStart(8, "0")
}

/** The ETag of a resource as the API shows it. */
export const entityTagOf = (shown: unknown): string => `W/"${digest(JSON.stringify(shown) ?? "")}"`
