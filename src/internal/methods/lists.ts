/**
 * Cursor lists as streams of items and of pages.
 */
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { mapArray } from "../dialect/stream.js"
import type { Page } from "../model/call.js"
import type { SendmuxError, SendmuxStreamError } from "../model/errors.js"
import { type CallSite, callSiteOf } from "../operation/callSite.js"
import { type Operation, operationName } from "../operation/operation.js"
import type { Pipeline } from "../pipeline/pipeline.js"
import { run } from "../pipeline/run.js"
import { type Arguments, splitArguments } from "../request/arguments.js"
import { prepare } from "../request/prepare.js"
import type { Fetched } from "../response/envelope.js"
import { followCursors } from "./cursors.js"
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
    Stream.suspend(() => {
      const given = splitArguments(operation, args)
      const input = asObject(given.input)
      const fetch = fetchPage(callSite)
      return followCursors(operationName(operation), Reflect.get(input, "cursor"), (cursor) =>
        fetch(cursor === undefined ? given : { ...given, input: { ...input, cursor } })
      )
    })
  const items = (...args: ReadonlyArray<unknown>): Stream.Stream<A, SendmuxStreamError> =>
    mapArray(pagesFrom(args, callSiteOf(items)), ({ items }) => items)
  const pages = (...args: ReadonlyArray<unknown>): Stream.Stream<Page<A>, SendmuxStreamError> =>
    pagesFrom(args, callSiteOf(pages))
  const page = (...args: ReadonlyArray<unknown>): Effect.Effect<Page<A>, SendmuxError> =>
    fetchPage(callSiteOf(page))(splitArguments(operation, args))
  return Object.assign(items, { pages, page })
}

const asObject = (input: unknown): object => (typeof input === "object" && input !== null ? input : {})
