/** The programs whose traces the guide on observability shows. They run in virtual time, so a trace is the same in each run. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import { Management, Sandbox, Sending } from "../../../src/index.js"
import * as Testing from "../../../src/Testing.js"
import { type RecordedSpan, record } from "../../support/telemetry.js"

const from = { email: "shop@example.com" }
const body = { subject: "Your order", html_body: "<p>It is on its way.</p>" }

/** A message whose first attempt the server refuses with status 503. */
const sendWithRetry = Effect.gen(function* () {
  const { emails } = yield* Sending
  const { inject } = yield* Sandbox.Control
  yield* inject({ operation: "sending.emails.send", kind: { _tag: "ErrorResponse", status: 503 } })
  yield* emails.send({ from, to: { email: "ada@example.org" }, ...body })
}).pipe(Effect.withSpan("confirmOrder"))

/** A batch, and the wait for the delivery of its first message. */
const batchAndWait = Effect.gen(function* () {
  const sending = yield* Sending
  const management = yield* Management
  const { results } = yield* sending.emails.sendBatch({
    messages: ["ada@example.org", "grace@example.org"].map((email) => ({ from, to: { email }, ...body }))
  })
  for (const result of results) {
    if (result._tag === "Failed") continue
    yield* management.emails.waitForDelivery({ message_id: result.message_id })
    break
  }
}).pipe(Effect.withSpan("sendNews"))

const layer = Layer.merge(
  Sending.layer({ apiKey: Sandbox.mailboxKey }),
  Management.layer({ apiKey: Sandbox.rootKey })
).pipe(Layer.provideMerge(Sandbox.layerWith({ latency: { min: "30 millis", max: "120 millis" } })))

/** Runs a program and returns its spans. */
const spansOf = (
  program: Effect.Effect<void, unknown, Sending | Management | Sandbox.Control>
): Effect.Effect<ReadonlyArray<RecordedSpan>, unknown> =>
  Effect.suspend(() => {
    const { layer: recording, spans } = record()
    return program.pipe(
      Effect.provide(layer),
      Effect.withRandom(Random.fixed([0.5])),
      Effect.provide(recording),
      Testing.autoAdvance(),
      Effect.as(spans)
    )
  })

/** A picture of a trace. */
interface Trace {
  readonly file: string
  readonly title: string
  readonly program: Effect.Effect<ReadonlyArray<RecordedSpan>, unknown>
}

export const traces: ReadonlyArray<Trace> = [
  {
    file: "docs/images/trace-send.svg",
    title: "A message that is sent with one retry",
    program: spansOf(sendWithRetry)
  },
  {
    file: "docs/images/trace-batch.svg",
    title: "A batch, and the wait for its delivery",
    program: spansOf(batchAndWait)
  }
]
