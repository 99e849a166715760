/**
 * One stream of events over any number of connections.
 *
 * The stream alternates between a connection and a delay. What one connection leaves to the next, such as the id to
 * resume after, is in a `Session`.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { now, random } from "../../internal/dialect/core.js"
import {
  type Failed,
  failOnStall,
  mapArray,
  mapArrayEffect,
  mapArrayOrFail,
  paginate,
  recoverStream
} from "../../internal/dialect/stream.js"
import { type SendmuxError, TransportError } from "../../internal/model/errors.js"
import type { EventBatch, ServerSentEvent } from "../../internal/response/serverSentEvents.js"
import { doubled, hintJitter, withJitter } from "../../internal/timing/backoff.js"
import { pause } from "../../internal/timing/deadline.js"
import { isOddResponse, maxHintMillis, maxOddResponses, reportWait } from "../endless.js"
import type { EventIdStore } from "./eventIds.js"
import { type MailboxEvent, readEvent, type SyncRequired } from "./schemas.js"

/**
 * A connection has opened. Events that happen from now on are emitted.
 *
 * @since 0.1.0
 * @category models
 */
export interface Listening {
  readonly _tag: "Listening"
  /** Whether the server was asked to resume after a known event. */
  readonly resumed: boolean
}

/**
 * An element of `events.listen`: an event, or the opening of a connection.
 *
 * @since 0.1.0
 * @category models
 */
export type MailboxSignal = Listening | MailboxEvent

/** The delays between connections, in milliseconds. */
export interface Backoff {
  readonly baseDelay: number
  readonly maxDelay: number
  /** After how many consecutive failures the stream fails. */
  readonly maxFailures: number
}

interface FollowSettings<E> {
  readonly operation: string
  /** Opens a connection that resumes after the event with this id. */
  readonly connect: (
    lastEventId: string | undefined
  ) => Stream.Stream<Stream.Stream<EventBatch, SendmuxError>, SendmuxError>
  readonly store: EventIdStore<E> | undefined
  /** The id to start after if the store contains none. */
  readonly startAfter: string | undefined
  /** After how many milliseconds without any data a connection counts as lost. */
  readonly maxSilence: number
  readonly backoff: Backoff
}

/** What happens on one connection, in this order. */
type ConnectionStep =
  | { readonly _tag: "Opened"; readonly at: number }
  | { readonly _tag: "Batch"; readonly batch: EventBatch }
  | { readonly _tag: "Ended"; readonly at: number; readonly error: SendmuxError | undefined }

/** How many event ids are remembered, so that events which a server repeats are not emitted twice. */
const rememberedIds = 4096

/** The longest delay that the `retry` field of the stream can set, so that a wrong value cannot stop it for years. */
const maxRetryField = 3_600_000

/** A connection that stayed open for this long was healthy, even if no event arrived. */
const healthyAfter = 20_000

