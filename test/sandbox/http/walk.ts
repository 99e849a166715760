/**
 * Requests to every operation of the API as a plain HTTP client sends them. Each is valid and succeeds.
 */
import type { Surface } from "../../../src/internal/operation/operation.js"
import type { Plain, PlainRequest, PlainResponse } from "./plain.js"

/** A request of the walk, and its response. */
export interface Step {
  readonly surface: Surface
  readonly line: string
  readonly response: PlainResponse
}

const email = {
  from: { email: "hello@example.com", name: "Hello" },
  to: { email: "ada@example.com" },
  subject: "Welcome",
  html_body: "<p>Hi</p>"
}

const address = "agent@sandbox.test"

/** Calls every operation once or more. `onStep` receives each request with its response. */
export const walk = async (api: Plain, onStep: (step: Step) => void = () => undefined): Promise<void> => {
  const noted = (surface: Surface) => async (line: string, request?: PlainRequest) => {
    const response = await api[surface](line, request)
    onStep({ surface, line, response })
    if (response.status >= 300) throw new Error(`${line}: ${response.status} ${response.body}`)
    return response
  }
  const calls: Calls = {
    sending: noted("sending"),
    management: noted("management"),
    mailbox: noted("mailbox")
  }
  await walkSending(calls)
  const message = await walkMessages(calls)
  await walkMailbox(calls, message)
  await walkDrafts(calls)
  const line = "GET /mailbox/events?last_event_id=0"
  onStep({ surface: "mailbox", line, response: await api.events("/mailbox/events?last_event_id=0", 1) })
  await walkDomains(calls)
  await walkMailboxes(calls)
  await walkProviders(calls)
  await walkWebhooks(calls)
  await walkTeam(calls)
}

type Calls = Pick<Plain, "sending" | "management" | "mailbox">

const words = new TextEncoder().encode("Some words.")

const walkSending = async ({ sending }: Calls): Promise<void> => {
  await sending("GET /me")
  await sending("GET /openapi.json", { key: null })
  const file = await sending("POST /emails/attachments?filename=a.txt&content_type=text/plain", {
    body: words
  })
  const { attachment_id } = file.json.data
  await sending(`GET /emails/attachments/${attachment_id}`)
  const intent = await sending("POST /emails/attachment-uploads", {
    body: { filename: "b.txt", size_bytes: words.byteLength }
  })
  const { headers, upload_id } = intent.json.data
  await sending(`PUT /emails/attachment-uploads/${upload_id}`, { key: null, headers, body: words })
  await sending("POST /emails/send", {
    headers: { "idempotency-key": "welcome-ada" },
    body: { ...email, attachments: [{ attachment_id }] }
  })
  for (const to of ["reject@example.com", address, "bounce@example.com"]) {
    await sending("POST /emails/send", { body: { ...email, to: { email: to } } })
  }
  await sending("POST /emails/send/batch", {
    body: { messages: [email, { ...email, to: { email: "bob@example.com" } }] }
  })
}

/** Returns the id of a message with an attachment that has arrived in the mailbox. */
const walkMessages = async ({ mailbox }: Calls): Promise<string> => {
  const before = (await mailbox("GET /mailbox/messages/query-changes?sort_by=subject")).json.data
  const blob = await mailbox("POST /mailbox/attachments:upload?filename=b.txt", {
    body: words,
    headers: { "content-type": "text/plain" }
  })
  await mailbox("POST /mailbox/attachment-uploads", {
    body: { filename: "c.txt", content_type: "text/plain", size_bytes: 11 }
  })
  await mailbox("POST /mailbox/messages/send", {
    headers: { "idempotency-key": "plan" },
    body: {
      to: [{ email: address, name: null }],
      subject: "Plan",
      text_body: "See https://example.com",
      html_body: "<p>See it</p>",
      attachments: [{ blob_id: blob.json.data.blob_id, filename: "b.txt", content_type: "text/plain" }]
    }
  })
  const inbox = (await mailbox("GET /mailbox/folders")).json.data.find(
    ({ role }: { readonly role: string | null }) => role === "inbox"
  )
  const listed = await mailbox(`GET /mailbox/messages?subject=Plan&limit=5&folder_id=${inbox.id}`)
  const [{ id, thread_id }] = listed.json.data
  const shown = await mailbox(`GET /mailbox/messages/${id}`)
  await mailbox(`GET /mailbox/messages/${id}/body?part=both`)
  await mailbox(`GET /mailbox/messages/${id}/content?include_html=true&include_headers=full`)
  await mailbox(`GET /mailbox/messages/${id}/raw`)
  await mailbox("GET /mailbox/messages/count?is_unread=true")
  await mailbox("GET /mailbox/messages/search-snippets?q=plan")
  await mailbox(
    `GET /mailbox/messages/query-changes?sort_by=subject&since_query_state=${encodeURIComponent(before.new_query_state)}&calculate_total=true`
  )
  await mailbox(`PATCH /mailbox/messages/${id}`, {
    headers: { "if-match": shown.headers["etag"] ?? "" },
    body: { seen: true, keywords: { friends: true } }
  })
  const body = { ids: [id], body_mode: "clean_json" }
  await mailbox("POST /mailbox/messages:batch-get", { body })
  await mailbox("POST /mailbox/messages:batch-update", { body: { ids: [id], flagged: true } })

  const [file] = shown.json.data.attachments
  const path = `/mailbox/messages/${id}/attachments/${file.id}`
  await mailbox(`GET ${path}`)
  await mailbox(`GET ${path}`, { headers: { range: "bytes=0-3" } })
  await mailbox(`POST ${path}/text`)
  await mailbox(`GET ${path}/text`)

  await mailbox("GET /mailbox/threads?limit=10")
  await mailbox(`GET /mailbox/threads/${thread_id}`)
  await mailbox(`GET /mailbox/threads/${thread_id}/messages`)
  await mailbox(`GET /mailbox/threads/${thread_id}/content`)
  const [submission] = (await mailbox("GET /mailbox/submissions?limit=1")).json.data
  await mailbox(`GET /mailbox/submissions/${submission.id}`)
  return id
}

