import { render } from "preact"
import { App } from "./app.js"
import { connect } from "./live.js"
import { applyTheme, chosenTheme } from "./theme.js"

applyTheme(chosenTheme())
connect()

const container = document.getElementById("app")
if (container !== null) {
  container.replaceChildren()
  render(<App />, container)
}
