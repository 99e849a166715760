/**
 * Messages written with React Email. It needs the packages `@react-email/render`, `react` and `react-dom`.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"

export * from "./body/reactEmail.js"
export type { Bodies } from "./body/text.js"
