/**
 * The interface between the pipeline and an observer of what the API has grown. The implementation is loaded only when a
 * program provides one of the layers of `Drift`.
 */
import type * as Effect from "effect/Effect"
import { type Reference, reference } from "../dialect/core.js"
import type { APIError } from "../model/errors.js"
import type { OperationFacts } from "../operation/operation.js"

/** Is told of the responses that were decoded, and reports what their schemas do not know. It never fails. */
export interface DriftObserver {
  readonly decoded: (operation: OperationFacts, text: string) => Effect.Effect<void>
  readonly failed: (error: APIError) => Effect.Effect<void>
}

/** The observer of a layer, resolved when the layer is built. */
export const CurrentDrift: Reference<DriftObserver | undefined> = reference<DriftObserver | undefined>(
  "effect-sendmux/Drift/CurrentDrift",
  () => undefined
)
