/** What `docs/sandbox.md` says the sandbox does where the documents of the API are silent, as a client without the SDK sees it. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { root } from "../../support/blocks.js"
import { keys, onSandbox, type Plain } from "./plain.js"

const items = new Set(
  Array.from(
    readFileSync(join(root, "docs/sandbox.md"), "utf8").matchAll(/^- (.+)$/gm),
    ({ 1: text = "" }) => text
  )
)

/** A test of an item of the list, whose text is the title. */
const claim = (item: string, run: (api: Plain) => Promise<void>) =>
  it(item, () => {
    expect(items.has(item), "docs/sandbox.md contains the item").toBe(true)
    return onSandbox(run)()
  })

const email = (fields: object = {}) => ({
  from: { email: "hello@example.com" },
  to: { email: "ada@example.com" },
  subject: "Hi",
  html_body: "<p>Hi</p>",
  ...fields
})

const send = (api: Plain, fields: object = {}, key?: string) =>
  api.sending("POST /emails/send", {
    body: email(fields),
    ...(key === undefined ? {} : { headers: { "idempotency-key": key } })
  })

const deliver = async (api: Plain, fields: object = {}): Promise<string> =>
  (await api.control("POST /inbound", { body: { to: "agent@sandbox.test", ...fields } })).json.id

const message = async (api: Plain, id: string) => (await api.mailbox(`GET /mailbox/messages/${id}`)).json.data

const createMailbox = (api: Plain, name: string) =>
  api.management("POST /mailboxes", { body: { email: `${name}@sandbox.test` } })

claim(
  "A request is the same if its path, its query and the bytes of its body are. JSON with another order of fields is another request.",
  async (api) => {
    const { from, ...rest } = email()
    const post = (body: object) =>
      api.sending("POST /emails/send", { body, headers: { "idempotency-key": "a" } })
    expect((await post({ from, ...rest })).status).toBe(200)
    expect((await post({ from, ...rest })).status).toBe(200)
    expect((await post({ ...rest, from })).json.error.code).toBe("idempotency_conflict")
  }
)

claim(
  "A key belongs to one credential and one endpoint. A replay counts for the rate limit.",
  async (api) => {
    const remaining = async () => Number((await send(api, {}, "a")).headers["x-ratelimit-remaining"])
    const first = await remaining()
    expect(await remaining()).toBe(first - 1)
  }
)

claim("The domain of a sender is not checked.", async (api) => {
  expect((await send(api, { from: { email: "anyone@nowhere.example" } })).status).toBe(200)
})

claim(
  "Each message that is sent or received costs 0.0004 USD. The balance may become negative; use a fault to test `insufficient_credits`.",
  async (api) => {
    const balance = async () => Number((await api.management("GET /billing/balance")).json.data.balance)
    const before = await balance()
    await send(api)
    expect(before - (await balance())).toBeCloseTo(0.0004, 6)
    await deliver(api)
    expect(before - (await balance())).toBeCloseTo(0.0008, 6)
  }
)

claim(
  "Filters, quotas and send policies are stored and shown, but not applied: every message arrives, and may be sent.",
  async (api) => {
    const rules = [{ type: "allow", pattern: "*@example.com" }]
    const set = await api.management("PUT /mailboxes/mbx_sandbox/filters", {
      body: { mode: "allowlist", rules }
    })
    expect(set.json.data).toMatchObject({ mode: "allowlist", rules: [{ pattern: "*@example.com" }] })
    const id = await deliver(api, { from: "stranger@example.net", subject: "Not allowed" })
    expect((await message(api, id)).subject).toBe("Not allowed")
  }
)

claim(
  "A message for an address that is no active mailbox of the sandbox arrives nowhere, and is delivered all the same.",
  async (api) => {
    await send(api, { to: { email: "nobody@sandbox.test" } })
    const { json } = await api.control("GET /counters")
    expect(json).toMatchObject({ emails: 1, arrivals: 0 })
    expect((await api.management("GET /emails/logs")).json.data).toMatchObject([{ status: "sent" }])
  }
)

claim(
  "A message belongs to a thread by `Message-ID`, `In-Reply-To` and `References`, and never by its subject.",
  async (api) => {
    const first = await deliver(api, { subject: "Plan", headers: { "message-id": "<one@example.org>" } })
    const reply = await deliver(api, {
      subject: "Something else",
      headers: { "message-id": "<two@example.org>", "in-reply-to": "<one@example.org>" }
    })
    const other = await deliver(api, { subject: "Plan", headers: { "message-id": "<three@example.org>" } })
    const threadOf = async (id: string) => (await message(api, id)).thread_id
    expect(await threadOf(reply)).toBe(await threadOf(first))
    expect(await threadOf(other)).not.toBe(await threadOf(first))
  }
)

