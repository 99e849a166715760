/**
 * Messages that try to run a script, to send a request or to leave their frame, shown in Chromium.
 */
import { createServer } from "node:http"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Page } from "playwright-core"
import { hasChromium, launch, open, servePage } from "./browser.js"

const timeout = 120_000

/** A server that must not receive a request. Browsers resolve the name in `trap` to it. */
const listen = Effect.acquireRelease(
  Effect.promise(
    () =>
      new Promise<{ readonly port: number; readonly requests: Array<string>; readonly close: () => void }>(
        (resolve) => {
          const requests: Array<string> = []
          const server = createServer((request, response) => {
            requests.push(`${request.method} ${request.url}`)
            response.end()
          })
          // A connection alone already tells a sender that the message was opened.
          server.on("connection", () => requests.push("connection"))
          server.listen(0, "127.0.0.1", () => {
            const address = server.address()
            const port = typeof address === "object" && address !== null ? address.port : 0
            resolve({
              port,
              requests,
              close: () => {
                server.closeAllConnections()
                server.close()
              }
            })
          })
        }
      )
  ),
  ({ close }) => Effect.sync(close)
)

/** Waits until the frames of a page are loaded, and the browser has nothing more to do for it. */
const settled = async (page: Page): Promise<void> => {
  await page.waitForSelector("iframe")
  for (const frame of page.frames()) await frame.waitForLoadState("load")
  await page.evaluate(
    () =>
      new Promise((resolve) =>
        requestIdleCallback(() => requestAnimationFrame(() => requestIdleCallback(resolve)))
      )
  )
}

/** Each sets a mark on any window that it reaches, or sends a request to the trap. */
const attacks = (trap: string): Readonly<Record<string, string>> => {
  const script =
    "try{top.pwned=1}catch(e){}try{parent.pwned=1}catch(e){}window.pwned=1;new Image().src='TRAP/script'"
  const raw: Readonly<Record<string, string>> = {
    "a script": `<script>${script}</script>`,
    "a script from a server": `<script src="TRAP/x.js"></script><script type="module" src="TRAP/x.mjs"></script>`,
    "a handler of an error": `<img src="x" onerror="${script}"><img src onerror=${JSON.stringify(script)}>`,
    "handlers of other events": `<body onload="${script}"><details open ontoggle="${script}"><input autofocus onfocus="${script}"><video><source onerror="${script}"></video>`,
    "SVG with a script": `<svg onload="${script}"><script>${script}</script><animate onbegin="${script}" attributeName="x" dur="1s"/></svg>`,
    "SVG that breaks out of a style": `<svg><style><img src=x onerror="${script}"></style></svg><svg><style></svg><link rel="preconnect" href="TRAP"><img src="TRAP/svg-style">`,
    "MathML that breaks out of its namespace": `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${script}&gt;">`,
    "an image of SVG as data": `<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${script}'><image href='TRAP/nested'/></svg>">`,
    "a redirect": `<meta http-equiv="refresh" content="0;url=TRAP/refresh"><meta http-equiv="refresh" content="0;url=javascript:${script}">`,
    "a policy of its own": `<meta http-equiv="Content-Security-Policy" content="script-src 'unsafe-inline'"><script>${script}</script>`,
    "a base for relative URLs": `<base href="TRAP/"><img src="base.gif"><a id="go" href="relative">x</a>`,
    "connections without a request": `<link rel="preconnect" href="TRAP"><link rel="dns-prefetch" href="TRAP"><link rel="prefetch" href="TRAP/prefetch"><link rel="preload" as="image" href="TRAP/preload"><link rel="modulepreload" href="TRAP/m.js"><link rel="icon" href="TRAP/icon"><link rel="manifest" href="TRAP/manifest">`,
    "style sheets from a server": `<link rel="stylesheet" href="TRAP/a.css"><style>@import "TRAP/b.css";@import url(TRAP/c.css);body{background:url("TRAP/d.gif")}@font-face{font-family:f;src:url(TRAP/f.woff)}p{font-family:f;list-style-image:url('TRAP/e.gif');cursor:url(TRAP/g.cur),auto}</style><p style="background-image:url(TRAP/h.gif);border-image:image-set('TRAP/i.gif' 1x)">x</p>`,
    "images from a server": `<img src="TRAP/1.gif"><img srcset="TRAP/2.gif 1x"><picture><source srcset="TRAP/3.gif"><img></picture><table background="TRAP/4.gif"><tr><td background="TRAP/5.gif">x</td></tr></table><body background="TRAP/6.gif"><input type="image" src="TRAP/7.gif"><video poster="TRAP/8.gif" src="TRAP/9.mp4" autoplay></video><audio src="TRAP/10.mp3" autoplay></audio><svg><image href="TRAP/11.gif"/><use href="TRAP/12.svg#a"/><feImage href="TRAP/13.gif"/></svg>`,
    "frames and plugins": `<iframe src="TRAP/frame"></iframe><iframe srcdoc="<script>${script}</script>"></iframe><frameset><frame src="TRAP/f2"></frameset><object data="TRAP/o"></object><embed src="TRAP/e"><applet code="TRAP/a"></applet><portal src="TRAP/p"></portal>`,
    "the end of the frame": `</iframe></body></html><script>${script}</script><img src=x onerror="${script}">`,
    "the end of elements with text": `<title></title><script>${script}</script></title><textarea></textarea><img src=x onerror="${script}"></textarea><xmp><img src=x onerror="${script}"></xmp><noscript><img src="TRAP/noscript" onerror="${script}"></noscript><plaintext><img src=x onerror="${script}">`,
    "a comment that ends early": `<!--><img src=x onerror="${script}">--><!--[if IE]><script>${script}</script><![endif]--><![CDATA[><img src=x onerror="${script}">]]>`,
    "rules for loading ahead": `<script type="speculationrules">{"prefetch":[{"source":"list","urls":["TRAP/spec"]}],"prerender":[{"source":"list","urls":["TRAP/pre"]}]}</script>`
  }
  return Object.fromEntries(Object.entries(raw).map(([name, html]) => [name, html.replaceAll("TRAP", trap)]))
}

