/**
 * The events of a mailbox, kept for a while so that a reader can go on where it left off.
 */
import { type Bell, makeBell } from "../../../internal/dialect/stream.js"

export interface LoggedEvent {
  /** One more with each event. */
  readonly number: number
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Events that are kept. */
const maxEvents = 1000

export class EventLog {
  readonly bell: Bell = makeBell()
  /** How many readers are connected. */
  readers = 0
  private last = 0
  private readonly kept: Array<LoggedEvent> = []

  /** The number of the newest event. */
  get newest(): number {
    return this.last
  }

  add(type: string, data: Readonly<Record<string, unknown>>): void {
    this.last++
    this.kept.push({ number: this.last, type, data })
    if (this.kept.length > maxEvents) this.kept.shift()
    this.bell.ring()
  }

  /** The events after one; `undefined` when some of them are no longer kept, or it is not one that was given. */
  after(number: number): ReadonlyArray<LoggedEvent> | undefined {
    const known = number >= this.last - this.kept.length && number <= this.last
    if (!known) return undefined
    return this.kept.filter((event) => event.number > number)
  }

  /** Drops what is kept, so that no earlier id can be gone on from. */
  forget(): void {
    this.last++
    this.kept.length = 0
    this.bell.ring()
  }
}