claim("A sort by subject leaves out prefixes such as `Re:` and `Fwd:`.", async (api) => {
  for (const subject of ["Re: Beta", "Alpha", "Fwd: Gamma"]) await deliver(api, { subject })
  const { json } = await api.mailbox("GET /mailbox/messages?sort_by=subject&sort_direction=asc")
  expect(json.data.map(({ subject }: { readonly subject: string }) => subject)).toEqual([
    "Alpha",
    "Re: Beta",
    "Fwd: Gamma"
  ])
})

claim(
  "A message in the trash stays there when it is deleted again, unless it is deleted permanently.",
  async (api) => {
    const id = await deliver(api)
    const remove = (query = "") => api.mailbox(`DELETE /mailbox/messages/${id}${query}`)
    await remove()
    const [trash] = (await message(api, id)).folder_ids
    expect((await remove()).status).toBe(200)
    expect((await message(api, id)).folder_ids).toEqual([trash])
    await remove("?permanent=true")
    expect((await api.mailbox(`GET /mailbox/messages/${id}`)).status).toBe(404)
  }
)

claim("A batch does each id once, and `failed` is always empty.", async (api) => {
  const id = await deliver(api)
  const { json } = await api.mailbox("POST /mailbox/messages:batch-update", {
    body: { ids: [id, id, "msg_none"], seen: true }
  })
  expect(json.data).toMatchObject({ updated: [id], failed: [], not_found: ["msg_none"] })
})

claim(
  "The header `Last-Event-ID` takes precedence over the parameter. The newest 1000 events are kept; an older or unknown id receives `sync_required`, after which the stream goes on.",
  async (api) => {
    await deliver(api, { subject: "First" })
    await deliver(api, { subject: "Second" })
    const resumed = await api.events("/mailbox/events?last_event_id=0", 1, { "last-event-id": "1" })
    expect(resumed.body).toContain('"subject":"Second"')
    const unknown = await api.events("/mailbox/events?last_event_id=999", 1)
    expect(unknown.body).toContain("event: sync_required")
  }
)

claim("`webhooks.test` is a `conflict` unless the webhook is subscribed to `sendmux.test`.", async (api) => {
  const create = async (type: string) =>
    (
      await api.management("POST /webhooks", {
        body: { url: "http://127.0.0.1:9/", event_types: [type] }
      })
    ).json.data.id
  const test = (id: string) => api.management(`POST /webhooks/${id}/test`)
  expect((await test(await create("message.delivered"))).json.error.code).toBe("conflict")
  expect((await test(await create("sendmux.test"))).status).toBe(200)
})

claim("A domain with mailboxes cannot be deleted.", async (api) => {
  const [domain] = (await api.management("GET /domains")).json.data
  expect((await api.management(`DELETE /domains/${domain.id}`)).json.error.code).toBe("conflict")
  await api.management("DELETE /mailboxes/mbx_sandbox")
  expect((await api.management(`DELETE /domains/${domain.id}`)).status).toBe(200)
})

claim(
  "The address of a deleted mailbox is not available again (`cleanup_pending`), and its keys end at once.",
  async (api) => {
    await api.management("DELETE /mailboxes/mbx_sandbox")
    expect((await createMailbox(api, "agent")).status).toBe(409)
    const { json } = await api.management("GET /mailboxes/availability?email=agent@sandbox.test")
    expect(json.data).toMatchObject({ available: false, reason: "cleanup_pending" })
    expect((await api.mailbox("GET /mailbox/me")).status).toBe(401)
  }
)

claim("The names `postmaster`, `abuse` and `mailer-daemon` are reserved.", async (api) => {
  for (const name of ["postmaster", "abuse", "mailer-daemon"]) {
    expect((await createMailbox(api, name)).status, name).toBe(422)
  }
  expect((await createMailbox(api, "support")).status).toBe(201)
})

claim(
  "The key of a suspended mailbox receives `insufficient_permissions`, and messages to it do not arrive.",
  async (api) => {
    await api.management("POST /mailboxes/mbx_sandbox/suspend")
    expect((await api.mailbox("GET /mailbox/me")).json.error.code).toBe("insufficient_permissions")
    expect((await api.sending("GET /me")).json.error.code).toBe("insufficient_permissions")
    const agent = await api.sending("POST /emails/send", {
      key: keys.agent,
      body: email({ to: { email: "agent@sandbox.test" } })
    })
    expect(agent.status).toBe(200)
    expect((await api.control("GET /counters")).json).toMatchObject({ emails: 1, arrivals: 0 })
  }
)

claim(
  "The local part of a recipient requests its outcome, see [Messages and their outcomes](testing.md#messages-and-their-outcomes).",
  async (api) => {
    await send(api, { to: { email: "reject@example.com" } })
    expect((await api.management("GET /emails/logs")).json.data).toMatchObject([{ status: "rejected" }])
  }
)
