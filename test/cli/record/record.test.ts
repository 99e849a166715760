import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { expect, it } from "vitest"
import { operations } from "../../../cli/record/operations.js"
import { upstreamAt } from "../../../cli/record/proxy.js"
import { startRecorder } from "../../../cli/record/recorder.js"
import { readRecording } from "../../../cli/record/recording.js"
import { readFacts } from "../../contract/facts.js"
import { keys, onSandbox } from "../../sandbox/http/plain.js"
import { walk } from "../../sandbox/http/walk.js"
import { filesIn, inFolder, recordFrom } from "./recordings.js"

/** Every secret, address and text in the responses of a sandbox to the walk. */
const collect = (found: Set<string>, value: unknown, key = ""): void => {
  if (typeof value === "string") {
    if (/secret$|_url$|^Authorization$|^X-Sendmux-Upload-Token$/i.test(key)) found.add(value)
    for (const address of value.match(/[\w.-]+@[\w-]+\.\w+/g) ?? []) found.add(address)
  } else if (Array.isArray(value)) for (const item of value) collect(found, item, key)
  else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) collect(found, item, name)
  }
}

const texts = [
  "Some words",
  "See it",
  "Welcome",
  "Agent Smith",
  "Later",
  "hunter2-secret",
  "hooks.example.com"
]

it("a recording of every operation contains no key, token, secret, URL, address or text of a message", () =>
  inFolder((folder) =>
    onSandbox(async ({ url }) => {
      const secrets = new Set<string>([...Object.values(keys), ...texts])
      const ids = new Set<string>()
      await recordFrom(url, folder, (api) =>
        walk(api, ({ response }) => {
          if (!response.headers["content-type"]?.includes("json")) return
          const body: unknown = response.json
          if (!response.body.includes('"openapi"')) collect(secrets, body)
          for (const id of response.body.match(/"(?:eml|msg|whk|mdom|dprov|att)_[a-z0-9]{20,}"/g) ?? []) {
            ids.add(id.slice(1, -1))
          }
        })
      )
      expect(secrets.size).toBeGreaterThan(20)
      expect(ids.size).toBeGreaterThan(5)
      const files = filesIn(folder)
      expect(files.size).toBeGreaterThan(118)
      for (const [file, text] of files) {
        for (const secret of [...secrets, ...ids])
          expect(text.includes(secret), `${file}: ${secret}`).toBe(false)
      }
    })()
  ))

it("a recording that keeps content has addresses and texts, and no secrets", () =>
  inFolder((folder) =>
    onSandbox(async ({ url }) => {
      await recordFrom(
        url,
        folder,
        async (api) => {
          await api.sending("POST /emails/send", {
            body: {
              from: { email: "hello@example.com" },
              to: { email: "ada@example.org" },
              subject: "Welcome",
              html_body: `<p>Your key is ${keys.mailbox}</p>`
            }
          })
          await api.management("POST /webhooks", {
            body: { url: "https://hooks.example.com/path-token", event_types: ["message.delivered"] }
          })
          await api.sending("POST /emails/attachments?filename=a.txt", { body: new Uint8Array([104, 105]) })
        },
        { keepContent: true }
      )
      const text = [...filesIn(folder).values()].join("")
      expect(text).toContain("ada@example.org")
      expect(text).toContain("Welcome")
      expect(text).toContain('"base64": "aGk="')
      expect(text).toContain("Your key is ")
      for (const secret of [...Object.values(keys), "path-token", "whsec_sandbox"])
        expect(text).not.toContain(secret)
    })()
  ))

it("the same value has the same name in every file, and the order of the files is that of the requests", () =>
  inFolder((folder) =>
    onSandbox(async ({ url }) => {
      await recordFrom(url, folder, async (api) => {
        await api.mailbox("GET /mailbox/me")
        await api.management("GET /mailboxes/mbx_sandbox")
        await api.mailbox("GET /mailbox/messages?mailbox_id=mbx_sandbox&folder_id=fld_none")
      })
      const { exchanges, manifest } = readRecording(folder)
      expect(manifest).toMatchObject({ format: 1, keeps_content: false })
      expect(exchanges.map(({ file }) => file)).toEqual([
        "0001-mailbox.me.get.json",
        "0002-management.mailboxes.get.json",
        "0003-mailbox.messages.list.json"
      ])
      const [me, shown, listed] = exchanges.map(({ exchange }) => exchange)
      const body = me?.response.body
      const id = /mbx_\w+/.exec(JSON.stringify(body))?.[0]
      expect(id).toMatch(/^mbx_recorded\d{16}$/)
      expect(shown?.request.path).toBe(`/mailboxes/${id}`)
      expect(listed?.request.query[0]).toEqual(["mailbox_id", id])
      expect(me?.request.credential?.kind).toBe("mailbox")
      expect(shown?.request.credential?.kind).toBe("root")
    })()
  ))

