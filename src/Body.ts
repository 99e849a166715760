/**
 * The text of a message from its HTML, and the other way around.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"

export * from "./body/text.js"
