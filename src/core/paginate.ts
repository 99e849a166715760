/**
 * Lists from any function that fetches a page.
 *
 * @since 0.2.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { mapArray } from "../internal/dialect/stream.js"
import { followCursors } from "../internal/methods/cursors.js"
import type { PaginationError } from "../internal/model/errors.js"

/**
 * A page that a function fetched. The `Page` of a method is one.
 *
 * @since 0.2.0
 * @category models
 */
export interface FetchedPage<out A> {
  readonly items: ReadonlyArray<A>
  /** Whether there is another page. Default: whether `nextCursor` is present. */
  readonly hasMore?: boolean | undefined
  /** The cursor of the next page. */
  readonly nextCursor?: string | null | undefined
  /** The metadata of the response, whose `requestId` a `PaginationError` has. */
  readonly meta?: { readonly requestId?: string | undefined } | undefined
}

/**
 * The options of `paginate`.
 *
 * @since 0.2.0
 * @category options
 */
export interface PaginateOptions {
  /** The name of the list in a `PaginationError`. Default: `Core.paginate`. */
  readonly operation?: string | undefined
  /** The cursor of the first page, to continue an earlier list. */
  readonly cursor?: string | undefined
}

/**
 * A stream of the items of a list, whose `pages` are the pages.
 *
 * @since 0.2.0
 * @category models
 */
export type Paginated<Page extends FetchedPage<unknown>, E, R> = Stream.Stream<
  Page["items"][number],
  E | PaginationError,
  R
> & {
  readonly pages: Stream.Stream<Page, E | PaginationError, R>
}

/**
 * Makes a stream from a function that fetches the page of a cursor, and the first page for `undefined`. A page is fetched
 * when its items are needed.
 *
 * It has the guards of the lists of the SDK. It fails with `PaginationError` if a page reports another page without a
 * cursor, or returns the cursor of a page that was already read, after it has emitted the items of that page.
 *
 * @example
 * import * as Core from "effect-sendmux/Core"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const pages: Record<string, Core.FetchedPage<number>> = {
 *   first: { items: [1, 2], nextCursor: "last" },
 *   last: { items: [3] }
 * }
 *
 * const numbers = Core.paginate((cursor = "first") => Effect.succeed(pages[cursor] ?? { items: [] }))
 *
 * export const all = Stream.runCollect(numbers)
 * export const pageCount = Stream.runCount(numbers.pages)
 *
 * @since 0.2.0
 * @category constructors
 */
export const paginate = <Page extends FetchedPage<unknown>, E = never, R = never>(
  fetchPage: (cursor: string | undefined) => Effect.Effect<Page, E, R>,
  options: PaginateOptions = {}
): Paginated<Page, E, R> => {
  const { cursor, operation = "Core.paginate" } = options
  const pages = followCursors(operation, cursor, (next) => fetchPage(next ?? cursor))
  const items = mapArray(pages, (page): ReadonlyArray<Page["items"][number]> => page.items)
  return Object.assign(items, { pages })
}
