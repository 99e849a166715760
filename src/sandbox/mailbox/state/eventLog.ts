/**
 * The events of a mailbox. The newest ones are kept, so that a connection can resume.
 */
import { type Bell, makeBell } from "../../../internal/dialect/shared/wakeups.js"
import { BoundedMap } from "../../state/bounded.js"
import type { Saved } from "../../state/saved.js"

export interface LoggedEvent {
  /** Increases by one with each event. */
  readonly number: number
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
  readonly chars: number
}

/** The number of events that are kept. */
const maxEvents = 1000

/** The total length of the texts of the events that are kept. */
const maxEventChars = 16_777_216

interface SavedEvents {
  readonly last: number
  readonly kept: ReadonlyArray<readonly [number: number, event: LoggedEvent]>
}

export class EventLog implements Saved<SavedEvents> {
  readonly bell: Bell = makeBell()
  /** The number of open connections. */
  connections = 0
  /** Whether the connections have to end. */
  ended = false
  private last = 0
  private readonly kept = new BoundedMap<number, LoggedEvent>({
    maxEntries: maxEvents,
    maxWeight: maxEventChars,
    weightOf: ({ chars }) => chars
  })

  /** The number of the newest event. */
  get newest(): number {
    return this.last
  }

  /** Adds an event. `chars` is the length of the texts in its data. */
  add(type: string, data: Readonly<Record<string, unknown>>, chars: number): void {
    this.last++
    this.kept.set(this.last, { number: this.last, type, data, chars })
    this.bell.ring()
  }

  /** The events after an event, or `undefined` if the event is unknown or later events are no longer kept. */
  after(number: number): ReadonlyArray<LoggedEvent> | undefined {
    const known = number >= this.last - this.kept.size && number <= this.last
    if (!known) return undefined
    return this.kept.values().filter((event) => event.number > number)
  }

  /** Ends the connections. */
  end(): void {
    this.ended = true
    this.bell.ring()
  }

  snapshot(): SavedEvents {
    return { last: this.last, kept: this.kept.snapshot() }
  }

  restore({ kept, last }: SavedEvents): void {
    this.last = last
    this.kept.restore(kept)
  }

  /** Drops the events, so that no connection can resume after an earlier one, or after one of the next `unknown` ones. */
  forget(unknown = 0): void {
    this.last += 1 + unknown
    this.kept.dropWhile(() => true)
    this.bell.ring()
  }
}
