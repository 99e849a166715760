/**
 * The outbox: single messages, each sent once, although the process may be killed at any time.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import {
  backgroundRunner,
  catchCause,
  closeOver,
  type DurationInput,
  layerFrom,
  now,
  toMillis
} from "../internal/dialect/core.js"
import { paginate } from "../internal/dialect/stream.js"
import type { DeadlineExceededError, InvalidRequestError, RequestIssue } from "../internal/model/errors.js"
import { invalidRequest } from "../internal/model/invalidRequest.js"
import { pause as pauseBefore } from "../internal/timing/deadline.js"
import type { EmailInput } from "../sending/emails/schemas.js"
import { runSource } from "./engine.js"
import { Ledger } from "./ledger/ledger.js"
import type { LedgerError, LedgerService, WaitingItem } from "./ledger/model.js"
import { checkedLimits, checkName } from "./limits.js"
import { BulkStopped, IdReusedError, type Outcome, type RunOptions } from "./model.js"
import { type Item, itemFrom, prepareAll } from "./prepare.js"
import type { RunSettings } from "./run.js"
import { type BulkError, type Sender, settingsOf } from "./send.js"

/**
 * The options that name an outbox.
 *
 * @since 0.2.0
 * @category options
 */
export interface OutboxName {
  /** The name of the outbox, 1 to 200 characters. The ledger keeps the ids of each outbox apart. Default: `default`. */
  readonly outbox?: string | undefined
}

/**
 * The options of `Outbox.send` and `Outbox.enqueue`.
 *
 * @since 0.2.0
 * @category options
 */
export interface OutboxMessageOptions extends OutboxName {
  /** 1 to 255 characters, unique within the outbox, such as `receipt-1234`. The same id stands for the same message. */
  readonly id: string
}

/**
 * The options of `Outbox.send`.
 *
 * @since 0.2.0
 * @category options
 */
export interface OutboxSendOptions
  extends OutboxMessageOptions,
    Pick<RunOptions, "giveUpAfter" | "lease" | "maxItemRetries" | "maxWait"> {}

/**
 * The options of `Outbox.drain`.
 *
 * @since 0.2.0
 * @category options
 */
export interface OutboxDrainOptions extends OutboxName, RunOptions {}

/**
 * The options of `Outbox.layer`.
 *
 * @since 0.2.0
 * @category options
 */
export interface OutboxLayerOptions extends OutboxDrainOptions {
  /** How long to wait after the outbox was empty, or after a failure. Default: 10 seconds. */
  readonly every?: DurationInput | undefined
}

/**
 * The methods of an outbox. `Sending` is the service of the entry `effect-sendmux/Sending`.
 *
 * @since 0.2.0
 * @category methods
 */
export interface OutboxMethods<in out Sending> {
  /**
   * Records a message in the ledger, sends it, records its outcome, and succeeds with the outcome.
   *
   * If the process ends in between, `drain` or a repeated `send` of the same id continues, and the message is sent once.
   * A repeated `send` of a message that has an outcome succeeds with that outcome. If it fails with `BulkStopped` or
   * `LedgerError`, the message may be recorded, and a later `drain` sends it.
   *
   * Fails with `InvalidRequestError` for an invalid message or option, with `IdReusedError` if the ledger knows the id
   * with other content, with `BulkStopped` if the request cannot succeed now, and with `LedgerError` if the ledger fails.
   * API path: `POST /emails/send/batch`, with one message.
   *
   * @since 0.2.0
   */
  readonly send: (
    email: EmailInput,
    options: OutboxSendOptions
  ) => Effect.Effect<Outcome, BulkError | IdReusedError, Sending | Ledger>
  /**
   * Records a message, which a later `drain` sends. It sends no request. With a ledger in SQL it takes part in the
   * transaction that surrounds it, so that the message is sent if and only if the transaction is committed.
   *
   * Succeeds if the message was recorded before, whether or not it was sent since. Fails as `send` does.
   *
   * @since 0.2.0
   */
  readonly enqueue: (
    email: EmailInput,
    options: OutboxMessageOptions
  ) => Effect.Effect<void, InvalidRequestError | IdReusedError | LedgerError, Ledger>
  /**
   * Sends every message of the outbox, in batches, oldest first, and emits their outcomes. It also continues what a
   * process that was killed had in flight, once its lease has ended. It ends when the outbox is empty.
   *
   * Fails with `BulkStopped` if further requests would fail in the same way; the messages stay in the outbox.
   *
   * @since 0.2.0
   */
  readonly drain: (options?: OutboxDrainOptions) => Stream.Stream<Outcome, BulkError, Sending | Ledger>
  /**
   * Drains the outbox in the background as long as the layer lives, and logs failures. Several processes may do so with a
   * ledger in SQL.
   *
   * @since 0.2.0
   */
  readonly layer: (options?: OutboxLayerOptions) => Layer.Layer<never, InvalidRequestError, Sending | Ledger>
}

