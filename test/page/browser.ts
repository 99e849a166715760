/**
 * A sandbox with its page, and a browser that shows it.
 */
import { existsSync } from "node:fs"
import { createServer } from "node:http"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { buildPage, pageHeaders } from "../../cli/page/build.mjs"
import * as Sandbox from "../../src/Sandbox.js"
import { chromiumFlags, chromiumPath } from "../support/chromium.js"

/** The tests that need Chromium are skipped if there is none. */
export const hasChromium = existsSync(chromiumPath)

/** A sandbox, its URL, and the page at its root. */
export const servePage = (options: Sandbox.SandboxOptions = {}) =>
  Effect.gen(function* () {
    const { files, html } = yield* Effect.promise(buildPage)
    const sandbox = yield* Sandbox.make(options)
    const app = Effect.gen(function* () {
      const { url } = yield* HttpServerRequest.HttpServerRequest
      if (url === "/") {
        return HttpServerResponse.text(html, {
          headers: pageHeaders,
          contentType: "text/html; charset=utf-8"
        })
      }
      const file = files[url]
      return file === undefined
        ? yield* sandbox.httpApp
        : HttpServerResponse.text(file.body, { contentType: file.contentType })
    })
    const server = HttpServer.serve(app).pipe(
      Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
    )
    const context = yield* Layer.build(server)
    const url = yield* HttpServer.addressWith((address) =>
      Effect.succeed(`http://127.0.0.1:${address._tag === "TcpAddress" ? address.port : 0}`)
    ).pipe(Effect.provide(context))
    return { url, control: sandbox.control }
  })

/** Starts Chromium, without any request of its own. */
export const launch: Effect.Effect<Browser, never, import("effect/Scope").Scope> = Effect.acquireRelease(
  Effect.promise(() =>
    chromium.launch({
      executablePath: chromiumPath,
      args: chromiumFlags
    })
  ),
  (browser) => Effect.promise(() => browser.close())
)

export interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  /** The URLs that the browser requested from any server besides the sandbox, and not only tried to. */
  readonly foreignRequests: Array<string>
  /** What went wrong on the page: exceptions and errors that were logged. */
  readonly problems: Array<string>
}

/** Opens a path of a server in a new window. */
export const open = (
  browser: Browser,
  url: string,
  {
    colorScheme = "light",
    height = 800,
    width = 1280
  }: {
    readonly width?: number
    readonly height?: number
    readonly colorScheme?: "light" | "dark"
  } = {}
) =>
  Effect.promise(async (): Promise<Opened> => {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme,
      locale: "en-GB",
      timezoneId: "UTC",
      acceptDownloads: true
    })
    const { origin } = new URL(url)
    const foreignRequests: Array<string> = []
    const problems: Array<string> = []
    const note = (target: string) => {
      if (new URL(target).origin !== origin && !target.startsWith("data:")) foreignRequests.push(target)
    }
    context.on("requestfinished", (request) => note(request.url()))
    context.on("requestfailed", (request) => {
      // The browser reports requests too that a policy kept it from sending.
      if (request.failure()?.errorText !== "csp") note(request.url())
    })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    page.on("pageerror", (error) => problems.push(String(error)))
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text())
    })
    await page.goto(url)
    return { page, context, foreignRequests, problems }
  })
