/**
 * The events of a mailbox. The newest ones are kept, so that a connection can resume.
 */
import { type Bell, makeBell } from "../../../internal/dialect/stream.js"

export interface LoggedEvent {
  /** Increases by one with each event. */
  readonly number: number
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The number of events that are kept. */
const maxEvents = 1000

export class EventLog {
  readonly bell: Bell = makeBell()
  /** The number of open connections. */
  connections = 0
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

  /** The events after an event, or `undefined` if the event is unknown or later events are no longer kept. */
  after(number: number): ReadonlyArray<LoggedEvent> | undefined {
    const known = number >= this.last - this.kept.length && number <= this.last
    if (!known) return undefined
    return this.kept.filter((event) => event.number > number)
  }

  /** Drops the events, so that no connection can resume after an earlier one. */
  forget(): void {
    this.last++
    this.kept.length = 0
    this.bell.ring()
  }
}
