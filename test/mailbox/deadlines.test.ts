import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Call from "../../src/internal/timing/deadline.js"
import { Mailbox } from "../../src/Mailbox.js"
import { resume } from "../../src/mailbox/attachments/resume.js"
import { errorsOf } from "../support/errors.js"
import { FakeMailbox } from "../support/fakeMailbox.js"
import { failure, mockClient, type Reaction } from "../support/http.js"
import { mailboxOver, pageOf } from "../support/mailbox.js"
import { errorOf, recordWaits } from "../support/time.js"

/** An event stream that stays open and says nothing. */
const silent = () => new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } })

const html = () => new Response("<html>", { headers: { "content-type": "text/html" } })

/** Calls a mailbox without messages, whose event stream is the result of `events`. */
const empty = <A, E>(
  events: () => Reaction,
  call: (mailbox: typeof Mailbox.Service) => Effect.Effect<A, E>
) => {
  const { client } = mockClient(({ url }) => (url.pathname.endsWith("/events") ? events() : pageOf([])))
  return recordWaits(Effect.provide(Effect.flatMap(Mailbox, call), mailboxOver(client)))
}

const sum = (waits: ReadonlyArray<number>) => waits.reduce((total, wait) => total + wait, 0)

describe("messages.waitFor under a deadline", () => {
  const waitFor = (mailbox: typeof Mailbox.Service) =>
    mailbox.messages.waitFor({ from: "ada@example.com" }, { timeout: "5 minutes" })

  it.effect("ends at the deadline while it listens", () =>
    Effect.gen(function* () {
      const { exit, waits } = yield* empty(silent, (mailbox) =>
        waitFor(mailbox).pipe(Call.deadline("45 seconds"))
      )
      expect(errorOf(exit)).toMatchObject({ _tag: "DeadlineExceededError", awaited: "Response" })
      expect(sum(waits)).toBe(45_000)
    })
  )

  it.effect("fails at once if the next connection would be opened after the deadline", () =>
    Effect.gen(function* () {
      const { exit, waits } = yield* empty(html, (mailbox) =>
        waitFor(mailbox).pipe(Call.deadline("20 seconds"))
      )
      expect(errorOf(exit)).toMatchObject({
        _tag: "DeadlineExceededError",
        operation: "mailbox.messages.waitFor",
        awaited: "Retry",
        needed: Duration.seconds(30)
      })
      expect(waits).toEqual([])
    })
  )

  it.effect("keeps its own timeout if that is earlier", () =>
    Effect.gen(function* () {
      const { exit } = yield* empty(silent, (mailbox) => waitFor(mailbox).pipe(Call.deadline("6 minutes")))
      expect(errorOf(exit)).toMatchObject({ _tag: "WaitTimeoutError", waited: Duration.minutes(5) })
    })
  )
})

describe("endless streams under a deadline", () => {
  it.effect("end at the deadline while they wait for events", () =>
    Effect.gen(function* () {
      const streams: Readonly<
        Record<string, (mailbox: typeof Mailbox.Service) => Effect.Effect<void, unknown>>
      > = {
        events: ({ events }) => Stream.runDrain(events.stream().pipe(Call.deadline("50 seconds"))),
        sync: ({ sync }) =>
          Stream.runDrain(sync.follow({ types: ["messages"] }).pipe(Call.deadline("50 seconds")))
      }
      for (const [name, drain] of Object.entries(streams)) {
        const fake = new FakeMailbox()
        const { client } = mockClient((request) =>
          request.url.pathname.endsWith("/events") ? silent() : fake.react(request)
        )
        const { exit, waits } = yield* recordWaits(
          Effect.flatMap(Mailbox, drain).pipe(Effect.provide(mailboxOver(client)))
        )
        expect(errorOf(exit), name).toMatchObject({ _tag: "DeadlineExceededError" })
        expect(sum(waits), name).toBe(50_000)
      }
    })
  )

  it.effect("fail at once if the server asks for a longer wait", () =>
    Effect.gen(function* () {
      const { exit, waits } = yield* empty(
        () => failure(503, "service_unavailable", { headers: { "retry-after": "240" } }),
        (mailbox) => Stream.runDrain(mailbox.events.stream().pipe(Call.deadline("50 seconds")))
      )
      expect(errorOf(exit)).toMatchObject({
        _tag: "DeadlineExceededError",
        awaited: "Retry",
        failure: { code: "service_unavailable" }
      })
      expect(waits).toEqual([])
    })
  )
})

describe("a download that resumes, under a deadline", () => {
  it.effect("fails at once if the next request would be after the deadline", () =>
    Effect.gen(function* () {
      const operation = "mailbox.attachments.download"
      const { apiError } = errorsOf(operation)
      const limited = apiError(429, { retryable: true, retryAfter: Duration.seconds(30) })
      const bytes = resume({
        operation,
        size: undefined,
        maxFailures: 5,
        renew: undefined,
        open: () => Stream.fail(limited)
      })
      const { exit, waits } = yield* recordWaits(Stream.runDrain(bytes.pipe(Call.deadline("10 seconds"))))
      expect(errorOf(exit)).toMatchObject({
        _tag: "DeadlineExceededError",
        operation,
        awaited: "Retry",
        needed: Duration.seconds(30),
        failure: limited
      })
      expect(waits).toEqual([])
    })
  )
})
