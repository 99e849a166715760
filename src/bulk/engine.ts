/**
 * Runs bulk sending: forms chunks, records them in the ledger, sends them, and emits the outcomes.
 *
 * The outcome of a message is emitted when the source has produced it, once for each time. A chunk that was left by an
 * earlier runner is settled silently: its messages are emitted when the source produces them, from the ledger.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { mapUnordered, openPull } from "../internal/dialect/concurrency.js"
import { catchAll, now } from "../internal/dialect/core.js"
import { fromExit } from "../internal/dialect/fiber.js"
import { mapArray, openStream, paginate } from "../internal/dialect/stream.js"
import { APIError } from "../internal/model/errors.js"
import type { BatchItemError } from "../sending/emails/schemas.js"
import { type Backlog, type Job, makeBacklog } from "./backlog.js"
import { delayAfter, sendChunk } from "./chunk.js"
import { chunkKey } from "./digest.js"
import type { FreeState, ItemRecord, LedgerChunk, LedgerError, SettledState } from "./ledger/model.js"
import type { BulkStopped, Outcome, Rejected } from "./model.js"
import { bodyOf, type Item, itemFrom } from "./prepare.js"
import { makeRun, type Run, type RunSettings } from "./run.js"

/** How long to wait before a message is looked up again that another runner has in flight. */
const busyDelay = 500

/** Sends the elements of a source, which `prepare` turns into messages. */
export const runSource = <T, E, R>(
  settings: RunSettings,
  source: Stream.Stream<T, E, R>,
  prepare: (elements: ReadonlyArray<T>) => Effect.Effect<ReadonlyArray<Item | Rejected>>
): Stream.Stream<Outcome, E | BulkStopped | LedgerError, R> =>
  openStream(
    Effect.gen(function* () {
      const run = makeRun(settings)
      const backlog = yield* makeBacklog(run, yield* openPull(source), prepare)
      const jobs = paginate(undefined, () =>
        Effect.map(backlog.next, (job): readonly [ReadonlyArray<Job>, Option.Option<undefined>] =>
          job === undefined ? [[], Option.none()] : [[job], Option.some(undefined)]
        )
      )
      const outcomes = mapUnordered(jobs, settings.limits.concurrency, (job) => perform(run, backlog, job))
      const ending = Stream.suspend((): Stream.Stream<never, E | BulkStopped | LedgerError> => {
        const stopped = run.failure()
        if (stopped !== undefined) return Stream.fail(stopped)
        const exit = backlog.sourceExit()
        return exit === undefined ? Stream.empty : Stream.drain(Stream.fromEffect(fromExit(exit, undefined)))
      })
      return Stream.concat(
        mapArray(outcomes, (some) => some),
        ending
      )
    })
  )

/** Performs a job. A failure of the ledger stops the run. */
const perform = (run: Run, backlog: Backlog<unknown>, job: Job): Effect.Effect<ReadonlyArray<Outcome>> =>
  Effect.gen(function* () {
    const outcomes = yield* catchAll(outcomesOf(run, backlog, job), (error) => {
      run.stop(error, 0)
      return Effect.succeed<ReadonlyArray<Outcome>>([])
    })
    const time = yield* now
    for (const outcome of outcomes) run.count(outcome, time)
    backlog.ended()
    return outcomes
  })

const outcomesOf = (
  run: Run,
  backlog: Backlog<unknown>,
  job: Job
): Effect.Effect<ReadonlyArray<Outcome>, LedgerError> => {
  switch (job._tag) {
    case "Refuse":
      return Effect.succeed(job.rejected)
    case "Send":
      return send(run, backlog, job.items)
    case "TakeOver":
      return takeOver(run, backlog)
  }
}

// -----------------------------------------------------------------------------
// chunks of the source
// -----------------------------------------------------------------------------

