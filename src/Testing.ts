/**
 * A kit for tests: a mock that replies to operations with prepared responses, arbitrary values of every response, virtual
 * time, and helpers for sent messages. Use it instead of the sandbox for a plain mock, or together with it.
 *
 * @example
 * import { Sending } from "effect-sendmux"
 * import * as Testing from "effect-sendmux/Testing"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Redacted from "effect/Redacted"
 *
 * export const SendingTest = Sending.layer({ apiKey: Redacted.make("smx_mbx_test") }).pipe(
 *   Layer.provide(
 *     Testing.layer({ "sending.emails.send": Testing.ok({ message_id: "eml_1", status: "queued" }) })
 *   )
 * )
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"

export * from "./testing/arbitrary.js"
export * from "./testing/emails.js"
export { layer, Mock, type MockControl, type MockReplies, makeMock } from "./testing/mock.js"
export type { DataOf, MockEvent, OperationName } from "./testing/operations.js"
export * from "./testing/replies.js"
export * from "./testing/virtualTime.js"
