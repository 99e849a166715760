/**
 * Cursors over lists: opaque, bound to their filters, and steady when items come or go.
 */
import { encodeBase64Url } from "../../internal/dialect/schema.js"
import { type PageData, refuse } from "../exchange.js"
import { digest } from "../state/ids.js"

export interface PageInput {
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}

interface PageOptions<A, Item> {
  /** What marks an item's place, and stays. */
  readonly idOf: (item: A) => string
  readonly show: (item: A) => Item
  readonly defaultLimit?: number
}

/** One page of a list that is sorted already. */
export const pageOf = <A, Item>(
  items: ReadonlyArray<A>,
  input: PageInput & object,
  { idOf, show, defaultLimit = 50 }: PageOptions<A, Item>
): PageData<Item> => {
  const { cursor, limit = defaultLimit, ...filters } = input
  const bound = digest(JSON.stringify(filters))
  const start = cursor === undefined ? 0 : startAfter(items, cursor, bound, idOf)
  const end = start + limit
  const shown = items.slice(start, end)
  const last = shown.at(-1)
  const hasMore = end < items.length && last !== undefined
  return {
    items: shown.map(show),
    hasMore,
    nextCursor: hasMore ? encodeBase64Url(JSON.stringify([bound, idOf(last), end])) : undefined
  }
}

const startAfter = <A>(
  items: ReadonlyArray<A>,
  cursor: string,
  bound: string,
  idOf: (item: A) => string
): number => {
  const [made, id, index] = readCursor(cursor)
  if (made !== bound) return badCursor("The cursor belongs to other filters")
  const at = items.findIndex((item) => idOf(item) === id)
  return at === -1 ? Math.min(index, items.length) : at + 1
}

const badCursor = (message: string): never => refuse("invalid_parameter", message, { param: "cursor" })

const readCursor = (cursor: string): readonly [string, string, number] => {
  try {
    const base64 = cursor.replaceAll("-", "+").replaceAll("_", "/")
    const read: unknown = JSON.parse(atob(base64))
    if (Array.isArray(read)) {
      const [bound, id, index] = read
      if (typeof bound === "string" && typeof id === "string" && typeof index === "number")
        return [bound, id, index]
    }
  } catch {}
  return badCursor("The cursor is not one that this list gave")
}
