/**
 * Reading a list so that it can be left and taken up again where it was left.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { mapArray } from "../internal/dialect/stream.js"
import type { CallOptions, ListMethod } from "../internal/model/call.js"
import type { SendmuxStreamError } from "../internal/model/errors.js"
import { OptionalInput } from "../internal/schema/schema.js"

/**
 * A place in a list, right after an item. Plain JSON: keep it wherever it outlives the process.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListPosition = Schema.Struct({
  /** The cursor of the page that holds the item; the first page has none. */
  cursor: OptionalInput(Schema.String),
  /** The id of the item. */
  after: Schema.String
})

/**
 * @since 0.1.0
 * @category models
 */
export interface ListPosition extends Schema.Schema.Type<typeof ListPosition> {}

/**
 * An item with the place right after it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Positioned<out A> {
  readonly item: A
  readonly position: ListPosition
}

/**
 * A list as a stream that can be taken up again.
 *
 * @since 0.1.0
 * @category methods
 */
export type ResumableList<in Input, out A> = (
  input?: Input,
  options?: CallOptions & {
    /** The `position` of the last item that was dealt with: the stream begins with the next one. */
    readonly position?: ListPosition | undefined
  }
) => Stream.Stream<Positioned<A>, SendmuxStreamError>

/**
 * Where the page changed meanwhile and the item is no longer on it, the page is given from its beginning: an item may
 * come twice, and none is lost.
 *
 * @internal
 */
export const resumable =
  <Input extends { readonly cursor?: string | undefined }, A extends { readonly id: string }>(
    list: ListMethod<[input?: Input, options?: CallOptions], A>,
    withCursor: (input: Input | undefined, cursor: string | undefined) => Input
  ): ResumableList<Input, A> =>
  (input, options = {}) =>
    Stream.suspend(() => {
      const { position, ...callOptions } = options
      let cursor = position === undefined ? input?.cursor : position.cursor
      let after = position?.after
      return mapArray(list.pages(withCursor(input, cursor), callOptions), (page) => {
        const own = cursor
        const skipped = after === undefined ? 0 : page.items.findIndex(({ id }) => id === after) + 1
        cursor = page.nextCursor
        after = undefined
        return page.items
          .slice(skipped)
          .map((item): Positioned<A> => ({ item, position: { cursor: own, after: item.id } }))
      })
    })
