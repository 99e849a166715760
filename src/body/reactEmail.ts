/**
 * Rendering of React Email.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ReactNode } from "react"
import { literals, TaggedError } from "../internal/dialect/schema.js"
import { type Bodies, fromHtml } from "./text.js"

/**
 * A message could not be rendered:
 *
 * - `MissingPackage`: `@react-email/render`, `react` or `react-dom` is not installed.
 * - `RenderFailed`: a component threw an error.
 *
 * @since 0.2.0
 * @category errors
 */
export class ReactEmailError extends TaggedError<ReactEmailError>("effect-sendmux/ReactEmailError")(
  "ReactEmailError",
  {
    reason: literals("MissingPackage", "RenderFailed"),
    /** What is wrong: for `RenderFailed` the message of the error that was thrown. */
    detail: Schema.String
  }
) {
  override get message(): string {
    return `${this.reason}: ${this.detail}`
  }
  override toString(): string {
    return `${this._tag}: ${this.message}`
  }
}

/** The part of `@react-email/render` that is used. */
interface Renderer {
  readonly render: (node: ReactNode) => Promise<string>
}

/**
 * Renders with a renderer that is loaded for the first message.
 *
 * @internal
 */
export const renderWith =
  (load: () => Promise<Renderer>) =>
  (node: ReactNode): Effect.Effect<Bodies, ReactEmailError> =>
    Effect.gen(function* () {
      const { render } = yield* Effect.tryPromise({ try: load, catch: loadError })
      const html = yield* Effect.tryPromise({
        try: () => render(node),
        catch: (thrown) => new ReactEmailError({ reason: "RenderFailed", detail: messageOf(thrown) })
      })
      return fromHtml(html)
    })

const loadError = (thrown: unknown): ReactEmailError =>
  new ReactEmailError({
    reason: "MissingPackage",
    detail: `install @react-email/render, react and react-dom (${messageOf(thrown)})`
  })

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/**
 * Renders a React element to the HTML and the text of a message. The packages of React are loaded at the first use.
 *
 * React escapes the text of strangers for HTML, but not template tags: escape it with `Template.escape`.
 *
 * Fails with `ReactEmailError` if a component throws, or if a package is not installed.
 *
 * @example
 * import * as ReactEmail from "effect-sendmux/ReactEmail"
 * import { Sending } from "effect-sendmux/Sending"
 * import * as Template from "effect-sendmux/Template"
 * import * as Effect from "effect/Effect"
 * import { createElement } from "react"
 *
 * const Welcome = ({ name }: { readonly name: string }) => createElement("p", null, "Welcome, ", name)
 *
 * export const sendWelcome = (email: string, name: string) =>
 *   Effect.gen(function* () {
 *     const { emails } = yield* Sending
 *     const bodies = yield* ReactEmail.render(createElement(Welcome, { name: Template.escape(name) }))
 *     return yield* emails.send({
 *       from: { email: "hello@example.com" },
 *       to: { email },
 *       subject: "Welcome",
 *       ...bodies
 *     })
 *   })
 *
 * @since 0.2.0
 * @category constructors
 */
export const render: (node: ReactNode) => Effect.Effect<Bodies, ReactEmailError> = /* @__PURE__ */ renderWith(
  () => import("@react-email/render")
)
