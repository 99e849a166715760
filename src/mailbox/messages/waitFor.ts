/**
 * Waiting for a message.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { timeoutFail } from "../../internal/dialect/core.js"
import { wakeups } from "../../internal/dialect/stream.js"
import type { DurationInput, ListMethod } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { waitMillis } from "../../internal/timing/poll.js"
import type { Events } from "../events/events.js"
import type { MailboxOptions } from "../options.js"
import { WaitTimeoutError } from "../waiting.js"
import type { CountMessagesInput, ListMessagesInput } from "./inputs.js"
import type { MessageSummary } from "./schemas.js"

/**
 * What steers waiting for a message.
 *
 * @since 0.1.0
 * @category options
 */
export interface WaitForOptions extends Omit<MailboxOptions, "timeout"> {
  /** How long to wait in all; `Infinity` for as long as it takes. */
  readonly timeout: DurationInput
}

/**
 * Waits until the mailbox has a message that the filters find, and gives the newest.
 *
 * It listens first and looks then, so that a message that comes in between is not missed; and since no event tells
 * of a flag that changed, nor of a search that lags behind, it looks every 30 seconds too. A message that is there
 * already counts: give `after` to wait for a new one. Fails with a `WaitTimeoutError` when none came in time, and as
 * `events.stream` and `messages.list` do. Events: `GET /mailbox/events`; looking: `GET /mailbox/messages`.
 *
 * @since 0.1.0
 * @category methods
 */
export type WaitForMessage = (
  filter: CountMessagesInput,
  options: WaitForOptions
) => Effect.Effect<MessageSummary, SendmuxError | WaitTimeoutError>

const operation = "mailbox.messages.waitFor"

/** A message is told of before every search finds it: looks again so many milliseconds later. */
const secondLooks = [500, 2000]

/** Milliseconds after which it looks although no event came. */
const pollMillis = 30_000

/** @internal */
export const waitForMessage =
  (
    listen: Events["listen"],
    list: Pick<ListMethod<[input?: ListMessagesInput, options?: MailboxOptions], MessageSummary>, "page">
  ): WaitForMessage =>
  (filter, { timeout, ...options }) => {
    const input: ListMessagesInput = { ...filter, limit: 1, sort_by: "received_at", sort_direction: "desc" }
    const look = Effect.map(list.page(input, options), ({ items }) => items)
    const lookAgain = (delays: ReadonlyArray<number>): typeof look => {
      const [delay, ...later] = delays
      return delay === undefined
        ? look
        : Effect.flatMap(look, (found) =>
            found.length > 0
              ? Effect.succeed(found)
              : Effect.flatMap(Effect.sleep(Duration.millis(delay)), () => lookAgain(later))
          )
    }
    const found = Stream.suspend(() => {
      let listening = false
      let arrived = false
      const signals = Stream.map(listen({}, options), (signal) => {
        listening = true
        arrived ||= signal._tag === "MessageReceived"
      })
      const lookNow = Effect.suspend(() => {
        if (!listening) return Effect.succeed([])
        const delays = arrived ? secondLooks : []
        arrived = false
        return lookAgain(delays)
      })
      const looks = Stream.mapEffect(wakeups(signals, pollMillis), () => lookNow)
      return Stream.flatMap(looks, (messages) => Stream.fromIterable(messages))
    })
    const first = Effect.flatMap(
      Stream.runHead(found),
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
