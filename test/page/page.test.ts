/**
 * The page of the sandbox in Chromium: what it shows, its actions, its keys and its size.
 */
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { gzipSync } from "node:zlib"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { buildPage, pageHeaders } from "../../cli/page/build.mjs"
import { hasChromium, launch, open, servePage } from "./browser.js"

const timeout = 120_000

/** A sandbox with its page, a browser, and the requests of a program. */
const start = Effect.gen(function* () {
  const served = yield* servePage()
  const browser = yield* launch
  const call = (method: string, path: string, key: string, body: unknown) =>
    Effect.promise(async () => {
      const response = await fetch(served.url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify(body)
      })
      return { status: response.status, body: await response.json() }
    })
  const send = (input: object = {}) =>
    call("POST", "/sending/api/v1/emails/send", "smx_mbx_sandbox", {
      from: { email: "agent@sandbox.test" },
      to: { email: "ada@example.com", name: "Ada Lovelace" },
      subject: "Confirm your address",
      html_body: `<p>Hello Ada</p><p><a href="https://example.com/confirm">Confirm</a></p><img src="https://example.com/p.gif">`,
      text_body: "Hello Ada, confirm at https://example.com/confirm",
      ...input
    })
  return {
    ...served,
    browser,
    call,
    send,
    visit: (path = "/", size = {}) => open(browser, served.url + path, size)
  }
})

it("the page has at most 60 KB after compression, and names no other server", async () => {
  const { files, html } = await buildPage()
  const bodies = [html, ...Object.values(files).map(({ body }) => body)]
  expect(bodies.reduce((sum, body) => sum + gzipSync(body).byteLength, 0)).toBeLessThan(60_000)
  expect(html).not.toMatch(/https?:\/\//)
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|style=/)
  for (const path of Object.keys(files)) expect(html).toContain(`"${path}"`)
  expect(pageHeaders["content-security-policy"]).not.toContain("unsafe")
})

