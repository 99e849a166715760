/**
 * Template tags of the API, and how to keep text of strangers from containing them.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"

export * from "./body/template.js"
