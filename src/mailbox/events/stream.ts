/**
 * One stream of events out of as many connections as it takes.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { now, random } from "../../internal/dialect/core.js"
import { failOnStall, paginate, recoverStream } from "../../internal/dialect/stream.js"
import { type SendmuxError, TransportError } from "../../internal/model/errors.js"
import type { EventBatch, ServerSentEvent } from "../../internal/response/serverSentEvents.js"
import type { EventIdStore } from "./eventIds.js"
import { type MailboxEvent, readEvent, type SyncRequired } from "./schemas.js"

/**
 * A connection is open: what happens from now on arrives.
 *
 * @since 0.1.0
 * @category models
 */
export interface Listening {
  readonly _tag: "Listening"
  /** Whether the server was asked to begin with what followed a known event. */
  readonly resumed: boolean
}

/**
 * What `events.listen` gives: the events, and when there is a connection to bring them.
 *
 * @since 0.1.0
 * @category models
 */
export type MailboxSignal = Listening | MailboxEvent

/** Delays between connections, in milliseconds. */
export interface Backoff {
  readonly baseDelay: number
  readonly maxDelay: number
  /** Failed connections in a row after which the stream fails. */
  readonly maxFailures: number
}

export interface Following<E> {
  readonly operation: string
  /** Opens a connection that goes on after the event with this id. */
  readonly connect: (
    lastEventId: string | undefined
  ) => Stream.Stream<Stream.Stream<EventBatch, SendmuxError>, SendmuxError>
  readonly store: EventIdStore<E> | undefined
  /** Where to begin when the store has no id. */
  readonly startAfter: string | undefined
  /** A line on which nothing comes for so many milliseconds is dead. */
  readonly silence: number
  readonly backoff: Backoff
}

/** What becomes of a connection, in the order in which it does. */
type Step =
  | { readonly _tag: "Opened" }
  | { readonly _tag: "Batch"; readonly batch: EventBatch }
  | { readonly _tag: "Ended"; readonly error: SendmuxError | undefined }

/** How many ids are remembered, so that what a server repeats is not delivered twice. */
const rememberedIds = 4096

/** Milliseconds a timer can wait, some 24 days; one that is to wait longer never fires. The server will say it again. */
const longestSleep = 2 ** 31 - 1

/** What a stream says of the next connection holds up to here: a slip must not silence it for years. */
const longestRetry = 3_600_000

/** A connection that lived so long was a good one, even if no event came. */
const healthyAfter = 20_000

/** Follows the events through cuts, clean ends and silence, for as long as somebody listens. */
export const followEvents = <E>(following: Following<E>): Stream.Stream<MailboxSignal, SendmuxError | E> =>
  Stream.suspend(() => {
    const line = new Line(following.startAfter, following.backoff)
    const save = (id: string | undefined): Stream.Stream<never, E> =>
      following.store === undefined ? Stream.empty : Stream.drain(Stream.fromEffect(following.store.save(id)))
    // The consumer comes back for more only when it is done with a signal: then the id to go on from may be saved.
    const tell = (signal: MailboxSignal): Stream.Stream<MailboxSignal, E> =>
      Stream.concat(
        Stream.succeed(signal),
        Stream.suspend(() => (movesOn(signal) ? save(line.resumeId) : Stream.empty))
      )

    const begin: Effect.Effect<void, E> =
      following.store === undefined
        ? Effect.void
        : Effect.map(following.store.load, (id) => {
            if (id !== undefined) line.resumeAfter(id)
          })
    const pause = Effect.flatMap(random, (factor) => Effect.sleep(Duration.millis(line.nextDelay(factor))))
    const turns = paginate(begin, (before: Effect.Effect<void, E>) =>
      Effect.map(before, () => [[undefined], Option.some<Effect.Effect<void, E>>(pause)] as const)
    )

    const deliver = (frame: ServerSentEvent): Stream.Stream<MailboxSignal, E> =>
      Stream.suspend(() => {
        const event = line.accept(frame)
        return event === undefined ? Stream.empty : tell(event)
      })

    const handle = (step: Step): Stream.Stream<MailboxSignal, SendmuxError | E> => {
      switch (step._tag) {
        case "Opened":
          return Stream.flatMap(
            Stream.flatMap(Stream.fromEffect(now), (at) => Stream.fromIterable(line.opened(at))),
            tell
          )
        case "Batch":
          line.hint(step.batch.retry)
          return step.batch.events.length === 0
            ? Stream.empty
            : Stream.flatMap(Stream.fromIterable(step.batch.events), deliver)
        case "Ended":
          return Stream.drain(
            Stream.fromEffect(
              Effect.flatMap(now, (at) => {
                const failure = line.ended(step.error, at, following.operation)
                return failure === undefined ? Effect.void : Effect.fail(failure)
              })
            )
          )
      }
    }

    const stalled = () =>
      new TransportError({
        operation: following.operation,
        reason: "Timeout",
        message: `Nothing came for ${following.silence} ms`,
        attempts: 1
      })
    const read = (batches: Stream.Stream<EventBatch, SendmuxError>): Stream.Stream<Step, SendmuxError> =>
      Stream.concat(
        Stream.succeed<Step>({ _tag: "Opened" }),
        Stream.map(
          failOnStall(batches, following.silence, stalled),
          (batch): Step => ({ _tag: "Batch", batch })
        )
      )
    const connection = Stream.suspend(() => {
      const steps = recoverStream(
        Stream.concat(
          Stream.flatMap(following.connect(line.resumeId), read),
          Stream.succeed<Step>({ _tag: "Ended", error: undefined })
        ),
        (error) => Stream.succeed<Step>({ _tag: "Ended", error })
      )
      return Stream.flatMap(steps, handle)
    })
    return Stream.flatMap(turns, () => connection)
  })