it.live.skipIf(!hasChromium)(
  "a message that is sent appears without a reload, with its parts as tabs that have links (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { send, visit, url } = yield* start
      const { foreignRequests, page, problems } = yield* visit()
      yield* Effect.promise(() => page.getByText("No message was sent yet").waitFor())
      yield* send()
      yield* Effect.promise(async () => {
        await page.getByRole("link", { name: /Ada Lovelace.*Confirm your address/ }).click()
        await page.getByRole("heading", { name: "Confirm your address" }).waitFor()
        await page.frameLocator("iframe").getByText("Hello Ada").waitFor()
        await page.getByText("1 remote file was not loaded").waitFor()
        await page.getByRole("link", { name: "Text", exact: true }).click()
        await page.getByText("Hello Ada, confirm at https://example.com/confirm").last().waitFor()
        await page.getByRole("link", { name: "Links (1)" }).click()
        const link = page.getByRole("link", { name: "https://example.com/confirm", exact: true })
        expect(await link.getAttribute("rel")).toContain("noopener")
        await page.getByRole("link", { name: "Headers" }).click()
        await page.getByText("Message-ID").waitFor()
        await page.getByRole("link", { name: "Source" }).click()
        await page.getByText("MIME-Version: 1.0").waitFor()
        const address = page.url()
        expect(address).toMatch(new RegExp(`^${url}/#/outbox/eml_\\w+/source$`))
        await page.goto("about:blank")
        await page.goto(address)
        await page.getByText("MIME-Version: 1.0").waitFor()
      })
      expect(foreignRequests).toEqual([])
      expect(problems).toEqual([])
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "the list finds messages by words, and says if there are none (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { send, visit } = yield* start
      yield* send({ subject: "Apples" })
      yield* send({ subject: "Pears" })
      const { page } = yield* visit()
      yield* Effect.promise(async () => {
        await page.getByText("Pears").waitFor()
        await page.keyboard.press("/")
        await page.keyboard.type("apples")
        await page.getByText("Pears").waitFor({ state: "detached" })
        await page.getByText("Apples").waitFor()
        await page.waitForURL(/\?q=apples$/)
        await page.getByRole("searchbox").fill("nothing like this")
        await page.getByText("Nothing contains").waitFor()
        await page.getByRole("link", { name: "Show all" }).click()
        await page.getByText("Pears").waitFor()
      })
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "a message is delivered to a mailbox by fields and by its source (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { visit } = yield* start
      const { page, problems } = yield* visit("/#/mailboxes")
      yield* Effect.promise(async () => {
        await page.getByText("The mailbox is empty").waitFor()
        await page.keyboard.press("d")
        const dialog = page.getByRole("dialog", { name: "Deliver mail" })
        await dialog.getByLabel("Subject").fill("From outside")
        await dialog.getByLabel("Text").fill("Hello agent")
        await dialog.getByLabel("Attachments").setInputFiles({
          name: "notes.txt",
          mimeType: "text/plain",
          buffer: Buffer.from("my notes")
        })
        await dialog.getByRole("button", { name: "Deliver" }).click()
        await dialog.waitFor({ state: "detached" })
        await page.getByRole("link", { name: /From outside/ }).click()
        await page.getByRole("link", { name: "Attachments (1)" }).click()
        const download = page.waitForEvent("download")
        await page.getByRole("link", { name: "Download notes.txt" }).click()
        const file = await download
        expect(file.suggestedFilename()).toBe("notes.txt")
        expect(await readFile(await file.path(), "utf8")).toBe("my notes")

        await page.getByRole("button", { name: "Deliver mail" }).first().click()
        await dialog.getByRole("button", { name: "Source" }).click()
        await dialog
          .getByLabel("Source of the message")
          .fill("From: Grace <grace@example.org>\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\n\nRaw text")
        await dialog.getByRole("button", { name: "Deliver" }).click()
        await page.getByRole("link", { name: /Grace.*Grüße/ }).click()
        await page.getByText("Raw text").last().waitFor()
      })
      expect(problems).toEqual([])
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "a bounce of a sent message reaches the log and the webhook, whose delivery is shown (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { call, send, visit } = yield* start
      const receiver = yield* Effect.acquireRelease(
        Effect.sync(() =>
          createServer((request, response) => request.resume().on("end", () => response.end("thanks")))
        ),
        (server) =>
          Effect.sync(() => {
            server.closeAllConnections()
            server.close()
          })
      )
      yield* Effect.promise(() => new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve)))
      const address = receiver.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      yield* call("POST", "/app/api/v1/webhooks", "smx_root_sandbox", {
        name: "Receiver",
        url: `http://127.0.0.1:${port}/hook`,
        event_types: ["message.bounced"]
      })
      yield* send()
      const { page, problems } = yield* visit()
      yield* Effect.promise(async () => {
        await page.getByRole("link", { name: /Confirm your address/ }).click()
        await page.getByRole("button", { name: "Bounce" }).click()
        await page.getByText("The sandbox reports “bounced” for ada@example.com").waitFor()
        await page.getByRole("link", { name: "Logs" }).click()
        await page.getByRole("link", { name: /ada@example.com.*Confirm your address/ }).click()
        await page.getByRole("heading", { name: "Recipients" }).waitFor()
        await page.getByRole("link", { name: "Webhooks" }).click()
        await page.getByRole("link", { name: /Receiver/ }).click()
        await page.getByRole("link", { name: /message\.bounced.*success/ }).click()
        await page.getByText('"type": "message.bounced"').waitFor()
        await page.getByText("thanks").waitFor()
      })
      expect(problems).toEqual([])
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "an injected fault hits the next call, and the request says why (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { send, visit } = yield* start
      const { page } = yield* visit("/#/faults")
      yield* Effect.promise(async () => {
        await page.getByText("No fault is pending").waitFor()
        await page.getByLabel("Operation").selectOption("sending.emails.send")
        await page.getByLabel("Status").fill("503")
        await page.getByLabel("Number of calls").fill("2")
        await page.getByRole("button", { name: "Inject fault" }).last().click()
        await page.getByText("not applied yet").waitFor()
      })
      expect((yield* send()).status).toBe(503)
      yield* Effect.promise(async () => {
        await page.getByText("1 hit").waitFor()
        await page.getByText("1 call left").waitFor()
        await page.getByRole("button", { name: /^Remove fault/ }).click()
        await page.getByText("No fault is pending").waitFor()
        await page.getByRole("link", { name: "Requests" }).click()
        await page.getByRole("link", { name: /sending\.emails\.send.*503/ }).click()
        await page.getByText("ErrorResponse was applied").waitFor()
        await page.getByText('"subject": "Confirm your address"').waitFor()
        await page.getByText("A fault was injected into this call").waitFor()
      })
      expect((yield* send()).status).toBe(200)
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "the time is advanced, and a reset asks before it deletes everything (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { control, send, visit } = yield* start
      yield* send()
      const { page, problems } = yield* visit()
      const before = yield* control.now
      yield* Effect.promise(async () => {
        await page.getByText("Confirm your address").waitFor()
        await page.keyboard.press("t")
        await page.getByRole("button", { name: "1 hour" }).click()
        await page.locator("button.ahead").waitFor()
      })
      expect((yield* control.now) - before).toBeGreaterThanOrEqual(3_600_000)
      yield* Effect.promise(async () => {
        await page.getByRole("button", { name: "Reset" }).click()
        await page.getByRole("button", { name: "Cancel" }).click()
        await page.getByText("Confirm your address").waitFor()
      })
      expect((yield* control.outbox).length).toBe(1)
      yield* Effect.promise(async () => {
        await page.getByRole("button", { name: "Reset" }).click()
        await page.getByRole("button", { name: "Reset everything" }).click()
        await page.getByText("No message was sent yet").waitFor()
        await page.locator("button.ahead").waitFor({ state: "detached" })
      })
      expect((yield* control.outbox).length).toBe(0)
      expect(problems).toEqual([])
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "the list is used with the keyboard, and a dialog keeps the focus and closes with Escape (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { send, visit } = yield* start
      yield* send({ subject: "First" })
      yield* send({ subject: "Second" })
      const { page } = yield* visit()
      const heading = (name: string) => page.getByRole("heading", { level: 2, name }).waitFor()
      yield* Effect.promise(async () => {
        await page.getByText("First").waitFor()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await heading("Second")
        await page.keyboard.press("j")
        await heading("First")
        await page.keyboard.press("k")
        await heading("Second")
        await page.keyboard.press("Escape")
        await page.getByText("Select an item to see it here.").waitFor()
        await page.keyboard.press("?")
        const help = page.getByRole("dialog", { name: "Keyboard and connection" })
        await help.waitFor()
        expect(await page.evaluate(() => document.activeElement?.closest("dialog") !== null)).toBe(true)
        await page.keyboard.press("Escape")
        await help.waitFor({ state: "detached" })
        await page.keyboard.press("5")
        await page.getByRole("heading", { name: /^Requests/ }).waitFor()
      })
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "the verification of a domain is held, fails and is released by buttons, and programs see the same (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { call, visit } = yield* start
      const created = yield* call("POST", "/app/api/v1/domains", "smx_root_sandbox", {
        domain: "example.com"
      })
      const { id } = created.body.data
      const verify = Effect.map(
        call("POST", `/app/api/v1/domains/${id}/verify`, "smx_root_sandbox", {}),
        ({ body }) => body.data.status
      )
      const { page, problems } = yield* visit()
      const detail = page.getByRole("region", { name: "Selected item" })
      yield* Effect.promise(async () => {
        await page.getByText("No message was sent yet").waitFor()
        await page.keyboard.press("7")
        await page.getByRole("link", { name: /example\.com.*pending/ }).click()
        await detail.getByRole("button", { name: "Hold" }).click()
        await page.getByText("The verification of example.com stays pending until released.").waitFor()
        await detail.getByText("until it is released").waitFor()
      })
      expect(yield* verify).toBe("pending")
      yield* Effect.promise(async () => {
        await detail.getByLabel("How long").selectOption("for 1 hour")
        await detail.getByRole("button", { name: "Fail" }).click()
        await page.getByRole("link", { name: /example\.com.*set by hand.*failed/ }).waitFor()
      })
      expect(yield* verify).toBe("failed")
      yield* Effect.promise(async () => {
        await page.keyboard.press("t")
        await page.getByRole("button", { name: "1 day" }).click()
        await page.getByRole("link", { name: /example\.com.*pending/ }).waitFor()
        await detail.getByRole("button", { name: "Release" }).click()
        await page.getByRole("link", { name: /example\.com.*verified/ }).waitFor()
        await detail.getByText("set by hand", { exact: true }).waitFor({ state: "detached" })
      })
      expect(yield* verify).toBe("verified")
      expect(problems).toEqual([])
    }).pipe(Effect.scoped),
  timeout
)

