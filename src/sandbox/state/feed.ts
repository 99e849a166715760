/**
 * The feed of changes: what happens in a sandbox, as it happens. It outlives a reset.
 */
import type { SeenDelivery } from "./deliveryLog.js"
import type { InboxLogRecord, RequestRecord, SentEmail } from "./records.js"

/** A change, with the item that it is about. The position is that of the item in its list. */
export type Change =
  | { readonly kind: "request"; readonly id: string; readonly item: RequestRecord; readonly position: number }
  | {
      readonly kind: "response"
      readonly id: string
      readonly item: RequestRecord
      readonly position: number
    }
  | {
      readonly kind: "email"
      readonly id: string
      readonly mailbox: string | undefined
      readonly item: SentEmail
      readonly position: number
    }
  | {
      readonly kind: "arrival"
      readonly id: string
      readonly mailbox: string
      readonly item: InboxLogRecord
      readonly position: number
    }
  | { readonly kind: "delivery"; readonly id: string; readonly item: SeenDelivery; readonly position: number }
  /** A draft was prepared or sent at its time, and not by a call. */
  | { readonly kind: "draft"; readonly id: string; readonly mailbox: string }
  /** The outcome of a message was set through the control. */
  | { readonly kind: "log"; readonly id: string }
  /** A fault was injected, removed or applied to a call. */
  | { readonly kind: "fault"; readonly id?: string | undefined }
  /** The team or what applies to its calls changed, through Management or the control. */
  | { readonly kind: "team" }
  | { readonly kind: "clock" }
  /** Everything may have changed. */
  | { readonly kind: "reset" }

export type Listener = (change: Change) => void

export class ChangeFeed {
  /** The number of open event streams. */
  connections = 0
  private readonly listeners = new Set<Listener>()

  publish(change: Change): void {
    for (const listener of [...this.listeners]) listener(change)
  }

  /** Calls a listener with each change from now on, until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }
}
