/**
 * Waits for a message: `messages.waitFor`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { timeoutFail } from "../../internal/dialect/core.js"
import { mapArrayEffect } from "../../internal/dialect/stream.js"
import { wakeups } from "../../internal/dialect/shared/wakeups.js"
import type { DurationInput, ListMethod } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { pause } from "../../internal/timing/deadline.js"
import { waitMillis } from "../../internal/timing/poll.js"
import { listenAgain } from "../endless.js"
import type { Events } from "../events/events.js"
import { notObjects } from "../objects.js"
import type { MailboxOptions } from "../options.js"
import { WaitTimeoutError } from "../waiting.js"
import type { CountMessagesInput, ListMessagesInput } from "./inputs.js"
import type { MessageSummary } from "./schemas.js"

/**
 * The options of `messages.waitFor`. Except for `timeout`, they apply to each request.
 *
 * @since 0.1.0
 * @category options
 */
export interface WaitForMessageOptions extends Omit<MailboxOptions, "timeout"> {
  /** How long to wait in total. `Infinity` means no limit. */
  readonly timeout: DurationInput
}

/**
 * Waits until a message matches the filters, and succeeds with the newest one.
 *
 * @since 0.1.0
 * @category methods
 */
export type WaitForMessage = (
  filter: CountMessagesInput,
  options: WaitForMessageOptions
) => Effect.Effect<MessageSummary, SendmuxError | WaitTimeoutError>

const operation = "mailbox.messages.waitFor"

/** Delays, in milliseconds, after which to list again: the search may find a message only some time after its event. */
const searchDelays = [500, 2000]

/** The interval, in milliseconds, at which to list even if no event arrives. */
const pollMillis = 30_000

/** @internal */
export const waitForMessage =
  (
    listen: Events["listen"],
    list: Pick<ListMethod<[input?: ListMessagesInput, options?: MailboxOptions], MessageSummary>, "page">
  ): WaitForMessage =>
  (filter, given) => {
    const invalid = notObjects(operation, { "the filter": filter, "the options": given })
    if (invalid !== undefined) return Effect.fail(invalid)
    const { timeout, ...options } = given
    const input: ListMessagesInput = { ...filter, limit: 1, sort_by: "received_at", sort_direction: "desc" }

    let lists = 0
    const listWithRetries = (delays: ReadonlyArray<number>) =>
      Effect.gen(function* () {
        let { items } = yield* list.page(input, options)
        lists++
        for (const delay of delays) {
          if (items.length > 0) break
          yield* pause(delay, { operation, awaited: "Check", attempts: lists })
          items = (yield* list.page(input, options)).items
          lists++
        }
        return items
      })

    const matches = Stream.suspend(() => {
      let isListening = false
      let isFirst = true
      let hasArrived = false
      const signals = Stream.map(listenAgain(operation, listen({}, options)), (signal) => {
        isListening = true
        hasArrived ||= signal._tag === "MessageReceived"
      })
      const check = Effect.suspend(() => {
        // The first list waits for the connection, because it could miss a message that arrives in between. While the
        // connection cannot be opened, the interval still triggers lists.
        const skips = isFirst && !isListening
        isFirst = false
        if (skips) return Effect.succeed([])
        const delays = hasArrived ? searchDelays : []
        hasArrived = false
        return listWithRetries(delays)
      })
      return mapArrayEffect(wakeups(signals, pollMillis), () => check)
    })

    const first = Effect.flatMap(
      Stream.runHead(matches),
      Option.match({ onNone: () => Effect.never, onSome: (message) => Effect.succeed(message) })
    )

    return Effect.suspend(() => {
      const millis = waitMillis(operation, timeout, 0)
      if (typeof millis !== "number") return Effect.fail(millis)
      if (!Number.isFinite(millis)) return first
      return timeoutFail(
        first,
        millis,
        () => new WaitTimeoutError({ operation, waited: Duration.millis(millis) })
      )
    })
  }
