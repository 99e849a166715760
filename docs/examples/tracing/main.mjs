import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Sandbox, Sending } from "effect-sendmux"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

// In a service: new BatchSpanProcessor(new OTLPTraceExporter()).
const exporter = new InMemorySpanExporter()

const TracingLive = NodeSdk.layer(() => ({
  resource: { serviceName: "shop" },
  spanProcessor: new SimpleSpanProcessor(exporter)
}))

const confirmOrder = Effect.gen(function* () {
  const { emails } = yield* Sending
  yield* emails.send({
    from: { email: "shop@example.com" },
    to: { email: "ada@example.org" },
    subject: "Your order",
    html_body: "<p>It is on its way.</p>"
  })
}).pipe(Effect.withSpan("confirmOrder"))

// The sandbox refuses the first attempt.
const SandboxLive = Sandbox.layerWith({
  faults: [{ operation: "sending.emails.send", kind: { _tag: "ErrorResponse", status: 503 } }]
})

const program = Effect.gen(function* () {
  yield* confirmOrder
  for (const { attributes, name } of exporter.getFinishedSpans()) {
    console.log(`${name}: ${attributes["http.response.status_code"] ?? "a span of the program"}`)
  }
})

await Effect.runPromise(
  program.pipe(
    Effect.provide(Sending.layer({ apiKey: Sandbox.mailboxKey }).pipe(Layer.provide(SandboxLive))),
    Effect.provide(TracingLive)
  )
)