it("only the owner of the process can read a recording", () =>
  inFolder((folder) =>
    onSandbox(async ({ url }) => {
      await recordFrom(url, folder, async (api) => void (await api.sending("GET /me")))
      expect(statSync(folder).mode & 0o777).toBe(0o700)
      for (const file of filesIn(folder).keys()) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    })()
  ))

it("the recorder passes requests and responses on as they are", () =>
  inFolder((folder) =>
    onSandbox(async (direct) => {
      await recordFrom(direct.url, folder, async (api) => {
        const through = await api.sending("GET /me")
        const other = await direct.sending("GET /me")
        expect(through.status).toBe(200)
        expect(through.json.data).toEqual(other.json.data)
        expect(through.headers["etag"]).toBe(other.headers["etag"])
        const invalid = await api.sending("POST /emails/send", { body: "{" })
        expect(invalid.status).toBe(400)
        const upload = await api.sending("POST /emails/attachments?filename=a.bin", {
          body: new Uint8Array(100_000)
        })
        expect(upload.json.data.size_bytes ?? upload.json.data.size).toBe(100_000)
        await direct.control("POST /inbound", {
          body: { to: "agent@sandbox.test", subject: "Hi", text: "Hello" }
        })
        expect((await api.events("/mailbox/events?last_event_id=0", 1)).body).toContain("message.received")
        const unknown = await api.sending("GET /nothing/here1")
        expect(unknown.status).toBe(404)
      })
      const { exchanges } = readRecording(folder)
      expect(exchanges.map(({ exchange: { operation, response } }) => [operation, response.status])).toEqual([
        ["sending.connection.get", 200],
        ["sending.emails.send", 400],
        ["sending.attachments.upload", 201],
        ["mailbox.events.stream", 200],
        [null, 404]
      ])
      expect(exchanges[3]?.exchange.response.body).toMatchObject({
        kind: "events",
        events: [{ event: "message.received", data: { event_type: "message.received" } }]
      })
      expect(exchanges[4]?.exchange.request.path).toMatch(/^\/nothing\/recorded\d{16}$/)
    })()
  ))

it("the recorder refuses web pages, other hosts and other paths, and reports an API that is not there", () =>
  inFolder(async (folder) => {
    const recorder = await startRecorder({
      folder,
      port: 0,
      upstream: upstreamAt("http://127.0.0.1:1"),
      keepContent: false
    })
    const { port } = new URL(recorder.origin)
    const status = (path: string, headers: Readonly<Record<string, string>> = {}) =>
      new Promise((resolve) => {
        request({ port, host: "127.0.0.1", path, headers, agent: false }, (response) => {
          response.resume()
          resolve(response.statusCode)
        }).end()
      })
    expect(await status("/sending/api/v1/me", { host: "evil.test" })).toBe(403)
    expect(await status("/sending/api/v1/me", { origin: "https://evil.test" })).toBe(403)
    expect(await status("/etc/passwd")).toBe(404)
    expect(await status("/sending/api/v1/me")).toBe(502)
    await recorder.close()
    expect(recorder.count()).toBe(0)
  }))

it("a recording is not written into a folder that has files, and a busy port is reported", () =>
  inFolder(async (folder) => {
    mkdirSync(folder)
    writeFileSync(join(folder, "notes.txt"), "mine")
    const options = { folder, port: 0, upstream: upstreamAt("http://127.0.0.1:1"), keepContent: false }
    await expect(startRecorder(options)).rejects.toThrow("is not empty; choose a new folder with --to")
    const first = await startRecorder({ ...options, folder: join(folder, "a") })
    const port = Number(new URL(first.origin).port)
    await expect(startRecorder({ ...options, folder: join(folder, "b"), port })).rejects.toThrow("is in use")
    await first.close()
    expect(readdirSync(folder).sort()).toEqual(["a", "notes.txt"])
  }))

it("the recorder knows every operation of the API", () => {
  const documented = readFacts().operations.map(({ name }) => name)
  expect(operations.map(({ name }) => name).sort()).toEqual([...documented].sort())
})
