/**
 * `Bulk.send`: sends messages in batches, each of them once.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { isStream } from "../internal/dialect/stream.js"
import type { InvalidRequestError } from "../internal/model/errors.js"
import { encodedFormOf } from "../sending/emails/batch.js"
import type { Emails } from "../sending/emails/emails.js"
import { runSource } from "./engine.js"
import { Ledger } from "./ledger/ledger.js"
import type { LedgerError } from "./ledger/model.js"
import { checkedLimits, checkName, type Limits } from "./limits.js"
import type { BulkMessage, BulkOptions, BulkStopped, Outcome } from "./model.js"
import { prepareAll } from "./prepare.js"
import { CurrentProgress } from "./progress.js"
import type { RunSettings } from "./run.js"

/**
 * The errors of bulk sending.
 *
 * @since 0.2.0
 * @category errors
 */
export type BulkError = BulkStopped | LedgerError | InvalidRequestError

/**
 * Sends messages from a stream or an iterable, and emits the outcome of each. `Sending` is the service of the entry
 * `effect-sendmux/Sending`.
 *
 * @since 0.2.0
 * @category methods
 */
export type BulkSend<in out Sending> = <E = never, R = never>(
  messages: Stream.Stream<BulkMessage, E, R> | Iterable<BulkMessage>,
  options: BulkOptions
) => Stream.Stream<Outcome, E | BulkError, R | Sending | Ledger>

/** The part of the Sending service that bulk sending uses. */
export interface Sender {
  readonly emails: Pick<Emails, "sendBatch">
}

/** Makes `Bulk.send` from the effect that gets the Sending service. */
export const makeSend =
  <Sending>(sender: Effect.Effect<Sender, never, Sending>): BulkSend<Sending> =>
  (messages, options) => {
    const settings = Effect.gen(function* () {
      yield* checkName(operation, "campaign", options?.campaign)
      const limits = yield* checkedLimits(operation, options)
      return yield* settingsOf(sender, `bulk:${options.campaign}`, limits, modes)
    })
    const source = isSource(messages) ? messages : Stream.fromIterable(messages)
    return Stream.flatMap(Stream.fromEffect(settings), (settings) => runSource(settings, source, prepareAll))
  }

const operation = "Bulk.send"

/** The source of a campaign that is resumed produces all messages again, and so their outcomes. */
const modes = { takesOver: "always", emitsTakenOver: false } as const

const isSource = <E, R>(
  messages: Stream.Stream<BulkMessage, E, R> | Iterable<BulkMessage>
): messages is Stream.Stream<BulkMessage, E, R> => isStream(messages)

/** What a run needs from the services of the program. */
export const settingsOf = <Sending>(
  sender: Effect.Effect<Sender, never, Sending>,
  scope: string,
  limits: Limits,
  modes: Pick<RunSettings, "takesOver" | "emitsTakenOver">
): Effect.Effect<RunSettings, never, Sending | Ledger> =>
  Effect.gen(function* () {
    const { emails } = yield* sender
    return {
      scope,
      runner: crypto.randomUUID(),
      limits,
      ledger: yield* Ledger,
      send: encodedFormOf(emails.sendBatch),
      progress: yield* CurrentProgress,
      ...modes
    }
  })
