/**
 * Pages of lists. A cursor is opaque, belongs to the filters of its list, and stays valid when items are added or
 * removed.
 */
import { encodeBase64Url } from "../../internal/dialect/schema.js"
import { fail, type PageData } from "../exchange.js"
import { digest } from "../state/ids.js"

export interface PageInput {
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

interface PageOptions<A, Item> {
  /** Returns the id of an item, which never changes. */
  readonly idOf: (item: A) => string
  readonly show: (item: A) => Item
  /** Default: 50. */
  readonly defaultLimit?: number
}

/** Returns one page of a sorted list. */
export const pageOf = <A, Item>(
  items: ReadonlyArray<A>,
  input: PageInput & object,
  { idOf, show, defaultLimit = 50 }: PageOptions<A, Item>
): PageData<Item> => {
  const { cursor, limit = defaultLimit, ...filters } = input
  const filterDigest = digest(JSON.stringify(filters))
  const start = cursor === undefined ? 0 : startAfter(items, cursor, filterDigest, idOf)
  const end = start + limit
  const page = items.slice(start, end)
  const last = page.at(-1)
  const hasMore = end < items.length && last !== undefined
  return {
    items: page.map(show),
    hasMore,
    nextCursor: hasMore ? encodeBase64Url(JSON.stringify([filterDigest, idOf(last), end])) : undefined
  }
}

/** The position after the item of a cursor, or the position that it had if the item was removed. */
const startAfter = <A>(
  items: ReadonlyArray<A>,
  cursor: string,
  filterDigest: string,
  idOf: (item: A) => string
): number => {
  const [cursorDigest, id, position] = readCursor(cursor)
  if (cursorDigest !== filterDigest) return failCursor("The cursor belongs to a list with other filters")
  const index = items.findIndex((item) => idOf(item) === id)
  return index === -1 ? Math.min(position, items.length) : index + 1
}

const failCursor = (message: string): never => fail("invalid_parameter", message, { param: "cursor" })

const readCursor = (cursor: string): readonly [filterDigest: string, id: string, position: number] => {
  try {
    const base64 = cursor.replaceAll("-", "+").replaceAll("_", "/")
    const read: unknown = JSON.parse(atob(base64))
    if (Array.isArray(read)) {
      const [filterDigest, id, position] = read
      if (typeof filterDigest === "string" && typeof id === "string" && typeof position === "number") {
        return [filterDigest, id, position]
      }
    }
  } catch {
    // Text that is not base64 or not JSON fails below, like JSON of another shape.
  }
  return failCursor("The cursor was not issued by this API")
}