/** Links and forms, which are clicked. */
const clicked = (trap: string): Readonly<Record<string, string>> => {
  const script = "top.pwned=1"
  return {
    "a link to a script": `<a id="go" href="javascript:${script}">x</a>`,
    "a link to a script with spaces and control characters": `<a id="go" href=" java&#10;script:${script}">x</a>`,
    "a link to a script in the top window": `<a id="go" target="_top" href="javascript:${script}">x</a>`,
    "a link to a document as data": `<a id="go" target="_top" href="data:text/html,<script>${script}</script>">x</a>`,
    "a link of SVG to a script": `<svg width="90" height="90"><a xlink:href="javascript:${script}" href="javascript:${script}"><rect id="go" width="90" height="90"/></a></svg>`,
    "a form": `<form action="${trap}/form" method="post"><button id="go" type="submit">x</button></form>`,
    "a form for the control of the sandbox": `<form action="/__sandbox/reset" method="post"><button id="go">x</button></form>`,
    "a button with an action of its own": `<form id="f"></form><button id="go" form="f" formaction="javascript:${script}">x</button>`,
    "a link that reports its click": `<a id="go" href="#here" ping="${trap}/ping">x</a>`
  }
}

it.live.skipIf(!hasChromium)(
  "no hostile message runs a script, sends a request or opens a connection (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const trap = yield* listen
      const { control, url } = yield* servePage()
      const browser = yield* launch
      const hostile = attacks(`http://127.0.0.1:${trap.port}`)
      for (const html of Object.values(hostile)) yield* control.deliver({ to: "agent@sandbox.test", html })
      const listed = yield* Effect.promise(async () =>
        (await fetch(`${url}/__sandbox/mailboxes/mbx_sandbox/messages`)).json()
      )
      const ids: ReadonlyArray<string> = listed.items.map(({ id }: { readonly id: string }) => id).reverse()
      const { foreignRequests, page } = yield* open(browser, url)
      for (const [index, name] of Object.keys(hostile).entries()) {
        const path = `mailboxes/mbx_sandbox/${ids[index]}`
        yield* Effect.promise(async () => {
          // In the frame of the page, and as a document of its own.
          await page.goto(`${url}/#/${path}/html`)
          await settled(page)
          expect(await page.evaluate("typeof window.pwned"), name).toBe("undefined")
          expect(page.frames().length, name).toBe(2)
          expect(page.url(), name).toBe(`${url}/#/${path}/html`)
          const direct = `${url}/__sandbox/${path.replace("mbx_sandbox/", "mbx_sandbox/messages/")}/html`
          await page.goto(direct)
          // Nothing can be waited for in a document without scripts, but a screenshot waits until it is drawn.
          await page.screenshot()
          expect(page.url(), name).toBe(direct)
          expect(await page.evaluate("typeof window.pwned"), name).toBe("undefined")
        })
        expect(foreignRequests, name).toEqual([])
        expect(trap.requests, name).toEqual([])
      }
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "a click in a hostile message runs no script, and sends no form (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const trap = yield* listen
      const { control, url } = yield* servePage()
      const browser = yield* launch
      const hostile = clicked(`http://127.0.0.1:${trap.port}`)
      for (const html of Object.values(hostile)) yield* control.deliver({ to: "agent@sandbox.test", html })
      const messages = `${url}/__sandbox/mailboxes/mbx_sandbox/messages`
      const list = () => Effect.promise(async () => (await fetch(messages)).json())
      const ids: ReadonlyArray<string> = (yield* list()).items
        .map(({ id }: { readonly id: string }) => id)
        .reverse()
      const { context, foreignRequests, page } = yield* open(browser, url)
      for (const [index, name] of Object.keys(hostile).entries()) {
        yield* Effect.promise(async () => {
          const address = `${url}/#/mailboxes/mbx_sandbox/${ids[index]}/html`
          await page.goto(address)
          // The frame of the message before may still be shown.
          await page.frameLocator(`iframe[src*="${ids[index]}"]`).locator("#go").click()
          await settled(page)
          expect(await page.evaluate("typeof window.pwned"), name).toBe("undefined")
          expect(page.url(), name).toBe(address)
          expect(context.pages().length, name).toBe(1)
        })
        expect(foreignRequests, name).toEqual([])
        expect(trap.requests, name).toEqual([])
      }
      expect((yield* list()).total).toBe(Object.keys(hostile).length)
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "a link of a message opens in a new window that knows nothing of the page (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const target = yield* listen
      const { control, url } = yield* servePage()
      const browser = yield* launch
      yield* control.deliver({
        to: "agent@sandbox.test",
        html: `<a id="go" href="http://127.0.0.1:${target.port}/confirm?token=1">Confirm</a>`
      })
      const { context, page } = yield* open(browser, `${url}/#/mailboxes`)
      yield* Effect.promise(async () => {
        await page.locator("a[data-row]").click()
        const opened = context.waitForEvent("page")
        await page.frameLocator("iframe").locator("#go").click()
        const popup = await opened
        await popup.waitForLoadState()
        expect(new URL(popup.url()).pathname).toBe("/confirm")
        expect(await popup.evaluate("window.opener")).toBeNull()
        expect(await popup.evaluate("document.referrer")).toBe("")
        expect(page.url().startsWith(`${url}/#/mailboxes/`)).toBe(true)
      })
      expect(target.requests).toContain("GET /confirm?token=1")
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "a page of another port can neither frame nor read the sandbox, nor use its control (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { control, url } = yield* servePage()
      yield* control.deliver({ to: "agent@sandbox.test", subject: "Secret", html: "<p>secret</p>" })
      const browser = yield* launch
      const other = yield* servePage()
      const { page } = yield* open(browser, `${other.url}/__sandbox/health`)
      const result = yield* Effect.promise(() =>
        page.evaluate(async (target) => {
          const outcome = async (attempt: () => Promise<unknown>) =>
            attempt().then(
              () => "allowed",
              () => "refused"
            )
          const read = await outcome(() => fetch(`${target}/__sandbox/outbox`))
          const write = await outcome(() =>
            fetch(`${target}/__sandbox/reset`, {
              method: "POST",
              headers: { "content-type": "application/json" }
            })
          )
          // Without a preflight and without reading the response: the sandbox itself has to refuse it.
          await fetch(`${target}/__sandbox/inbound`, {
            method: "POST",
            mode: "no-cors",
            body: JSON.stringify({ to: "agent@sandbox.test", subject: "Forged" })
          }).catch(() => undefined)
          const stream = await new Promise((resolve) => {
            const source = new EventSource(`${target}/__sandbox/events`)
            source.onopen = () => resolve("allowed")
            source.onerror = () => {
              source.close()
              resolve("refused")
            }
          })
          const api = await outcome(() => fetch(`${target}/sending/api/v1/me`))
          return { read, write, stream, api }
        }, url)
      )
      expect(result).toEqual({ read: "refused", write: "refused", stream: "refused", api: "allowed" })
      const listed = yield* Effect.promise(async () =>
        (await fetch(`${url}/__sandbox/mailboxes/mbx_sandbox/messages`)).json()
      )
      expect(listed.items.map(({ subject }: { readonly subject: string }) => subject)).toEqual(["Secret"])
    }).pipe(Effect.scoped),
  timeout
)