/** Streams the events of successive connections for as long as the consumer takes them. */
export const followEvents = <E>(
  settings: FollowSettings<E>
): Stream.Stream<MailboxSignal, SendmuxError | E> =>
  Stream.suspend(() => {
    const { backoff, connect, maxSilence, operation, startAfter, store } = settings
    const session = new Session(startAfter, backoff)

    const load: Effect.Effect<void, E> = Effect.gen(function* () {
      const id = store === undefined ? undefined : yield* store.load
      if (id !== undefined) session.resumeAfter(id)
    })

    const delay = Effect.gen(function* () {
      const millis = session.nextDelay(yield* random)
      const { connections: attempts, lastError: failure } = session
      const report = reportWait(operation, failure, millis)
      yield* pause(millis, { operation, awaited: "Retry", attempts, failure }, report)
    })

    const handle = (step: ConnectionStep): ReadonlyArray<MailboxSignal> | Failed<SendmuxError> => {
      switch (step._tag) {
        case "Opened":
          return session.opened(step.at)
        case "Batch":
          return session.accept(step.batch)
        case "Ended": {
          const failure = session.ended(step.error, step.at, operation)
          return failure === undefined ? [] : { failure }
        }
      }
    }

    const stalled = () =>
      new TransportError({
        operation,
        reason: "Timeout",
        detail: `The connection was silent for ${maxSilence} ms`,
        attempts: 1
      })

    const readBatches = (
      batches: Stream.Stream<EventBatch, SendmuxError>
    ): Stream.Stream<ConnectionStep, SendmuxError> =>
      Stream.concat(
        Stream.fromEffect(Effect.map(now, (at): ConnectionStep => ({ _tag: "Opened", at }))),
        failOnStall(batches, maxSilence, stalled).pipe(
          Stream.map((batch): ConnectionStep => ({ _tag: "Batch", batch }))
        )
      )

    const endedBy = (error: SendmuxError | undefined) =>
      Stream.fromEffect(Effect.map(now, (at): ConnectionStep => ({ _tag: "Ended", at, error })))

    const connection = Stream.suspend(() => {
      const steps = Stream.flatMap(connect(session.resumeId), readBatches)
      const whole = Stream.concat(steps, endedBy(undefined))
      return mapArrayOrFail(recoverStream(whole, endedBy), handle)
    })

    // `load` runs before the first connection, `delay` before each later one.
    type Before = Effect.Effect<void, SendmuxError | E>
    const turns = paginate<Before, undefined, SendmuxError | E, never>(load, (before) =>
      Effect.map(before, () => [[undefined], Option.some<Before>(delay)] as const)
    )
    const signals = Stream.flatMap(turns, () => connection)
    // Without a store nothing runs between two events, so that all events of a batch remain one chunk.
    return store === undefined ? signals : saveEach(signals, store)
  })

/**
 * Emits the signals one by one, and saves the id of each when the consumer asks for the next one: only then has the
 * consumer handled it.
 */
const saveEach = <E, E2>(
  signals: Stream.Stream<MailboxSignal, E>,
  store: EventIdStore<E2>
): Stream.Stream<MailboxSignal, E | E2> =>
  mapArrayEffect(
    mapArray(signals, (signal): ReadonlyArray<Effect.Effect<ReadonlyArray<MailboxSignal>, E2>> => {
      const emit = Effect.succeed([signal])
      if (!changesResumeId(signal)) return [emit]
      const save = Effect.suspend(() => store.save(resumeIdAfter(signal)))
      return [emit, Effect.as(save, [])]
    }),
    (step) => step
  )

/** What one connection leaves to the next. */
class Session {
  /** The id of the event that the next connection resumes after. */
  resumeId: string | undefined
  private readonly recentIds = new Set<string>()
  /** The same ids, of which the next one to forget is at `remembered` modulo the length. */
  private readonly idsByAge: Array<string> = []
  private remembered = 0
  private everOpened = false
  /** Whether the server has ever refused the id to resume after. */
  private resumptionRefused = false
  private openedAt: number | undefined
  /** Whether the current connection has delivered an event. */
  private delivered = false
  /** The number of connections so far. */
  connections = 0
  /** The error that ended the last connection, if there was one. */
  lastError: SendmuxError | undefined
  /** The number of consecutive failures. */
  private failures = 0
  /** The number of consecutive responses that probably did not come from the API. */
  private oddResponses = 0
  /** The delay that the last failure asked for, in milliseconds. */
  private retryAfter: number | undefined
  /** The shortest delay, set by the `retry` field of the event stream. */
  private minDelay = 0

  constructor(
    startAfter: string | undefined,
    private readonly backoff: Backoff
  ) {
    if (startAfter !== undefined) this.resumeAfter(startAfter)
  }

  resumeAfter(id: string): void {
    this.resumeId = id
    this.remember(id)
  }

  opened(at: number): ReadonlyArray<MailboxSignal> {
    const resumed = this.resumeId !== undefined
    const mayHaveMissed = (this.everOpened || this.resumptionRefused) && !resumed
    this.everOpened = true
    this.openedAt = at
    const listening: Listening = { _tag: "Listening", resumed }
    return mayHaveMissed ? [listening, gap] : [listening]
  }

  /** Returns the events of a batch, without heartbeats and without events that were emitted before. */
  accept({ events, retry }: EventBatch): ReadonlyArray<MailboxEvent> {
    if (retry !== undefined) this.minDelay = Math.min(retry, maxRetryField)
    return events.flatMap((frame) => this.acceptFrame(frame) ?? [])
  }

