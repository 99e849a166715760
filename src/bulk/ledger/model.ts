/**
 * What a ledger records, and what it promises.
 *
 * @since 0.2.0
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { TaggedError } from "../../internal/dialect/schema.js"
import type { BatchItemError } from "../../sending/emails/schemas.js"

/**
 * A ledger could not be read or written. Nothing was lost: what the ledger has recorded is continued by the next run. The
 * error contains no value of the ledger and no cause.
 *
 * @since 0.2.0
 * @category errors
 */
export class LedgerError extends TaggedError<LedgerError>("effect-sendmux/LedgerError")("LedgerError", {
  /** The operation of the ledger that failed, such as `begin`. */
  action: Schema.String,
  /** A human-readable description. */
  reason: Schema.String
}) {
  override get message(): string {
    return `The ledger failed to ${this.action}: ${this.reason}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/**
 * Why it is unknown whether a message was sent:
 *
 * - `expired`: no response arrived, and the server no longer remembers the request (24 hours).
 * - `conflict`: no response arrived, and the server reports that the idempotency key belongs to another request.
 * - `undecodable`: the server accepted the request, but its response could not be understood.
 * - `unexplained`: the response does not mention the message.
 *
 * @since 0.2.0
 * @category models
 */
export type UnconfirmedReason = "expired" | "conflict" | "undecodable" | "unexplained"

/**
 * The final state of a message in a ledger.
 *
 * @since 0.2.0
 * @category models
 */
export type SettledState =
  | { readonly _tag: "Queued"; readonly message_id: string }
  | { readonly _tag: "Rejected"; readonly error: BatchItemError }
  | { readonly _tag: "Unconfirmed"; readonly reason: UnconfirmedReason }

/**
 * A message that no request contains at the moment. `attempts` is the number of requests in which the server reported a
 * transient failure of it.
 *
 * @since 0.2.0
 * @category models
 */
export interface FreeState {
  readonly _tag: "Free"
  readonly attempts: number
}

/**
 * The state of a message in a ledger. `InFlight` means that a request that contains it was recorded, and may have been
 * sent.
 *
 * @since 0.2.0
 * @category models
 */
export type ItemState = SettledState | FreeState | { readonly _tag: "InFlight" }

/**
 * What a ledger knows about a message.
 *
 * @since 0.2.0
 * @category models
 */
export interface ItemRecord {
  readonly id: string
  /** The digest of the message's content. */
  readonly hash: string
  readonly state: ItemState
}

/**
 * A message of a chunk.
 *
 * @since 0.2.0
 * @category models
 */
export interface ChunkItem {
  readonly id: string
  readonly hash: string
  readonly attempts: number
  /** The content of the message as JSON, if the ledger has to keep it until the message is settled. */
  readonly payload?: string | undefined
}

/**
 * A request to send up to 100 messages, as the ledger records it before it is sent.
 *
 * @since 0.2.0
 * @category models
 */
export interface LedgerChunk {
  /** The idempotency key, which is derived from the ids, the contents and the attempts of the items. */
  readonly key: string
  readonly items: ReadonlyArray<ChunkItem>
  /** The messages as a JSON array, in the order of `items`. */
  readonly body: string
  /** When it was first sent, or when the first attempt that the server may have accepted began, in epoch milliseconds. */
  readonly sentAt: number
}

/**
 * A claim on a chunk. Another runner may take the chunk over after `until`, in epoch milliseconds.
 *
 * @since 0.2.0
 * @category models
 */
export interface Lease {
  /** The run that makes the claim. It does not take over its own chunks. */
  readonly runner: string
  /** Identifies the claim: each `begin` and each `takeOver` has another one. */
  readonly owner: string
  readonly until: number
}

/**
 * A message that waits in an outbox.
 *
 * @since 0.2.0
 * @category models
 */
export interface WaitingItem extends ChunkItem {
  readonly payload: string
  /** The position of the message in the outbox, from which the next page continues. */
  readonly cursor: string
}

/**
 * The operations of a ledger. `scope` separates campaigns and outboxes: an id is unique within its scope.
 *
 * Each operation is atomic: after a failure or a crash either all of it is recorded or nothing. What an operation has
 * recorded must survive a crash of the process before the operation succeeds, otherwise a message can be sent twice.
 *
 * @since 0.2.0
 * @category services
 */
export interface LedgerService {
  /** Returns what is known about ids. An id that the ledger does not know is absent. */
  readonly lookup: (
    scope: string,
    ids: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<ItemRecord>, LedgerError>
  /**
   * Records a chunk and marks its items as in flight. Succeeds with no record if it did so, or if the same owner has done
   * so before. Otherwise it changes nothing, and succeeds with the records of the items that prevent it: those that are
   * not free, or have another hash or another number of attempts than in the chunk.
   */
  readonly begin: (
    scope: string,
    chunk: LedgerChunk,
    lease: Lease
  ) => Effect.Effect<ReadonlyArray<ItemRecord>, LedgerError>
  /**
   * Extends the lease of a chunk, and sets its `sentAt` if given. Succeeds with `false`, and changes nothing, if the
   * chunk is settled or belongs to another owner.
   */
  readonly renew: (
    scope: string,
    key: string,
    lease: Lease,
    sentAt?: number
  ) => Effect.Effect<boolean, LedgerError>
  /**
   * Records the outcomes of a chunk's items and removes the chunk. Anyone may settle a chunk, because its response is the
   * same for everyone who sends it. Succeeds with `false`, and changes nothing, if the chunk was settled before.
   */
  readonly settle: (
    scope: string,
    chunk: LedgerChunk,
    states: ReadonlyArray<SettledState | FreeState>
  ) => Effect.Effect<boolean, LedgerError>
  /**
   * Removes a chunk that was certainly not sent, and frees its items. Succeeds with `false`, and changes nothing, if the
   * chunk is settled or belongs to another owner.
   */
  readonly release: (scope: string, chunk: LedgerChunk, owner: string) => Effect.Effect<boolean, LedgerError>
  /** Claims a chunk of another runner whose lease has ended at `now`, if there is one. */
  readonly takeOver: (
    scope: string,
    now: number,
    lease: Lease
  ) => Effect.Effect<LedgerChunk | undefined, LedgerError>
  /** Returns when the first lease of a chunk ends, in epoch milliseconds. `undefined` if no chunk is in flight. */
  readonly nextLease: (scope: string) => Effect.Effect<number | undefined, LedgerError>
  /**
   * Records a message that a later run is to send. Changes nothing, and succeeds with its record, if the id is known and
   * settled, in flight, waiting, or has another hash.
   */
  readonly enqueue: (
    scope: string,
    item: ChunkItem & { readonly payload: string },
    now: number
  ) => Effect.Effect<ItemRecord | undefined, LedgerError>
  /** Returns a page of the messages that wait, oldest first. */
  readonly waiting: (
    scope: string,
    after: string | undefined,
    limit: number
  ) => Effect.Effect<ReadonlyArray<WaitingItem>, LedgerError>
}
