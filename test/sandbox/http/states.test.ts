/** State tokens of a mailbox, as a client without the SDK sees them. */
import { expect, it } from "vitest"
import { onSandbox, type Plain } from "./plain.js"

const deliver = async (api: Plain, subject: string): Promise<string> =>
  (await api.control("POST /inbound", { body: { to: "agent@sandbox.test", subject, text: "Hello" } })).json.id

const changes = async (api: Plain, since?: string, query = "") =>
  api.mailbox(
    `GET /mailbox/changes?${since === undefined ? "" : `since_state=${encodeURIComponent(since)}&`}${query}`
  )

it(
  "the changes since a state are those that came after it",
  onSandbox(async (api) => {
    const start = (await changes(api)).json.data
    expect(start).toMatchObject({ old_state: null, has_more: false, created: [], updated: [], destroyed: [] })
    const id = await deliver(api, "One")
    const first = (await changes(api, start.new_state)).json.data
    expect(first).toMatchObject({ old_state: start.new_state, created: [id], destroyed: [] })
    await api.mailbox(`PATCH /mailbox/messages/${id}`, { body: { seen: true } })
    const second = (await changes(api, first.new_state)).json.data
    expect(second).toMatchObject({ created: [], updated: [id], destroyed: [] })
    await api.mailbox(`DELETE /mailbox/messages/${id}?permanent=true`)
    const third = (await changes(api, second.new_state)).json.data
    expect(third).toMatchObject({ created: [], updated: [], destroyed: [id] })
    expect((await changes(api, third.new_state)).json.data).toMatchObject({
      old_state: third.new_state,
      new_state: third.new_state,
      created: [],
      updated: [],
      destroyed: []
    })
  })
)

it(
  "changes in parts, each since the state of the part before, are complete",
  onSandbox(async (api) => {
    const start = (await changes(api)).json.data.new_state
    const ids = [await deliver(api, "One"), await deliver(api, "Two"), await deliver(api, "Three")]
    const created: Array<string> = []
    let state = start
    let parts = 0
    for (let more = true; more; parts++) {
      const { data } = (await changes(api, state, "limit=1")).json
      expect(data.created.length + data.updated.length + data.destroyed.length).toBeLessThanOrEqual(1)
      created.push(...data.created)
      state = data.new_state
      more = data.has_more
    }
    expect(created).toEqual(ids)
    expect(parts).toBeGreaterThan(2)
  })
)

it(
  "an unknown state is an invalid parameter",
  onSandbox(async (api) => {
    for (const path of ["/changes", "/folders/changes", "/submissions/changes", "/quotas/changes"]) {
      const { json, status } = await api.mailbox(`GET /mailbox${path}?since_state=nonsense`)
      expect(status, path).toBe(400)
      expect(json.error).toMatchObject({ code: "invalid_parameter", param: "since_state" })
    }
    const query = await api.mailbox("GET /mailbox/messages/query-changes?since_query_state=nonsense")
    expect(query.status).toBe(400)
    expect(query.json.error.param).toBe("since_query_state")
  })
)

it(
  "a state whose changes were forgotten requires a new synchronization",
  onSandbox(async (api) => {
    const { new_state } = (await changes(api)).json.data
    await deliver(api, "One")
    await api.control("POST /forget-changes", { body: { mailbox: "agent@sandbox.test" } })
    const { data } = (await changes(api, new_state)).json
    expect(data).toMatchObject({
      sync_required: true,
      created: [],
      updated: [],
      destroyed: [],
      has_more: false
    })
    expect((await changes(api, data.new_state)).json.data.sync_required).toBeUndefined()
  })
)

it(
  "a query state reports what enters and leaves the list that it was made for",
  onSandbox(async (api) => {
    const list = "is_unread=true&sort_by=received_at&sort_direction=desc"
    const query = (since: string) =>
      api.mailbox(
        `GET /mailbox/messages/query-changes?${list}&since_query_state=${encodeURIComponent(since)}&calculate_total=true`
      )
    const { new_query_state } = (await api.mailbox(`GET /mailbox/messages/query-changes?${list}`)).json.data
    const id = await deliver(api, "One")
    const first = (await query(new_query_state)).json.data
    expect(first).toMatchObject({ removed: [], added: [{ id, index: 0 }], total: 1 })
    await api.mailbox(`PATCH /mailbox/messages/${id}`, { body: { seen: true } })
    const second = (await query(first.new_query_state)).json.data
    expect(second).toMatchObject({ removed: [id], added: [], total: 0 })
    const other = await api.mailbox(
      `GET /mailbox/messages/query-changes?is_unread=false&since_query_state=${encodeURIComponent(new_query_state)}`
    )
    expect(other.status).toBe(400)
  })
)

it(
  "a batch with the state of an earlier version is a conflict, and changes nothing",
  onSandbox(async (api) => {
    const id = await deliver(api, "One")
    const state = (await api.mailbox("GET /mailbox/session")).json.data.states.messages
    await deliver(api, "Two")
    const batch = (if_in_state: string) =>
      api.mailbox("POST /mailbox/messages:batch-update", { body: { ids: [id], flagged: true, if_in_state } })
    const stale = await batch(state)
    expect(stale.status).toBe(409)
    expect(stale.json.error.code).toBe("conflict")
    expect((await api.mailbox(`GET /mailbox/messages/${id}`)).json.data.flags.flagged).toBe(false)
    const current = (await api.mailbox("GET /mailbox/session")).json.data.states.messages
    expect((await batch(current)).status).toBe(200)
  })
)