  private acceptFrame(frame: ServerSentEvent): MailboxEvent | undefined {
    const { id } = frame
    const event = readEvent(frame)
    // `sync_required` may repeat the id that the server cannot resume after, and must not be dropped itself.
    if (id !== undefined && this.recentIds.has(id) && event?._tag !== "SyncRequired") return undefined
    if (id !== undefined) this.resumeAfter(id)
    if (event === undefined) return undefined
    this.delivered = true
    if (event._tag === "SyncRequired") this.resumeId = undefined
    return event
  }

  /** Records the end of a connection. Returns the error if the stream ends as well. */
  ended(error: SendmuxError | undefined, at: number, operation: string): SendmuxError | undefined {
    this.connections++
    this.lastError = error
    this.oddResponses = error !== undefined && isOddResponse(error) ? this.oddResponses + 1 : 0
    if (error !== undefined && endsStream(error) && !this.survives(error)) return error
    const healthy = this.delivered || (this.openedAt !== undefined && at - this.openedAt >= healthyAfter)
    this.failures = healthy ? 0 : this.failures + 1
    this.delivered = false
    this.openedAt = undefined
    const hint = error?._tag === "APIError" ? error.retryAfter : undefined
    this.retryAfter = hint === undefined ? undefined : Duration.toMillis(hint)
    if (this.failures < this.backoff.maxFailures) return undefined
    return (
      error ??
      new TransportError({
        operation,
        reason: "TruncatedBody",
        detail: "The server closed every connection immediately",
        attempts: this.failures
      })
    )
  }

  /** Returns whether the stream continues after a failure that ends it unless it has worked before. */
  private survives(error: SendmuxError): boolean {
    if (this.resumeId !== undefined && mayRefuseResumption(error)) {
      // Without the id, the next connection shows whether the id was the reason. An id is given up only once.
      this.resumeId = undefined
      this.resumptionRefused = true
      return true
    }
    return this.everOpened && isOddResponse(error) && this.oddResponses < maxOddResponses
  }

  /** The delay before the next connection, in milliseconds. `factor` is a random number in [0, 1). */
  nextDelay(factor: number): number {
    const { baseDelay, maxDelay } = this.backoff
    if (this.retryAfter !== undefined) {
      return Math.ceil(Math.min(this.retryAfter, maxHintMillis) + hintJitter(baseDelay, factor))
    }
    const delay = withJitter(doubled(baseDelay, maxDelay, this.failures), factor)
    return Math.ceil(Math.max(this.minDelay, delay))
  }

  private remember(id: string): void {
    if (this.recentIds.has(id)) return
    const position = this.remembered++ % rememberedIds
    const oldest = this.idsByAge[position]
    if (oldest !== undefined) this.recentIds.delete(oldest)
    this.idsByAge[position] = id
    this.recentIds.add(id)
  }
}

/** Whether the next connection resumes elsewhere once this signal is handled. */
const changesResumeId = (signal: MailboxSignal): signal is MailboxEvent =>
  signal._tag === "SyncRequired" || (signal._tag !== "Listening" && signal.id !== undefined)

const resumeIdAfter = (event: MailboxEvent): string | undefined =>
  event._tag === "SyncRequired" ? undefined : event.id

const gap: SyncRequired = { _tag: "SyncRequired", id: undefined, reason: "gap", data: undefined }

/** Whether the request itself is refused, so that every other connection would fail as well. */
const endsStream = (error: SendmuxError): boolean => {
  if (error._tag === "TransportError") return error.reason === "TooLarge" || error.reason === "LoginRequired"
  if (error._tag !== "APIError") return true
  return error.status < 500 && error.status !== 408 && error.status !== 429
}

/**
 * Whether the id to resume after may be the reason for a failure. Servers report an id that they do not accept in
 * different ways, so every refusal that has no other known reason counts.
 */
const mayRefuseResumption = (error: SendmuxError): boolean =>
  error._tag === "APIError" &&
  error.status >= 400 &&
  error.status < 500 &&
  ![401, 403, 408, 429].includes(error.status)
