/**
 * Cursor lists as streams of items and of pages.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { mapArray, paginate } from "../dialect/stream.js"
import type { Page } from "../model/call.js"
import { PaginationError, type SendmuxError, type SendmuxStreamError } from "../model/errors.js"
import { type CallSite, callSiteOf } from "../operation/callSite.js"
import { type Operation, operationName } from "../operation/operation.js"
import type { Pipeline } from "../pipeline/pipeline.js"
import { run } from "../pipeline/run.js"
import { type Arguments, splitArguments } from "../request/arguments.js"
import { prepare } from "../request/prepare.js"
import type { Fetched } from "../response/envelope.js"
import { calledAt, ifNoneMatchOf } from "./data.js"
import type { AnyIds, ListMethods } from "./types.js"

export const makeListMethods = (pipeline: Pipeline): ListMethods => ({
  list: (operation) => listOf(pipeline, operation),
  conditionalList: (operation) =>
    Object.assign(listOf(pipeline, operation), { ifNoneMatch: ifNoneMatchOf(pipeline, operation, toPage) })
})

const toPage = <A>({ data, hasMore, nextCursor, meta }: Fetched<ReadonlyArray<A>>): Page<A> => ({
  items: data,
  hasMore,
  nextCursor,
  meta
})

const listOf = <A>(pipeline: Pipeline, operation: Operation<AnyIds, never, ReadonlyArray<A>>) => {
  const fetchPage =
    (callSite: CallSite | undefined) =>
    (args: Arguments): Effect.Effect<Page<A>, SendmuxError> =>
      run(
        pipeline,
        operation,
        calledAt(callSite, (mailboxId) => prepare(operation, pipeline, mailboxId, args)),
        toPage
      )
  const pagesFrom = (args: ReadonlyArray<unknown>, callSite: CallSite | undefined) =>
    followCursors(operationName(operation), fetchPage(callSite), splitArguments(operation, args))
  const items = (...args: ReadonlyArray<unknown>): Stream.Stream<A, SendmuxStreamError> =>
    mapArray(pagesFrom(args, callSiteOf(items)), ({ items }) => items)
  const pages = (...args: ReadonlyArray<unknown>): Stream.Stream<Page<A>, SendmuxStreamError> =>
    pagesFrom(args, callSiteOf(pages))
  const page = (...args: ReadonlyArray<unknown>): Effect.Effect<Page<A>, SendmuxError> =>
    fetchPage(callSiteOf(page))(splitArguments(operation, args))
  return Object.assign(items, { pages, page })
}

/** Reads page after page with the same filters, and fails rather than read a page twice. */
const followCursors = <A>(
  operation: string,
  fetchPage: (args: Arguments) => Effect.Effect<Page<A>, SendmuxError>,
  args: Arguments
): Stream.Stream<Page<A>, SendmuxStreamError> =>
  Stream.suspend(() => {
    const first: unknown = Reflect.get(asObject(args.input), "cursor")
    const seen = makeCursorHistory(first)
    const problemOf = ({ hasMore, nextCursor }: Page<A>): PaginationError["reason"] | undefined => {
      if (!hasMore) return undefined
      if (nextCursor === undefined) return "MissingCursor"
      return seen.has(nextCursor) ? "RepeatedCursor" : undefined
    }
    const step = (current: Arguments | PaginationError) =>
      current instanceof PaginationError
        ? Effect.fail(current)
        : Effect.map(fetchPage(current), (page) => {
            const reason = problemOf(page)
            const cursor = page.hasMore ? page.nextCursor : undefined
            seen.add(cursor)
            // The page itself is complete: only the way to the next one is missing.
            const next =
              reason !== undefined
                ? Option.some(new PaginationError({ operation, reason, requestId: page.meta.requestId }))
                : cursor === undefined
                  ? Option.none<Arguments>()
                  : Option.some({ ...current, input: { ...asObject(current.input), cursor } })
            return [[page], next] as const
          })
    return paginate<Arguments | PaginationError, Page<A>, SendmuxStreamError, never>(args, step)
  })

const maxRecentCursors = 1_000

/**
 * Remembers the cursors of a list in constant memory: the most recent ones, and one older cursor, which moves on each
 * time the number of pages has doubled. A cycle of any length therefore meets one of them.
 */
const makeCursorHistory = (first: unknown) => {
  const recent = new Set<unknown>([first])
  let checkpoint = first
  let count = 0
  let next = 1
  return {
    has: (cursor: unknown): boolean => recent.has(cursor) || cursor === checkpoint,
    add: (cursor: unknown): void => {
      recent.add(cursor)
      if (recent.size > maxRecentCursors) recent.delete(recent.values().next().value)
      count++
      if (count < next) return
      checkpoint = cursor
      next *= 2
    }
  }
}

const asObject = (input: unknown): object => (typeof input === "object" && input !== null ? input : {})
