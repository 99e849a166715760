/**
 * The service that remembers which messages were sent.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Service } from "../../internal/dialect/core.js"
import { type KeyValueStore, type StringStore, stringStore } from "../../internal/dialect/shared/store.js"
import { digestOf } from "../digest.js"
import type { LedgerService } from "./model.js"
import { makeStoreLedger, memoryStore } from "./store.js"

/**
 * The options of a ledger over the platform's `KeyValueStore`.
 *
 * @since 0.2.0
 * @category options
 */
export interface LedgerKeyValueOptions {
  /** The prefix of every key. Default: `sendmux-ledger-`. */
  readonly prefix?: string | undefined
}

/**
 * The ledger of bulk sending and of the outbox. It records each request before it is sent and each outcome after, so that
 * a run that was interrupted or killed continues where it stopped.
 *
 * Use `layerMemory` for tests and for runs that need not survive the process. Use `LedgerSqlite.layer` for one machine and
 * `LedgerSql.layer` for several. A ledger contains the messages of requests in flight, and those of an outbox until they
 * are sent, as plain text.
 *
 * @example
 * import { Ledger } from "effect-sendmux/Bulk"
 * import { Sending } from "effect-sendmux/Sending"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * export const services = Layer.merge(
 *   Sending.layer({ apiKey: Redacted.make("smx_mbx_sandbox") }),
 *   Ledger.layerMemory
 * )
 *
 * @since 0.2.0
 * @category services
 */
export class Ledger extends Service("effect-sendmux/Ledger")<Ledger, LedgerService>() {
  /**
   * A ledger in memory, which ends with the process. It keeps about 200 bytes for each message.
   *
   * @since 0.2.0
   */
  static readonly layerMemory: Layer.Layer<Ledger> = Layer.sync(Ledger, () => makeStoreLedger(memoryStore()))

  /**
   * A ledger in the platform's `KeyValueStore`, for one process at a time. Two processes that share the store would both
   * send.
   *
   * @since 0.2.0
   */
  static readonly layerKeyValueStore = (
    options: LedgerKeyValueOptions = {}
  ): Layer.Layer<Ledger, never, KeyValueStore> =>
    Layer.effect(
      Ledger,
      Effect.map(stringStore, (store) =>
        makeStoreLedger(withShortNames(store, options.prefix ?? "sendmux-ledger-"))
      )
    )
}

/** Replaces each key by its digest, because a store may limit the length and the characters of keys. */
const withShortNames = (store: StringStore, prefix: string): StringStore => {
  const named = (key: string) => Effect.map(digestOf(key), (digest) => `${prefix}${digest}`)
  return {
    get: (key) => Effect.flatMap(named(key), store.get),
    set: (key, value) => Effect.flatMap(named(key), (short) => store.set(short, value)),
    remove: (key) => Effect.flatMap(named(key), store.remove)
  }
}
