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
import { failOnStall, paginate, recoverStream } from "../../internal/dialect/stream.js"
import { type SendmuxError, TransportError } from "../../internal/model/errors.js"
import type { EventBatch, ServerSentEvent } from "../../internal/response/serverSentEvents.js"
import { doubled, hintJitter, withJitter } from "../../internal/timing/backoff.js"
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
  | { readonly _tag: "Opened" }
  | { readonly _tag: "Batch"; readonly batch: EventBatch }
  | { readonly _tag: "Ended"; readonly error: SendmuxError | undefined }

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
      yield* reportWait(operation, session.lastError, millis)
      yield* Effect.sleep(Duration.millis(millis))
    })

    // The consumer asks for more only when it has handled the signal. Only then may the id be saved.
    const emit = (signal: MailboxSignal): Stream.Stream<MailboxSignal, E> =>
      store === undefined || !changesResumeId(signal)
        ? Stream.succeed(signal)
        : Stream.concat(
            Stream.succeed(signal),
            Stream.drain(Stream.fromEffect(Effect.suspend(() => store.save(session.resumeId))))
          )

    // Without a store nothing runs between two events, so all events of a batch can be emitted as one chunk.
    const emitEvents = (frames: ReadonlyArray<ServerSentEvent>): Stream.Stream<MailboxSignal, E> =>
      store === undefined
        ? Stream.fromIterable(frames.flatMap((frame) => session.accept(frame) ?? []))
        : emitAndSave(session, store, frames)

    const opened = now.pipe(
      Effect.map((at) => session.opened(at)),
      Stream.fromEffect,
      Stream.flatMap(Stream.fromIterable),
      Stream.flatMap(emit)
    )

    const ended = (error: SendmuxError | undefined): Effect.Effect<void, SendmuxError> =>
      Effect.gen(function* () {
        const failure = session.ended(error, yield* now, operation)
        if (failure !== undefined) return yield* Effect.fail(failure)
      })

    const handle = (step: ConnectionStep): Stream.Stream<MailboxSignal, SendmuxError | E> => {
      switch (step._tag) {
        case "Opened":
          return opened
        case "Batch":
          session.setRetryField(step.batch.retry)
          return emitEvents(step.batch.events)
        case "Ended":
          return Stream.drain(Stream.fromEffect(ended(step.error)))
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
        Stream.succeed<ConnectionStep>({ _tag: "Opened" }),
        failOnStall(batches, maxSilence, stalled).pipe(
          Stream.map((batch): ConnectionStep => ({ _tag: "Batch", batch }))
        )
      )

    const connection = Stream.suspend(() => {
      const steps = connect(session.resumeId).pipe(
        Stream.flatMap(readBatches),
        Stream.concat(Stream.succeed<ConnectionStep>({ _tag: "Ended", error: undefined }))
      )
      const endedByFailure = (error: SendmuxError) => Stream.succeed<ConnectionStep>({ _tag: "Ended", error })
      return Stream.flatMap(recoverStream(steps, endedByFailure), handle)
    })

    // `load` runs before the first connection, `delay` before each later one.
    const turns = paginate(load, (before: Effect.Effect<void, E>) =>
      Effect.map(before, () => [[undefined], Option.some<Effect.Effect<void, E>>(delay)] as const)
    )
    return Stream.flatMap(turns, () => connection)
  })

/** Emits the events of a batch one by one. Saves the id of each event when the consumer asks for the next one. */
const emitAndSave = <E>(
  session: Session,
  store: EventIdStore<E>,
  frames: ReadonlyArray<ServerSentEvent>
): Stream.Stream<MailboxEvent, E> => {
  const nothing: Effect.Effect<void, E> = Effect.void
  const save = Effect.suspend(() => store.save(session.resumeId))
  return paginate({ index: 0, before: nothing }, ({ before, index }) =>
    Effect.map(before, () => {
      for (let next = index; next < frames.length; next++) {
        const frame = frames[next]
        const event = frame === undefined ? undefined : session.accept(frame)
        if (event === undefined) continue
        const after = changesResumeId(event) ? save : nothing
        return [[event], Option.some({ index: next + 1, before: after })] as const
      }
      return [[], Option.none()] as const
    })
  )
}

/** What one connection leaves to the next. */
class Session {
  /** The id of the event that the next connection resumes after. */
  resumeId: string | undefined
  private readonly recentIds = new Set<string>()
  private everOpened = false
  /** Whether the server has refused the id to resume after. */
  private resumptionRefused = false
  private openedAt: number | undefined
  /** Whether the current connection has delivered an event. */
  private delivered = false
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
    this.resumptionRefused = false
    this.openedAt = at
    const listening: Listening = { _tag: "Listening", resumed }
    return mayHaveMissed ? [listening, gap] : [listening]
  }

  setRetryField(millis: number | undefined): void {
    if (millis !== undefined) this.minDelay = Math.min(millis, maxRetryField)
  }

  /** Returns the event of a frame, or `undefined` for a heartbeat and for an event that was emitted before. */
  accept(frame: ServerSentEvent): MailboxEvent | undefined {
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
    this.recentIds.add(id)
    if (this.recentIds.size <= rememberedIds) return
    for (const oldest of this.recentIds) {
      this.recentIds.delete(oldest)
      return
    }
  }
}

/** Whether the next connection resumes elsewhere once this signal is handled. */
const changesResumeId = (signal: MailboxSignal): boolean =>
  signal._tag === "SyncRequired" || (signal._tag !== "Listening" && signal.id !== undefined)

const gap: SyncRequired = { _tag: "SyncRequired", id: undefined, reason: "gap", data: undefined }

/** Whether the request itself is refused, so that every other connection would fail as well. */
const endsStream = (error: SendmuxError): boolean => {
  if (error._tag === "TransportError") return error.reason === "TooLarge"
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
