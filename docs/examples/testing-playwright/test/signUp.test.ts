import { createServer } from "node:http"
import { Sandbox } from "effect-sendmux"
import * as Testing from "effect-sendmux/Testing"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { type Browser, chromium } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { makeApp } from "../src/app.js"

const timeout = 60_000

/** A sandbox on a free port, for the app, and its control, for the tests. */
const sandbox = ManagedRuntime.make(
  Sandbox.server().pipe(
    Layer.provide(
      NodeHttpServer.layer(() => Sandbox.nodeServer(createServer()), { port: 0, host: "127.0.0.1" })
    )
  )
)

let browser: Browser

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"]
  })
}, timeout)

afterAll(async () => {
  await browser.close()
  await sandbox.dispose()
}, timeout)

/** Serves the app on a free port, and returns its URL. */
const startApp = async (): Promise<{ readonly url: string; readonly stop: () => void }> => {
  const { sending } = await sandbox.runPromise(Sandbox.Urls)
  const app = makeApp({ apiKey: Sandbox.mailboxKey, baseUrl: sending })
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve))
  const address = app.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      app.closeAllConnections()
      app.close()
    }
  }
}

test(
  "a person signs up, opens the link of the mail, and cannot open it again",
  async () => {
    const app = await startApp()
    const control = await sandbox.runPromise(Sandbox.Control)
    const page = await browser.newPage()
    await page.goto(app.url)
    await page.getByLabel("Email").fill("ada@example.org")
    await page.getByRole("button", { name: "Sign up" }).click()
    await page.getByRole("heading", { name: "Check your mail" }).waitFor()

    // Ends when the mail was sent, whether that has happened before or happens later.
    const email = await sandbox.runPromise(
      control.waitForEmail({ to: "ada@example.org", subject: "Confirm" }, { timeout: "30 seconds" })
    )
    const [link = ""] = Testing.linksIn(email)
    await page.goto(link)
    await page.getByRole("heading", { name: "Welcome" }).waitFor()
    expect((await page.goto(link))?.status()).toBe(404)
    app.stop()
  },
  timeout
)

test(
  "a person receives the mail although the API is not available at first",
  async () => {
    const app = await startApp()
    const control = await sandbox.runPromise(Sandbox.Control)
    await sandbox.runPromise(
      control.inject({ operation: "sending.emails.send", kind: { _tag: "ErrorResponse", status: 503 } })
    )
    const page = await browser.newPage()
    await page.goto(app.url)
    await page.getByLabel("Email").fill("grace@example.org")
    await page.getByRole("button", { name: "Sign up" }).click()
    const email = await sandbox.runPromise(
      control.waitForEmail({ to: "grace@example.org" }, { timeout: "30 seconds" })
    )
    await page.goto(Testing.linksIn(email)[0] ?? "")
    await page.getByRole("heading", { name: "Welcome" }).waitFor()
    app.stop()
  },
  timeout
)