const send = (
  run: Run,
  backlog: Backlog<unknown>,
  items: ReadonlyArray<Item>
): Effect.Effect<ReadonlyArray<Outcome>, LedgerError> =>
  Effect.gen(function* () {
    yield* run.gate
    if (run.stopped()) return []
    const { ledger, limits, scope } = run
    const key = yield* chunkKey(scope, items)
    const sentAt = yield* now
    const chunk: LedgerChunk = { key, items: items.map(itemOf), body: bodyOf(items), sentAt }
    const lease = run.claim(sentAt + limits.lease)
    const obstacles = yield* ledger.begin(scope, chunk, lease)
    if (obstacles.length > 0) return yield* sendOthers(run, backlog, items, obstacles)
    const end = yield* sendChunk(
      run,
      chunk,
      lease,
      false,
      items.map(({ retries }) => retries)
    )
    const time = yield* now
    switch (end._tag) {
      case "Settled":
        stopIfLimited(run, end.limited)
        return items.flatMap((item, index) => outcomeOf(backlog, item, end.states[index], time))
      case "Lost":
        backlog.again(items, time, busyDelay)
        return []
      case "Postponed":
        backlog.again(items, time, 0)
        return []
      case "Split":
        backlog.again(
          items.map((item) => ({ ...item, alone: true })),
          time,
          0
        )
        return []
      case "Stopped":
        run.stop(end, end.inFlight)
        return []
    }
  })

/** Stops the run if the rate limit keeps refusing a message, whose error tells no time to wait. */
const stopIfLimited = (run: Run, limited: BatchItemError | undefined): void => {
  if (limited === undefined) return
  const error = new APIError({
    operation: "sending.emails.sendBatch",
    status: 429,
    code: limited.code,
    detail: limited.message,
    errors: limited.errors ?? [],
    retryable: true,
    attempts: 1
  })
  run.stop({ reason: "rate_limit", error }, 0)
}

const itemOf = ({ attempts, hash, id, payload }: Item) => ({
  id,
  hash,
  attempts,
  ...(payload === undefined ? {} : { payload })
})

const outcomeOf = (
  backlog: Backlog<unknown>,
  item: Item,
  state: SettledState | FreeState | undefined,
  time: number
): ReadonlyArray<Outcome> => {
  if (state === undefined) return []
  if (state._tag !== "Free") return [{ id: item.id, ...state }]
  const again = { ...item, attempts: state.attempts, retries: item.retries + 1 }
  backlog.again([again], time, delayAfter(item.retries))
  return []
}

/** Sends the items of a chunk that could not be recorded, without those that the ledger knows. */
const sendOthers = (
  run: Run,
  backlog: Backlog<unknown>,
  items: ReadonlyArray<Item>,
  obstacles: ReadonlyArray<ItemRecord>
): Effect.Effect<ReadonlyArray<Outcome>, LedgerError> =>
  Effect.gen(function* () {
    const time = yield* now
    const known = new Map(obstacles.map((record) => [record.id, record]))
    const outcomes: Array<Outcome> = []
    const others: Array<Item> = []
    for (const item of items) {
      const record = known.get(item.id)
      if (record === undefined) others.push(item)
      else if (record.hash !== item.hash) outcomes.push(reused(item.id))
      else if (record.state._tag === "Free") others.push({ ...item, attempts: record.state.attempts })
      else if (record.state._tag === "InFlight") {
        backlog.again([item], time, busyDelay)
        backlog.lookForChunks(time + busyDelay)
      } else outcomes.push({ id: item.id, ...record.state })
    }
    if (others.length === 0) return outcomes
    return [...outcomes, ...(yield* send(run, backlog, others))]
  })

const reused = (id: string): Rejected => ({
  _tag: "Rejected",
  id,
  error: {
    code: "id_reused",
    message: "The ledger knows this id with other content. Use a new id for a new message",
    retryable: false
  }
})

// -----------------------------------------------------------------------------
// chunks of earlier runners
// -----------------------------------------------------------------------------

/** Continues a chunk whose runner has not renewed its lease. */
const takeOver = (run: Run, backlog: Backlog<unknown>): Effect.Effect<ReadonlyArray<Outcome>, LedgerError> =>
  Effect.gen(function* () {
    const { emitsTakenOver, ledger, limits, scope } = run
    const time = yield* now
    const lease = run.claim(time + limits.lease)
    const chunk = yield* ledger.takeOver(scope, time, lease)
    if (chunk === undefined) return []
    backlog.lookForChunks(time)
    const end = yield* sendChunk(run, chunk, lease, true, [])
    if (end._tag === "Stopped") run.stop(end, end.inFlight)
    if (end._tag !== "Settled" || !emitsTakenOver) return []
    const at = yield* now
    return chunk.items.flatMap((item, index) =>
      item.payload === undefined
        ? []
        : outcomeOf(backlog, itemFrom(item, item.payload), end.states[index], at)
    )
  })