/** Makes the methods from the effect that gets the Sending service. */
export const makeOutbox = <Sending>(
  sender: Effect.Effect<Sender, never, Sending>
): OutboxMethods<Sending> => ({
  send: (email, options) => send(sender, email, options),
  enqueue,
  drain: (options = {}) => drain(sender, options),
  layer: (options = {}) => layer(sender, options)
})

const scopeOf = (operation: string, outbox = "default"): Effect.Effect<string, InvalidRequestError> =>
  Effect.as(checkName(operation, "outbox", outbox), `outbox:${outbox}`)

/** Checks a message, whose content the ledger is to keep. */
const prepareOne = (
  operation: string,
  id: string,
  email: EmailInput
): Effect.Effect<Item, InvalidRequestError> =>
  Effect.flatMap(prepareAll([{ id, email }]), ([one]) => {
    if (one?._tag === "Item") return Effect.succeed({ ...one, payload: one.json })
    const issues = one?.error.errors ?? []
    return Effect.fail(
      invalidRequest(
        operation,
        issues.map(({ field, message }): RequestIssue => ({ path: field, message }))
      )
    )
  })

// -----------------------------------------------------------------------------
// one message
// -----------------------------------------------------------------------------

const send = <Sending>(
  sender: Effect.Effect<Sender, never, Sending>,
  email: EmailInput,
  options: OutboxSendOptions
): Effect.Effect<Outcome, BulkError | IdReusedError, Sending | Ledger> =>
  Effect.gen(function* () {
    const operation = "Outbox.send"
    const { id, outbox, ...given } = options
    const scope = yield* scopeOf(operation, outbox)
    const limits = yield* checkedLimits(operation, { ...given, concurrency: 1 })
    const item = yield* prepareOne(operation, id, email)
    const settings = yield* settingsOf(sender, scope, limits, {
      takesOver: "ifNeeded",
      emitsTakenOver: false
    })
    const outcomes = runSource(settings, Stream.succeed(item), Effect.succeed)
    const outcome = yield* Effect.map(Stream.runHead(outcomes), Option.getOrUndefined)
    if (outcome === undefined) return yield* Effect.die(new Error("A run has ended without an outcome"))
    if (outcome._tag === "Rejected" && outcome.error.code === "id_reused") {
      return yield* Effect.fail(new IdReusedError({ id }))
    }
    return outcome
  })

const enqueue: OutboxMethods<never>["enqueue"] = (email, options) =>
  Effect.gen(function* () {
    const operation = "Outbox.enqueue"
    const { id, outbox } = options
    const scope = yield* scopeOf(operation, outbox)
    const { hash, json } = yield* prepareOne(operation, id, email)
    const ledger = yield* Ledger
    const known = yield* ledger.enqueue(scope, { id, hash, attempts: 0, payload: json }, yield* now)
    if (known !== undefined && known.hash !== hash) return yield* Effect.fail(new IdReusedError({ id }))
  })

// -----------------------------------------------------------------------------
// all messages
// -----------------------------------------------------------------------------

