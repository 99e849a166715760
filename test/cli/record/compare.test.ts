import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import type { Comparison } from "../../../cli/compare/compare.js"
import { readRecording } from "../../../cli/record/recording.js"
import { onSandbox, type Plain } from "../../sandbox/http/plain.js"
import { walk } from "../../sandbox/http/walk.js"
import { compareIn, type Drifting, filesIn, inFolder, onDrifted, recordFrom } from "./recordings.js"

const email = {
  from: { email: "hello@example.com" },
  to: { email: "ada@example.com" },
  subject: "Hi",
  html_body: "<p>Hi</p>"
}

/** Records a sandbox whose responses are changed, and compares the recording with a new sandbox. */
const drift = (
  change: (line: string, response: Drifting) => void,
  use: (api: Plain) => Promise<unknown>
): Promise<Comparison> =>
  inFolder(async (folder) => {
    await onSandbox(({ url }) =>
      onDrifted(url, change, (drifted) => recordFrom(drifted, folder, async (api) => void (await use(api))))
    )()
    return compareIn(folder)
  })

it("the recording of a sandbox has no difference to another sandbox, for every operation", () =>
  inFolder(async (folder) => {
    await onSandbox(({ url }) => recordFrom(url, folder, (api) => walk(api)))()
    const { compared, differences, skipped } = await compareIn(folder)
    expect(differences).toEqual([])
    expect(skipped).toEqual([])
    expect(compared).toBeGreaterThan(118)
    const names = new Set(readRecording(folder).exchanges.map(({ exchange }) => exchange.operation))
    expect(names.size).toBe(118)
  }))

it("the recording of failures has no difference to another sandbox", () =>
  inFolder(async (folder) => {
    await onSandbox(({ url }) =>
      recordFrom(url, folder, async (api) => {
        // What is read first makes known which mailbox of the sandbox stands for the recorded one.
        await api.management("GET /mailboxes")
        await api.sending("GET /me", { key: null })
        await api.sending("GET /me", { key: "smx_mbx_other" })
        await api.sending("GET /me", { key: "smx_root_sandbox" })
        await api.sending("POST /emails/send", { body: "{" })
        await api.sending("POST /emails/send", { body: { ...email, subject: "" } })
        await api.sending("POST /emails/send", { body: { ...email, to: { email: "no address" } } })
        await api.sending("POST /emails/send", { body: { ...email, subject: "x".repeat(2000) } })
        await api.sending("POST /emails/send", { headers: { "idempotency-key": "a" }, body: email })
        await api.sending("POST /emails/send", { headers: { "idempotency-key": "a" }, body: email })
        const other = { ...email, subject: "Other than before" }
        await api.sending("POST /emails/send", { headers: { "idempotency-key": "a" }, body: other })
        await api.management("GET /domains/mdom_none")
        await api.management("GET /domains?limit=0")
        await api.management("GET /domains?cursor=nonsense")
        await api.management("GET /domains?colour=red")
        await api.management("GET /domains?limit=1&limit=2")
        await api.management("POST /domains", { body: [] })
        await api.management("GET /nothing")
        const { headers } = await api.management("GET /mailboxes/mbx_sandbox")
        await api.management("GET /mailboxes/mbx_sandbox", {
          headers: { "if-none-match": headers["etag"] ?? "" }
        })
        await api.management("PATCH /mailboxes/mbx_sandbox", { body: { display_name: "Ada" } })
        await api.management("PATCH /mailboxes/mbx_sandbox", {
          headers: { "if-match": headers["etag"] ?? "" },
          body: { display_name: "Eve" }
        })
        await api.mailbox("GET /mailbox/changes?since_state=nonsense")
        await api.mailbox("DELETE /mailbox/messages/none")
      })
    )()
    const { compared, differences, skipped } = await compareIn(folder)
    expect({ differences, skipped }).toEqual({ differences: [], skipped: [] })
    expect(compared).toBe(24)
    const statuses = readRecording(folder).exchanges.map(({ exchange }) => exchange.response.status)
    expect(new Set(statuses)).toEqual(new Set([200, 304, 400, 401, 403, 404, 409, 422]))
  }))

const me = (api: Plain) => api.mailbox("GET /mailbox/me")