/** What is known of the line from one connection to the next. */
class Line {
  /** After which event the next connection goes on. */
  resumeId: string | undefined
  private readonly recent = new Set<string>()
  private everOpened = false
  /** Whether there was an id to go on from, which the server does not take. */
  private refused = false
  private openedAt: number | undefined
  private delivered = false
  private failures = 0
  private retryAfter: number | undefined
  private retry = 0

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
    const missed = (this.everOpened || this.refused) && !resumed
    this.everOpened = true
    this.refused = false
    this.openedAt = at
    const listening: Listening = { _tag: "Listening", resumed }
    return missed ? [listening, gap] : [listening]
  }

  hint(retry: number | undefined): void {
    if (retry !== undefined) this.retry = Math.min(retry, longestRetry)
  }

  /** The event of a frame, unless it was delivered before or only says that the line is alive. */
  accept(frame: ServerSentEvent): MailboxEvent | undefined {
    const { id } = frame
    const event = readEvent(frame)
    // A notice of lost events may repeat the id that it cannot go on from, and must not be missed itself.
    if (id !== undefined && this.recent.has(id) && event?._tag !== "SyncRequired") return undefined
    if (id !== undefined) this.resumeAfter(id)
    if (event === undefined) return undefined
    this.delivered = true
    if (event._tag === "SyncRequired") this.resumeId = undefined
    return event
  }

  /** Takes note of the end of a connection; gives the error where it ends the stream too. */
  ended(error: SendmuxError | undefined, at: number, operation: string): SendmuxError | undefined {
    if (error !== undefined && endsStream(error)) {
      if (this.resumeId === undefined || !refusesResumption(error)) return error
      this.resumeId = undefined
      this.refused = true
    }
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
        reason: "CutBody",
        message: "The server ended every connection at once",
        attempts: this.failures
      })
    )
  }

  /** By a number in [0, 1): what the server asked for and a little more, else growing with each failure. */
  nextDelay(factor: number): number {
    const { baseDelay, maxDelay } = this.backoff
    if (this.retryAfter !== undefined) {
      return Math.min(longestSleep, Math.ceil(this.retryAfter + factor * Math.min(baseDelay, 1000)))
    }
    const grown = Math.min(maxDelay, baseDelay * 2 ** Math.min(this.failures, 30))
    return Math.ceil(Math.max(this.retry, grown * (0.5 + factor / 2)))
  }

  private remember(id: string): void {
    this.recent.add(id)
    if (this.recent.size <= rememberedIds) return
    for (const oldest of this.recent) {
      this.recent.delete(oldest)
      return
    }
  }
}

/** Whether a later connection goes on from another place once this is handled. */
const movesOn = (signal: MailboxSignal): boolean =>
  signal._tag === "SyncRequired" || (signal._tag !== "Listening" && signal.id !== undefined)

const gap: SyncRequired = { _tag: "SyncRequired", id: undefined, reason: "gap", data: undefined }

/** Whether no later connection can fare better: the request itself is refused. */
const endsStream = (error: SendmuxError): boolean => {
  if (error._tag === "TransportError") return false
  if (error._tag !== "APIError") return true
  return error.status < 500 && error.status !== 408 && error.status !== 429
}

const refusesResumption = (error: SendmuxError): boolean =>
  error._tag === "APIError" &&
  error.status !== 401 &&
  error.status !== 403 &&
  (error.param === "last_event_id" || error.errors.some(({ field }) => field === "last_event_id"))
