/**
 * Cursor lists, page by page.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { paginate } from "../dialect/stream.js"
import { PaginationError } from "../model/errors.js"

/** The part of a page that leads to the next one. Without `hasMore`, a cursor says that there is another page. */
export interface CursorPage {
  readonly hasMore?: boolean | undefined
  readonly nextCursor?: string | null | undefined
  readonly meta?: { readonly requestId?: string | undefined } | undefined
}

/** Reads page after page, and fails rather than read a page twice. `first` is the cursor of the first page. */
export const followCursors = <P extends CursorPage, E, R>(
  operation: string,
  first: unknown,
  fetchPage: (cursor: string | undefined) => Effect.Effect<P, E, R>
): Stream.Stream<P, E | PaginationError, R> =>
  Stream.suspend(() => {
    const seen = makeCursorHistory(first)
    const nextOf = ({ hasMore, meta, nextCursor }: P): string | PaginationError | undefined => {
      const cursor = nextCursor ?? undefined
      if (!(hasMore ?? cursor !== undefined)) return undefined
      const reason = cursor === undefined ? "MissingCursor" : seen.has(cursor) ? "RepeatedCursor" : undefined
      return reason === undefined
        ? cursor
        : new PaginationError({ operation, reason, requestId: meta?.requestId })
    }
    const step = (
      current: string | PaginationError | undefined
    ): Effect.Effect<
      readonly [ReadonlyArray<P>, Option.Option<string | PaginationError | undefined>],
      E | PaginationError,
      R
    > =>
      current instanceof PaginationError
        ? Effect.fail(current)
        : Effect.map(fetchPage(current), (page) => {
            // The page itself is complete: only the way to the next one may be missing.
            const next = nextOf(page)
            seen.add(typeof next === "string" ? next : undefined)
            return [[page], next === undefined ? Option.none() : Option.some(next)] as const
          })
    return paginate<string | PaginationError | undefined, P, E | PaginationError, R>(undefined, step)
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