for (const [title, change, difference] of [
  [
    "another status of success",
    (response) => {
      response.status = 201
    },
    { kind: "status", path: "status", recorded: "201", sandbox: "200" }
  ],
  [
    "a field that the sandbox does not know",
    (response) => {
      response.body.data.nickname = "secret nickname"
    },
    { kind: "unknown-field", path: "data.nickname", recorded: "present", sandbox: "unknown" }
  ],
  [
    "a field that is missing",
    (response) => {
      delete response.body.data.email
    },
    { kind: "missing-field", path: "data.email", recorded: "absent", sandbox: "required" }
  ],
  [
    "a field of another type",
    (response) => {
      response.body.data.email = 7
    },
    { kind: "type", path: "data.email", recorded: "number", sandbox: "string" }
  ],
  [
    "null where the sandbox has no null",
    (response) => {
      response.body.data.email = null
    },
    { kind: "type", path: "data.email", recorded: "null", sandbox: "string" }
  ],
  [
    "a header that is missing",
    (response) => {
      response.headers.delete("etag")
    },
    { kind: "header", path: "header etag", recorded: "absent", sandbox: "present" }
  ],
  [
    "a header that the sandbox does not have",
    (response) => {
      response.headers.set("retry-after", "1")
    },
    { kind: "header", path: "header retry-after", recorded: "present", sandbox: "absent" }
  ],
  [
    "another content type",
    (response) => {
      response.headers.set("content-type", "application/problem+json")
    },
    {
      kind: "header",
      path: "header content-type",
      recorded: "application/problem+json",
      sandbox: "application/json"
    }
  ],
  [
    "a further field of the meta",
    (response) => {
      response.body.meta.region = "eu"
    },
    { kind: "unknown-field", path: "meta.region", recorded: "present", sandbox: "unknown" }
  ],
  [
    "a further field of the envelope",
    (response) => {
      response.body.warnings = []
    },
    { kind: "unknown-field", path: "warnings", recorded: "present", sandbox: "unknown" }
  ]
] as const satisfies ReadonlyArray<
  readonly [title: string, change: (response: Drifting) => void, difference: object]
>) {
  it(`the comparison finds ${title}`, async () => {
    const { differences } = await drift((_, response) => change(response), me)
    expect(differences).toEqual([
      { ...difference, operation: "mailbox.me.get", count: 1, file: "0001-mailbox.me.get.json" }
    ])
  })
}

it("the comparison finds a value of an enumeration that the sandbox does not know, in a list", async () => {
  const { differences } = await drift(
    (line, { body }) => {
      if (line === "GET /webhooks") for (const item of body.data) item.event_types.push("message.opened")
    },
    async (api) => {
      for (const url of ["https://a.example/", "https://b.example/"]) {
        await api.management("POST /webhooks", { body: { url, event_types: ["message.delivered"] } })
      }
      await api.management("GET /webhooks")
    }
  )
  expect(differences).toMatchObject([
    {
      operation: "management.webhooks.list",
      kind: "unknown-value",
      path: "data[].event_types[]",
      recorded: "message.opened",
      count: 2
    }
  ])
})

it("the comparison finds another error code, another parameter and another status of a failure", async () => {
  const { differences } = await drift(
    (_, response) => {
      response.status = 400
      Object.assign(response.body.error, { code: "invalid_subject", param: "message.subject", hint: "text" })
    },
    (api) => api.sending("POST /emails/send", { body: { ...email, subject: "" } })
  )
  expect(differences.map(({ kind, path, recorded }) => [kind, path, recorded])).toEqual([
    ["status", "status", "400"],
    ["unknown-field", "error.hint", "present"]
  ])
  const same = await drift(
    (_, { body }) => Object.assign(body.error, { code: "invalid_subject", param: "message.subject" }),
    (api) => api.sending("POST /emails/send", { body: { ...email, subject: "" } })
  )
  expect(same.differences).toMatchObject([
    { kind: "error-code", recorded: "invalid_subject", sandbox: "validation_error" },
    { kind: "error-field", path: "error.param", recorded: "message.subject", sandbox: "subject" }
  ])
})

it("the comparison finds an operation that the sandbox does not have", async () => {
  const { differences } = await drift(
    (_, response) => {
      response.status = 200
      response.body = { ok: true, data: {}, meta: { request_id: "req_1" } }
    },
    (api) => api.mailbox("GET /mailbox/labels")
  )
  expect(differences).toMatchObject([
    { operation: "GET /mailbox/labels", kind: "operation", sandbox: "there is no such operation" }
  ])
})

it("the comparison does not replay what depends on things that only the recorded account has", async () => {
  const { differences, skipped } = await drift(
    (line, response) => {
      if (line.startsWith("GET /domains/")) {
        response.status = 200
        response.body = { ok: true, data: {}, meta: { request_id: "req_1" } }
      }
    },
    (api) => api.management("GET /domains/mdom_aaaaaaaaaaaa")
  )
  expect(differences).toEqual([])
  expect(skipped).toEqual([
    {
      file: "0001-management.domains.get.json",
      operation: "management.domains.get",
      reason: expect.stringContaining("which no earlier response of the sandbox contained")
    }
  ])
})

it("the comparison does not expect the sandbox to repeat a rate limit or a failure of the server", async () => {
  const { differences } = await drift((_, response) => {
    response.status = 503
    response.body = {
      ok: false,
      error: { code: "service_unavailable", message: "Later", retryable: true },
      meta: { request_id: "req_1" }
    }
  }, me)
  expect(differences).toEqual([])
})

it("a recording that cannot be read is reported with its file and the place in it", () =>
  inFolder(async (folder) => {
    expect(() => readRecording(folder)).toThrow("there is no such file or folder")
    await onSandbox(({ url }) => recordFrom(url, folder, async (api) => void (await me(api))))()
    const [file = ""] = [...filesIn(folder).keys()].filter((name) => name.startsWith("0001"))
    const text = filesIn(folder).get(file) ?? ""
    writeFileSync(join(folder, file), "{")
    expect(() => readRecording(folder)).toThrow(`${file}: it is not valid JSON`)
    writeFileSync(join(folder, file), text.replace('"status": 200', '"status": "good"'))
    expect(() => readRecording(folder)).toThrow(`${file}: response.status: Expected number`)
    writeFileSync(
      join(folder, "recording.json"),
      '{"format":9,"version":"x","started_at":"","keeps_content":true}'
    )
    expect(() => readRecording(folder)).toThrow("has the format 9")
  }))
