import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createElement } from "react"
import { renderWith } from "../../src/body/reactEmail.js"
import * as ReactEmail from "../../src/ReactEmail.js"
import * as Template from "../../src/Template.js"

const Welcome = ({ name }: { readonly name: string }) =>
  createElement("html", null, [
    createElement("div", { key: "preview", "data-skip-in-text": true }, "In the list"),
    createElement("p", { key: "text" }, `Welcome, ${name}`)
  ])

describe("ReactEmail.render", () => {
  it.effect("succeeds with the HTML and the text of an element", () =>
    Effect.gen(function* () {
      const bodies = yield* ReactEmail.render(createElement(Welcome, { name: "Ada <b>" }))
      expect(bodies.html_body).toContain("<p>Welcome, Ada &lt;b&gt;</p>")
      expect(bodies.text_body).toBe("Welcome, Ada <b>")
    })
  )

  it.effect("keeps escaped template tags of strangers escaped", () =>
    Effect.gen(function* () {
      const name = Template.escape("[DP_NAME]")
      const { html_body, text_body } = yield* ReactEmail.render(createElement(Welcome, { name }))
      expect(html_body).not.toContain("[DP_NAME]")
      expect(text_body).not.toContain("[DP_NAME]")
    })
  )

  it.effect("fails with a typed error if a component throws", () =>
    Effect.gen(function* () {
      const Broken = (): never => {
        throw new Error("the name is missing")
      }
      const error = yield* Effect.flip(ReactEmail.render(createElement(Broken)))
      expect(error).toMatchObject({
        _tag: "ReactEmailError",
        reason: "RenderFailed",
        detail: "the name is missing"
      })
      expect(String(error)).toBe("ReactEmailError: RenderFailed: the name is missing")
    })
  )

  it.effect("fails with a typed error that names the packages to install if one is missing", () =>
    Effect.gen(function* () {
      const render = renderWith(() => Promise.reject(new Error("Cannot find package")))
      const error = yield* Effect.flip(render(createElement("p")))
      expect(error).toMatchObject({ reason: "MissingPackage" })
      expect(error.message).toContain("install @react-email/render, react and react-dom")
    })
  )
})
