/**
 * Lists that a program can stop reading and continue later.
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
 * The position after an item of a list. It is plain JSON, so that it can be stored.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ListPosition = Schema.Struct({
  /** The cursor of the page that contains the item. The first page has no cursor. */
  cursor: OptionalInput(Schema.String),
  /** The id of the item. */
  after: Schema.String
})

/**
 * The position after an item of a list.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListPosition extends Schema.Schema.Type<typeof ListPosition> {}

/**
 * An item and the position after it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Positioned<out A> {
  readonly item: A
  readonly position: ListPosition
}

/**
 * A list as a stream that can continue at a position.
 *
 * @since 0.1.0
 * @category methods
 */
export type ResumableList<in Input, out A> = (
  input?: Input,
  options?: CallOptions & {
    /** The `position` of the last handled item. The stream starts with the next item. */
    readonly position?: ListPosition | undefined
  }
) => Stream.Stream<Positioned<A>, SendmuxStreamError>

/**
 * Makes a list resumable. If its page no longer contains the item of the position, the stream emits the whole page: it
 * may repeat items, but it skips none.
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
        const pageCursor = cursor
        const skipped = after === undefined ? 0 : page.items.findIndex(({ id }) => id === after) + 1
        cursor = page.nextCursor
        after = undefined
        return page.items
          .slice(skipped)
          .map((item): Positioned<A> => ({ item, position: { cursor: pageCursor, after: item.id } }))
      })
    })