const pageSize = 100

/** Streams the messages that wait, page by page. */
const waitingItems = (ledger: LedgerService, scope: string): Stream.Stream<WaitingItem, LedgerError> =>
  paginate<string | undefined, WaitingItem, LedgerError, never>(undefined, (after) =>
    Effect.map(ledger.waiting(scope, after, pageSize), (items) => {
      const cursor = items.length < pageSize ? undefined : items.at(-1)?.cursor
      return [items, cursor === undefined ? Option.none() : Option.some(cursor)] as const
    })
  )

const prepareWaiting = (items: ReadonlyArray<WaitingItem>) =>
  Effect.succeed(items.map((item) => itemFrom(item, item.payload)))

/** How often to look whether another runner has settled what it has in flight. */
const pollDelay = 500

/** A run that cannot wait for another runner, because of the deadline. */
const stoppedBy = (error: DeadlineExceededError): BulkStopped =>
  new BulkStopped({ reason: "deadline", error, queued: 0, rejected: 0, unconfirmed: 0, inFlight: 0 })

/** Waits until there is something to send. Succeeds with `false` if the outbox is empty. */
const hasMore = (ledger: LedgerService, scope: string): Effect.Effect<boolean, BulkStopped | LedgerError> =>
  Effect.gen(function* () {
    if ((yield* ledger.waiting(scope, undefined, 1)).length > 0) return true
    const leaseEnd = yield* ledger.nextLease(scope)
    if (leaseEnd === undefined) return false
    const time = yield* now
    if (leaseEnd <= time) return true
    const delay = Math.min(pollDelay, leaseEnd - time)
    const late = { operation: "Outbox.drain", awaited: "Check", attempts: 0 } as const
    yield* Effect.mapError(pauseBefore(delay, late), stoppedBy)
    return yield* hasMore(ledger, scope)
  })

const passes = (settings: RunSettings): Stream.Stream<Outcome, BulkStopped | LedgerError> => {
  const { ledger, limits, scope } = settings
  const next = { ...settings, limits: { ...limits, total: undefined } }
  return Stream.concat(
    runSource(settings, waitingItems(ledger, scope), prepareWaiting),
    Stream.flatMap(Stream.fromEffect(hasMore(ledger, scope)), (more) => (more ? passes(next) : Stream.empty))
  )
}

const drain = <Sending>(
  sender: Effect.Effect<Sender, never, Sending>,
  { outbox, ...options }: OutboxDrainOptions
): Stream.Stream<Outcome, BulkError, Sending | Ledger> => {
  const operation = "Outbox.drain"
  const settings = Effect.gen(function* () {
    const scope = yield* scopeOf(operation, outbox)
    const limits = yield* checkedLimits(operation, options)
    return yield* settingsOf(sender, scope, limits, { takesOver: "always", emitsTakenOver: true })
  })
  return Stream.flatMap(Stream.fromEffect(settings), passes)
}

const layer = <Sending>(
  sender: Effect.Effect<Sender, never, Sending>,
  { every = 10_000, ...options }: OutboxLayerOptions
): Layer.Layer<never, InvalidRequestError, Sending | Ledger> =>
  layerFrom(
    Effect.gen(function* () {
      const operation = "Outbox.layer"
      const { outbox, ...given } = options
      yield* scopeOf(operation, outbox)
      yield* checkedLimits(operation, given)
      const pause = toMillis(every)
      if (pause === undefined || !(pause >= 1)) {
        return yield* Effect.fail(
          invalidRequest(operation, [{ path: "every", message: "must be a duration of at least 1 ms" }])
        )
      }
      const once = yield* closeOver(() => Stream.runDrain(drain(sender, options)))
      const start = yield* backgroundRunner
      const logged = catchCause(once(), (cause) => Effect.logWarning("The outbox was not drained", cause))
      start(Effect.forever(Effect.andThen(logged, Effect.sleep(pause))))
      return Layer.empty
    })
  )
