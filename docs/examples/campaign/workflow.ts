/**
 * A campaign as a durable workflow: one workflow for each part of the audience, which sends page after page and survives
 * restarts of its machine.
 *
 * The workflow engine only drives. That each message is sent once is guaranteed by `Bulk.send` with its ledger: if the
 * engine runs an activity twice, the second run finds the outcomes of the first in the ledger.
 */
import * as Activity from "@effect/workflow/Activity"
import * as DurableClock from "@effect/workflow/DurableClock"
import * as Workflow from "@effect/workflow/Workflow"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Bulk, type BulkMessage } from "effect-sendmux/Bulk"

/** The recipients of campaigns, in parts that are read page by page. */
export class Audience extends Context.Tag("Audience")<
  Audience,
  {
    /** The messages of a page of a part, at most 100. An empty page is the end of the part. */
    readonly page: (campaign: string, part: number, page: number) => Effect.Effect<ReadonlyArray<BulkMessage>>
  }
>() {}

/** The number of messages by their outcome. */
export const Counts = Schema.Struct({
  queued: Schema.Number,
  rejected: Schema.Number,
  unconfirmed: Schema.Number
})

const none: typeof Counts.Type = { queued: 0, rejected: 0, unconfirmed: 0 }

const plus = (a: typeof Counts.Type, b: typeof Counts.Type): typeof Counts.Type => ({
  queued: a.queued + b.queued,
  rejected: a.rejected + b.rejected,
  unconfirmed: a.unconfirmed + b.unconfirmed
})

const PageResult = Schema.Struct({
  counts: Counts,
  /** The number of milliseconds to wait before the page is continued, or `null` if it is complete. */
  continueAfter: Schema.NullOr(Schema.Number),
  isEnd: Schema.Boolean
})

const minute = 60_000

/** Sends one page. What it may do twice, the ledger does once. */
const sendPage = (campaign: string, part: number, page: number, attempt: number) =>
  Activity.make({
    name: `page ${page}, attempt ${attempt}`,
    success: PageResult,
    execute: Effect.gen(function* () {
      const audience = yield* Audience
      const messages = yield* audience.page(campaign, part, page)
      let counts = none
      const run = Bulk.send(messages, { campaign, concurrency: 1, lease: "10 seconds" })
      const continueAfter = yield* Stream.runForEach(run, ({ _tag }) =>
        Effect.sync(() => {
          counts = plus(counts, {
            queued: _tag === "Queued" ? 1 : 0,
            rejected: _tag === "Rejected" ? 1 : 0,
            unconfirmed: _tag === "Unconfirmed" ? 1 : 0
          })
        })
      ).pipe(
        Effect.as(null),
        Effect.catchTags({
          BulkStopped: (error) =>
            Effect.as(
              Effect.logWarning(error.message),
              error.retryAfter === undefined ? 5 * minute : Duration.toMillis(error.retryAfter)
            ),
          LedgerError: (error) => Effect.as(Effect.logWarning(error.message), minute),
          InvalidRequestError: (error) => Effect.die(error)
        })
      )
      return { counts, continueAfter, isEnd: messages.length === 0 }
    })
  })

/** Sends a part of a campaign. The same campaign and part are the same execution, however often it is started. */
export const SendPart = Workflow.make({
  name: "SendPart",
  payload: { campaign: Schema.String, part: Schema.Number },
  idempotencyKey: ({ campaign, part }) => `${campaign}/${part}`,
  success: Counts
})

/**
 * The implementation of the workflow. It has at most one activity in flight: in Effect 3, activities that a workflow runs
 * concurrently can wait for each other forever when they are replayed.
 */
export const sendPartLayer = SendPart.toLayer(({ campaign, part }) =>
  Effect.gen(function* () {
    let total = none
    for (let page = 0; ; page++) {
      for (let attempt = 0; ; attempt++) {
        const { continueAfter, counts, isEnd } = yield* sendPage(campaign, part, page, attempt)
        if (isEnd) return total
        if (continueAfter === null) {
          total = plus(total, counts)
          break
        }
        // The clock is durable: after a restart the workflow waits for what is left, such as until the next day.
        yield* DurableClock.sleep({ name: `wait ${page}.${attempt}`, duration: continueAfter })
      }
    }
  })
)

/** Starts all parts of a campaign, or joins those that run, and waits for the sum of their outcomes. */
export const sendCampaign = (campaign: string, parts: number) =>
  Effect.map(
    Effect.forEach(
      Array.from({ length: parts }, (_, part) => part),
      (part) => SendPart.execute({ campaign, part }),
      { concurrency: "unbounded" }
    ),
    (counts) => counts.reduce(plus, none)
  )