const walkMailbox = async ({ mailbox }: Calls, message: string): Promise<void> => {
  for (const path of [
    "/connection",
    "/me",
    "/session",
    "/mailboxes",
    "/sender-choices",
    "/identities",
    "/identity",
    "/usage",
    "/quotas",
    "/changes?types=messages,folders,threads",
    "/folders/query-changes"
  ]) {
    await mailbox(`GET /mailbox${path}`)
  }
  await mailbox("PATCH /mailbox/identity", { body: { name: "Agent Smith", text_signature: "Smith" } })
  const states = new Map<string, string>()
  for (const path of ["/quotas/changes", "/submissions/changes", "/folders/changes", "/changes"]) {
    states.set(path, (await mailbox(`GET /mailbox${path}`)).json.data.new_state)
  }
  const folder = await mailbox("POST /mailbox/folders", { body: { name: "Projects" } })
  const path = `/mailbox/folders/${folder.json.data.id}`
  const { headers } = await mailbox(`GET ${path}`)
  await mailbox(`PATCH ${path}`, {
    headers: { "if-match": headers["etag"] ?? "" },
    body: { name: "Plans", sort_order: 3 }
  })
  await mailbox(`DELETE ${path}`)
  await mailbox(`DELETE /mailbox/messages/${message}`)
  const sent = (await mailbox("GET /mailbox/messages?limit=1")).json.data[0]
  await mailbox("POST /mailbox/messages:batch-delete", { body: { ids: [sent.id] } })
  for (const [changes, state] of states) {
    await mailbox(`GET /mailbox${changes}?since_state=${encodeURIComponent(state)}`)
  }
}

const walkDrafts = async ({ mailbox }: Calls): Promise<void> => {
  const to = [{ email: "ada@example.com", name: "Ada" }]
  const created = await mailbox("POST /mailbox/drafts", {
    headers: { "idempotency-key": "draft-1" },
    body: { subject: "Later", text_body: "Words", to }
  })
  const { id, revision } = created.json.data
  const path = `/mailbox/drafts/${id}`
  await mailbox(`GET ${path}`)
  const edited = await mailbox(`PATCH ${path}`, { body: { expected_revision: revision, subject: "Soon" } })
  const draft = edited.json.data
  const scheduled = await mailbox(`POST ${path}/send`, {
    body: {
      expected_revision: draft.revision,
      expected_schedule_version: draft.schedule_version,
      scheduled_for: new Date(Date.now() + 86_400_000).toISOString()
    }
  })
  await mailbox(`PATCH ${path}/schedule`, {
    body: {
      expected_revision: draft.revision,
      expected_schedule_version: scheduled.json.data.schedule_version,
      scheduled_for: null
    }
  })
  await mailbox("GET /mailbox/drafts?limit=5")
  await mailbox(`DELETE ${path}`)
}

const walkDomains = async ({ management }: Calls): Promise<void> => {
  const created = await management("POST /domains", {
    headers: { "idempotency-key": "domain-1" },
    body: { domain: "example.com", mode: "send_only" }
  })
  const path = `/domains/${created.json.data.id}`
  const { headers } = await management(`GET ${path}`)
  await management(`PATCH ${path}`, {
    headers: { "if-match": headers["etag"] ?? "" },
    body: { mode: "send_receive" }
  })
  await management(`POST ${path}/verify`)
  await management(`GET ${path}/filters`)
  await management(`PUT ${path}/filters`, {
    body: { mode: "denylist", rules: [{ type: "deny", pattern: "*@spam.test", note: "seen before" }] }
  })
  await management(`GET ${path}/zone-file`)
  await management("GET /domains?limit=1")
  await management(`DELETE ${path}`)
}

