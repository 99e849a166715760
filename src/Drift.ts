/**
 * Tells what the API has grown. Responses are decoded tolerantly: unknown fields are dropped, and sets of values that may
 * grow accept new ones. An observer finds both, so that a program learns that a newer version of the SDK may offer more.
 *
 * Provide one of the layers to `Sending.layer`, `Mailbox.layer` or `Management.layer`. Without one, responses are not
 * examined.
 *
 * - Each finding is counted in the metric `sendmux_drift`, by operation, path and kind: once for each response, however often
 *   a list repeats it. No value of a response is ever reported.
 * - The data of calls and pages is examined, and the code of failures. Streams, events and webhooks are not.
 * - A response that does not fit its schema is no drift. It fails the call with `ResponseDecodeError`.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type DriftFinding, makeObserver } from "./core/drift.js"
import { closeOver } from "./internal/dialect/core.js"
import { CurrentDrift } from "./internal/response/drift.js"

export type { DriftFinding } from "./core/drift.js"

/**
 * Counts findings in the metric `sendmux_drift`.
 *
 * @since 0.2.0
 * @category layers
 */
export const layerMetric: Layer.Layer<never> = /* @__PURE__ */ Layer.sync(CurrentDrift, () =>
  makeObserver(() => Effect.void)
)

/**
 * Counts findings, and passes each to a function. It runs in the attempt before the call ends, so it should be quick. Its
 * defects are ignored.
 *
 * @example
 * import * as Drift from "effect-sendmux/Drift"
 * import { Sending } from "effect-sendmux/Sending"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * export const observed = Sending.layer({ apiKey: Redacted.make("smx_mbx_sandbox") }).pipe(
 *   Layer.provide(
 *     Drift.layer(({ kind, operation, path }) => Effect.logInfo(`${operation} has a new ${kind}: ${path}`))
 *   )
 * )
 *
 * @since 0.2.0
 * @category layers
 */
export const layer = <R = never>(
  report: (finding: DriftFinding) => Effect.Effect<void, never, R>
): Layer.Layer<never, never, R> => Layer.effect(CurrentDrift, Effect.map(closeOver(report), makeObserver))
