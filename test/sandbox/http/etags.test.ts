/** ETags, as a client without the SDK sees them. */
import { expect, it } from "vitest"
import { onSandbox, type Plain } from "./plain.js"

const tagOf = async (api: Plain, path: string): Promise<string> =>
  (await api.management(`GET ${path}`)).headers["etag"] ?? ""

it(
  "a request with the ETag of the current version receives 304 without a body",
  onSandbox(async (api) => {
    const tag = await tagOf(api, "/mailboxes/mbx_sandbox")
    expect(tag).toMatch(/^W\/"\w+"$/)
    for (const given of [tag, tag.replace("W/", ""), `"other", ${tag}`, "*"]) {
      const same = await api.management("GET /mailboxes/mbx_sandbox", { headers: { "if-none-match": given } })
      expect(same.status, given).toBe(304)
      expect(same.body).toBe("")
      expect(same.headers["etag"]).toBe(tag)
      expect(same.headers["x-request-id"]).toMatch(/^req_/)
    }
    const other = await api.management("GET /mailboxes/mbx_sandbox", { headers: { "if-none-match": '"x"' } })
    expect(other.status).toBe(200)
    expect(other.json.data.id).toBe("mbx_sandbox")
  })
)

it(
  "an ETag stays the same until the resource changes",
  onSandbox(async (api) => {
    const before = await tagOf(api, "/mailboxes/mbx_sandbox")
    expect(await tagOf(api, "/mailboxes/mbx_sandbox")).toBe(before)
    const changed = await api.management("PATCH /mailboxes/mbx_sandbox", { body: { display_name: "Ada" } })
    const after = await tagOf(api, "/mailboxes/mbx_sandbox")
    expect(after).not.toBe(before)
    expect(changed.headers["etag"]).toBe(after)
  })
)

it(
  "a change with the ETag of an earlier version is a conflict with status 409, and changes nothing",
  onSandbox(async (api) => {
    const rename = (tag: string, display_name: string) =>
      api.management("PATCH /mailboxes/mbx_sandbox", { headers: { "if-match": tag }, body: { display_name } })
    const first = await tagOf(api, "/mailboxes/mbx_sandbox")
    const second = (await rename(first, "Ada")).headers["etag"] ?? ""
    const stale = await rename(first, "Eve")
    expect(stale.status).toBe(409)
    expect(stale.json).toMatchObject({ ok: false, error: { code: "conflict", retryable: false } })
    expect((await api.management("GET /mailboxes/mbx_sandbox")).json.data.display_name).toBe("Ada")
    expect((await rename(second, "Bob")).status).toBe(200)
    expect((await rename("*", "Carol")).status).toBe(200)
  })
)

it(
  "a send policy is replaced only with the ETag of its current version",
  onSandbox(async (api) => {
    const path = "/mailbox-send-policies/mailbox/mbx_sandbox"
    const { headers, json } = await api.management(`GET ${path}`)
    const body = { policy: json.data.policy }
    const without = await api.management(`PUT ${path}`, { body })
    expect(without.status).toBe(400)
    expect(without.json.error.code).toBe("missing_parameter")
    const other = await api.management(`PUT ${path}`, { headers: { "if-match": 'W/"x"' }, body })
    expect(other.status).toBe(409)
    const current = { "if-match": headers["etag"] ?? "" }
    expect((await api.management(`PUT ${path}`, { headers: current, body })).status).toBe(200)
  })
)

it(
  "two clients that change one domain with If-Match do not overwrite each other",
  onSandbox(async (api) => {
    const [{ id }] = (await api.management("GET /domains")).json.data
    const domain = `/domains/${id}`
    const tag = await tagOf(api, `${domain}/filters`)
    const write = (pattern: string) =>
      api.management(`PUT ${domain}/filters`, {
        headers: { "if-match": tag },
        body: { mode: "denylist", rules: [{ type: "deny", pattern }] }
      })
    const statuses = (await Promise.all([write("a.example"), write("b.example")])).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 409])
  })
)