const walkMailboxes = async ({ management }: Calls): Promise<void> => {
  await management("GET /mailboxes/availability?email=ada@sandbox.test")
  const created = await management("POST /mailboxes", {
    headers: { "idempotency-key": "mailbox-1" },
    body: { email: "ada@sandbox.test", display_name: "Ada", send_scope: { type: "all" } }
  })
  const { id } = created.json.data.mailbox
  const path = `/mailboxes/${id}`
  const shown = await management(`GET ${path}`)
  await management(`PATCH ${path}`, {
    headers: { "if-match": shown.headers["etag"] ?? "" },
    body: { display_name: null, quota_bytes: 5_368_709_120 }
  })
  await management(`GET ${path}/filters`)
  await management(`PUT ${path}/filters`, {
    body: { mode: "allowlist", rules: [{ type: "allow", pattern: "example.org" }] }
  })
  const key = await management(`POST ${path}/keys`, { body: { app_name: "Reader" } })
  await management(`DELETE ${path}/keys/${key.json.data.credential.public_id}`)
  await management(`POST ${path}/suspend`)
  await management(`POST ${path}/resume`)
  await management(`GET ${path}/usage?start=2026-01-01T00:00:00Z&end=2026-01-02T00:00:00Z`)
  const policies = `/mailbox-send-policies/mailbox/${id}`
  const policy = await management(`GET ${policies}`)
  await management(`PUT ${policies}`, {
    headers: { "if-match": policy.headers["etag"] ?? "" },
    body: {
      policy: {
        allowed_from: { own_address: true, domains: ["example.com"] },
        recipients: { allow: null, deny: { addresses: ["eve@example.com"] } }
      }
    }
  })
  await management("GET /mailboxes?limit=1")
  await management(`DELETE ${path}`)
}

const walkProviders = async ({ management }: Calls): Promise<void> => {
  const created = await management("POST /providers", {
    body: {
      name: "Own server",
      smtp_host: "smtp.example.com",
      smtp_port: 465,
      smtp_protocol: "tls",
      smtp_username: "ada",
      smtp_password: "hunter2-secret",
      quotas: { per_minute: 10, per_day: { min: 1, max: 100 } },
      variables: { region: "eu" }
    }
  })
  const path = `/providers/${created.json.data.id}`
  await management(`GET ${path}`)
  await management(`PATCH ${path}`, { body: { from_email: "ada@example.com", percentage: 50 } })
  await management(`POST ${path}/deactivate`)
  await management(`POST ${path}/activate`)
  await management(`POST ${path}/test`)
  await management("GET /providers/limits")
  await management("POST /providers/limits/sending-accounts/request-increase")
  const requests = "/providers/shared-amazon-ses-limit-request"
  await management(`GET ${requests}`)
  const asked = await management(`POST ${requests}`)
  await management(`DELETE ${requests}/${asked.json.data.request.id}`)
  await management("GET /providers/stats")
  await management("GET /providers/usage")
  await management("GET /providers?limit=1")
  await management(`DELETE ${path}`)
}

const walkWebhooks = async ({ management }: Calls): Promise<void> => {
  const created = await management("POST /webhooks", {
    headers: { "idempotency-key": "webhook-1" },
    body: { url: "https://hooks.example.com/in", event_types: ["message.delivered", "sendmux.test"] }
  })
  const path = `/webhooks/${created.json.data.id}`
  const { headers } = await management(`GET ${path}`)
  await management(`PATCH ${path}`, {
    headers: { "if-match": headers["etag"] ?? "" },
    body: { name: "Sent" }
  })
  await management(`POST ${path}/test`)
  await management(`POST ${path}/rotate-secret`)
  let delivery: { readonly id: string } | undefined
  // A delivery is signed and attempted after the response of the test.
  while (delivery === undefined) delivery = (await management(`GET ${path}/deliveries?limit=1`)).json.data[0]
  await management(`GET ${path}/deliveries/${delivery.id}/payload`)
  await management("GET /webhooks?limit=1")
  await management(`DELETE ${path}`)
}

const walkTeam = async ({ management }: Calls): Promise<void> => {
  await management("GET /me")
  await management("GET /emails/metrics?window=7d&granularity=daily")
  const [log] = (await management("GET /emails/logs?limit=1")).json.data
  await management(`GET /emails/logs/${log.id}`)
  const [arrival] = (await management("GET /inboxes/logs?limit=1")).json.data
  await management(`GET /inboxes/logs/${arrival.id}`)
  await management("GET /billing/balance")
  await management("GET /billing/summary?days=7")
  await management("GET /billing/transactions?limit=3")
}
