/**
 * A receiver with a service, in two ways: as an app of Effect's HTTP server, and as a function from `Request` to `Response`.
 */
import * as HttpRouter from "@effect/platform/HttpLayerRouter"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Match from "effect/Match"
import * as Ref from "effect/Ref"
import * as Webhooks from "../../src/Webhooks.js"

/** Addresses that must not be written to any more: a stand-in for a table of yours. */
interface SuppressionsService {
  readonly add: (addresses: ReadonlyArray<string>) => Effect.Effect<void>
  readonly all: Effect.Effect<ReadonlyArray<string>>
}

export class Suppressions extends Context.Tag("Suppressions")<Suppressions, SuppressionsService>() {}

export const suppressionsInMemory = Layer.effect(
  Suppressions,
  Effect.map(Ref.make<ReadonlyArray<string>>([]), (addresses) => ({
    add: (more) => Ref.update(addresses, (known) => [...new Set([...known, ...more])]),
    all: Ref.get(addresses)
  }))
)

/** What to do with each type of event. A type that is missing here does not compile. */
export const onEvent = Match.type<Webhooks.WebhookEvent>().pipe(
  Match.discriminatorsExhaustive("type")({
    "message.delivered": ({ data }) => Effect.log(`delivered to ${data.recipients.join(", ")}`),
    "message.bounced": ({ data }) =>
      data.bounce_type === "Permanent"
        ? Effect.flatMap(Suppressions, (suppressions) => suppressions.add(data.recipients))
        : Effect.log(`bounced for now: ${data.bounce_subtype}`),
    "message.complained": ({ data }) =>
      Effect.flatMap(Suppressions, (suppressions) => suppressions.add(data.recipients)),
    "message.rejected": ({ data }) => Effect.logWarning(`rejected: ${data.reject_reason}`),
    "message.delivery_delayed": ({ data }) => Effect.log(`delayed: ${data.delay_type}`),
    "message.received": ({ data }) => Effect.log(`mail for ${data.mailbox_id} from ${data.sender}`),
    "message.received.spam": ({ data }) => Effect.logDebug(`spam for ${data.mailbox_id}`),
    "sendmux.test": ({ data }) => Effect.log(`the webhook ${data.webhook_id} works`),
    unknown: ({ event_type }) => Effect.logWarning(`new to us: ${event_type}`)
  })
)

/** As a route of Effect's HTTP server, which may have others. */
export const routes = (secrets: Webhooks.SecretSource) =>
  HttpRouter.add("POST", "/webhooks/sendmux", Webhooks.httpApp({ secrets }, onEvent))

/** As a function that Next.js, Hono, Bun, Deno and Workers can call. Call `dispose` when it is no longer needed. */
export const fetchHandler = (
  secrets: Webhooks.SecretSource,
  layer: Layer.Layer<Suppressions> = suppressionsInMemory
): Webhooks.WebHandler => Webhooks.toHandler({ secrets, layer }, onEvent)
