/**
 * The phases of one round of `sync.follow`, and the pure decisions between them.
 */
import type { SyncType } from "../changes/schemas.js"

/** What a round does next. */
export type Phase =
  /** Read the current states of types that have none, and start their snapshots. */
  | { readonly _tag: "Begin"; readonly types: ReadonlyArray<SyncType> }
  /** Read a page of a snapshot. */
  | Listing
  /** Read the changes since the states of the copy. */
  | { readonly _tag: "CatchUp"; readonly types: ReadonlyArray<SyncType> }

/** The position of a snapshot. */
export interface Listing {
  readonly _tag: "List"
  readonly type: SyncType
  /** The types whose snapshots follow this one. */
  readonly rest: ReadonlyArray<SyncType>
  /** The cursors of the pages up to and including the current one. */
  readonly cursors: readonly [...before: ReadonlyArray<string | undefined>, current: string | undefined]
  /** The largest number of items that a page has had. */
  readonly size: number
  /** How often a page was read again because of changes that moved no item. */
  readonly rereads: number
}

/** What happened while a page was read. */
export interface PageFacts {
  /** The number of items on the page. */
  readonly count: number
  readonly next: string | undefined
  /** Whether anything of this type changed. */
  readonly changed: boolean
  /** How many items may have moved forward in the list. */
  readonly moved: number
}

/** A mailbox that changes all the time must not keep a snapshot from ending. */
const maxRereads = 100

/** The first page of the first type's snapshot. `allTypes` are caught up once no type is left to list. */
export const listOrCatchUp = (
  [type, ...rest]: ReadonlyArray<SyncType>,
  allTypes: ReadonlyArray<SyncType>
): Phase =>
  type === undefined
    ? { _tag: "CatchUp", types: allTypes }
    : { _tag: "List", type, rest, cursors: [undefined], size: 0, rereads: 0 }

/** The page to read next, or `undefined` at the end of the snapshot. */
export const nextListing = (
  listing: Listing,
  { changed, count, moved, next }: PageFacts
): Listing | undefined => {
  const { cursors, rereads } = listing
  const size = Math.max(listing.size, count)
  const isOnlyPage = cursors.length === 1 && next === undefined
  if (!isOnlyPage && changed && (moved > 0 || rereads < maxRereads)) {
    // Items that moved by less than a page are on the page before. Otherwise they may be on any page.
    const reread = moved < size ? backOne(cursors) : ([undefined] as const)
    return { ...listing, cursors: reread, size, rereads: rereads + (moved > 0 ? 0 : 1) }
  }
  return next === undefined ? undefined : { ...listing, cursors: [...cursors, next], size }
}

const backOne = (cursors: Listing["cursors"]): Listing["cursors"] =>
  cursors.length > 1 ? [...cursors.slice(0, -2), cursors[cursors.length - 2]] : cursors