it.live.skipIf(!hasChromium)(
  "an address that changes before the page has finished its first rendering is shown (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { browser, url } = yield* start
      const { page } = yield* open(browser, "about:blank")
      yield* Effect.promise(async () => {
        // Scripts of the type module run before this event, and the effects of the page after it.
        await page.addInitScript(() =>
          document.addEventListener("DOMContentLoaded", () => location.replace("#/faults"))
        )
        await page.goto(url)
        await page.getByRole("heading", { name: /^Faults/ }).waitFor()
      })
    }).pipe(Effect.scoped),
  timeout
)

for (const [colorScheme, background] of [
  ["light", "rgb(245, 246, 248)"],
  ["dark", "rgb(14, 17, 22)"]
] as const) {
  it.live.skipIf(!hasChromium)(
    `the page has ${colorScheme} colours as the system does, and a button changes and keeps them (needs Chromium)`,
    () =>
      Effect.gen(function* () {
        const { visit } = yield* start
        const { page } = yield* visit("/", { colorScheme })
        const shown = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
        yield* Effect.promise(async () => {
          await page.getByText("No message was sent yet").waitFor()
          expect(await shown()).toBe(background)
          await page.getByRole("button", { name: "Colours: as the system" }).click()
          await page.getByRole("button", { name: "Colours: light" }).click()
          await page.reload()
          await page.getByRole("button", { name: "Colours: dark" }).waitFor()
          expect(await shown()).toBe("rgb(14, 17, 22)")
        })
      }).pipe(Effect.scoped),
    timeout
  )
}

it.live.skipIf(!hasChromium)(
  "a screen of 375 pixels shows the list or the message, and nothing is cut off (needs Chromium)",
  () =>
    Effect.gen(function* () {
      const { send, visit } = yield* start
      yield* send()
      const { page } = yield* visit("/", { width: 375, height: 720 })
      yield* Effect.promise(async () => {
        const row = page.getByRole("link", { name: /Confirm your address/ })
        await row.click()
        await page.getByRole("heading", { name: "Confirm your address" }).waitFor()
        await row.waitFor({ state: "hidden" })
        for (const view of ["outbox", "mailboxes", "logs", "webhooks", "requests", "faults", "domains"]) {
          expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBeLessThanOrEqual(
            375
          )
          await page.getByRole("navigation", { name: "Views" }).locator(`a[href="#/${view}"]`).click()
          await page.getByRole("heading", { level: 1 }).waitFor()
        }
        await page.getByRole("navigation", { name: "Views" }).locator('a[href="#/outbox"]').click()
        await row.click()
        await page.getByRole("link", { name: "Outbox" }).first().click()
        await row.waitFor()
      })
    }).pipe(Effect.scoped),
  timeout
)
