/** What programs do with a sandbox over HTTP, as random steps that can be repeated on another sandbox. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import type { Sandbox } from "../../src/index.js"

const app = "/app/api/v1"
const sending = "/sending/api/v1"
const control = "/__sandbox"

interface Call {
  /** Such as `GET /app/api/v1/me`. */
  readonly line: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What is known from the responses of a sandbox: ids by their prefix, upload URLs, and the newest states. */
export class Known {
  private readonly ids = new Map<string, ReadonlyArray<string>>()
  private uploadUrl: string | undefined
  state = ""
  code = ""
  refreshToken = ""
  accessToken = ""
  private policyTag = ""

  see(text: string): void {
    for (const [id, prefix = ""] of text.matchAll(/\b([a-z]{3,5})_[a-z0-9]{20,}\b/g)) {
      const ids = this.ids.get(prefix) ?? []
      if (!ids.includes(id)) this.ids.set(prefix, [...ids, id])
    }
    this.uploadUrl = /"upload_url":"([^"]*attachment-uploads[^"]*)"/.exec(text)?.[1] ?? this.uploadUrl
    for (const [, id = ""] of text.matchAll(/"public_id":"(smx_key_[^"]+)"/g)) {
      this.ids.set("key", [...(this.ids.get("key") ?? []), id])
    }
    if (text.includes('"policy":')) this.policyTag = /"etag":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? ""
    this.code = /[?&]code=([^&"]+)/.exec(text)?.[1] ?? this.code
    this.refreshToken = /"refresh_token":"([^"]+)"/.exec(text)?.[1] ?? this.refreshToken
    this.accessToken = /"access_token":"([^"]+)"/.exec(text)?.[1] ?? this.accessToken
    this.state = /"new_state":"([^"]+)"/.exec(text)?.[1] ?? this.state
  }

  /** One of the ids with a prefix, or an id that does not exist. */
  pick(prefix: string, n: number): string {
    const ids = this.ids.get(prefix) ?? []
    return ids[n % Math.max(1, ids.length)] ?? `${prefix}_none`
  }

  get uploadPath(): string {
    const url = this.uploadUrl === undefined ? undefined : new URL(this.uploadUrl)
    return url === undefined ? `${app}/none` : `${url.pathname}${url.search}`
  }

  /** The ETag of the policy that was read last. */
  get policyMatch(): string {
    return this.policyTag.replaceAll('\\"', '"')
  }

  copy(): Known {
    const copy = new Known()
    for (const [prefix, ids] of this.ids) copy.ids.set(prefix, ids)
    copy.uploadUrl = this.uploadUrl
    copy.state = this.state
    copy.policyTag = this.policyTag
    copy.code = this.code
    copy.refreshToken = this.refreshToken
    copy.accessToken = this.accessToken
    return copy
  }
}

// -----------------------------------------------------------------------------
// steps
// -----------------------------------------------------------------------------

const words = new TextEncoder().encode("Some words.")

const recipients = ["agent@sandbox.test", "ada@example.com", "bounce@example.com", "ada@sandbox.test"]

const message = (n: number) => ({
  from: { email: "hello@example.com" },
  to: { email: recipients[n % recipients.length] },
  subject: `Subject ${n % 5}`,
  html_body: "<p>Hi</p>"
})

/** The revision and the schedule version that a draft may have. Some calls conflict. */
const versions = (n: number) => ({ expected_revision: 1 + (n % 2) })

const redirectUri = "http://127.0.0.1/callback"

/** The example of RFC 7636. */
const pkce = {
  verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
}

const form = (fields: Readonly<Record<string, string>>) => ({
  body: new TextEncoder().encode(new URLSearchParams(fields).toString()),
  headers: { "content-type": "application/x-www-form-urlencoded", authorization: "" }
})

/** A body for each kind of call. `n` selects what it is about. */
const kinds: Readonly<Record<string, (n: number, known: Known) => Call>> = {
  send: (n) => ({ line: `POST ${sending}/emails/send`, body: message(n) }),
  sendKeyed: (n) => ({
    line: `POST ${sending}/emails/send`,
    body: message(0),
    headers: { "idempotency-key": `key-${n % 3}` }
  }),
  sendBatch: (n) => ({
    line: `POST ${sending}/emails/send/batch`,
    body: { messages: [message(n), message(n + 1)] }
  }),
  upload: () => ({ line: `POST ${sending}/emails/attachments?filename=a.txt`, body: words }),
  intent: () => ({
    line: `POST ${sending}/emails/attachment-uploads`,
    body: { filename: "b.txt", size_bytes: words.byteLength }
  }),
  sendFile: (n, known) => ({
    line: `POST ${sending}/emails/send`,
    body: { ...message(n), attachments: [{ attachment_id: known.pick("att", n) }] }
  }),
  inbound: (n) => ({
    line: `POST ${control}/inbound`,
    body: {
      to: "agent@sandbox.test",
      subject: `Mail ${n % 4}`,
      text: "Hello",
      spam: n % 7 === 0,
      attachments: [{ filename: "a.txt", content_type: "text/plain", content: "SGVsbG8=" }]
    }
  }),
  list: () => ({ line: `GET ${app}/mailbox/messages` }),
  query: () => ({ line: `GET ${app}/mailbox/messages/query-changes?sort_by=subject` }),
  flag: (n, known) => ({
    line: `PATCH ${app}/mailbox/messages/${known.pick("msg", n)}`,
    body: { seen: n % 2 === 0, keywords: { [`k${n % 3}`]: true } }
  }),
  remove: (n, known) => ({ line: `DELETE ${app}/mailbox/messages/${known.pick("msg", n)}` }),
  readText: (n, known) => ({
    line: `POST ${app}/mailbox/messages/${known.pick("msg", n)}/attachments/${known.pick("blob", n)}/text`
  }),
  folder: (n) => ({ line: `POST ${app}/mailbox/folders`, body: { name: `Folder ${n % 6}` } }),
  identity: (n) => ({ line: `PATCH ${app}/mailbox/identity`, body: { name: `Name ${n}` } }),
  blob: () => ({ line: `POST ${app}/mailbox/attachments:upload?filename=b.txt`, body: words }),
  grant: () => ({
    line: `POST ${app}/mailbox/attachment-uploads`,
    body: { filename: "c.txt", content_type: "text/plain", size_bytes: words.byteLength }
  }),
  useGrant: (_, known) => ({
    line: `PUT ${known.uploadPath}`,
    body: words,
    headers: { "content-type": "text/plain" }
  }),
  changes: (_, known) => ({
    line: `GET ${app}/mailbox/changes${known.state === "" ? "" : `?since_state=${encodeURIComponent(known.state)}`}`
  }),
  forget: () => ({ line: `POST ${control}/forget-changes`, body: { mailbox: "agent@sandbox.test" } }),
  draft: (n) => ({
    line: `POST ${app}/mailbox/drafts`,
    body: {
      subject: "Later",
      text_body: "Words",
      to: [{ email: n % 2 === 0 ? "uncertain@example.com" : "agent@sandbox.test", name: null }]
    }
  }),
  reply: (n, known) => ({
    line: `POST ${app}/mailbox/drafts`,
    body: { source: { action: "reply", message_id: known.pick("msg", n) } }
  }),
  sendDraft: (n, known) => ({
    line: `POST ${app}/mailbox/drafts/${known.pick("drf", n)}/send`,
    body: versions(n)
  }),
  schedule: (n, known) => ({
    line: `POST ${app}/mailbox/drafts/${known.pick("drf", n)}/send`,
    body: {
      ...versions(n),
      expected_schedule_version: n % 5 === 0 ? 1 : 0,
      scheduled_for: new Date(60_000 * (1 + (n % 90))).toISOString()
    }
  }),
  webhook: () => ({
    line: `POST ${app}/webhooks`,
    body: {
      url: "https://hooks.example.com/in",
      event_types: ["message.received", "message.delivered", "message.bounced", "sendmux.test"]
    }
  }),
  testWebhook: (n, known) => ({ line: `POST ${app}/webhooks/${known.pick("whk", n)}/test` }),
  rotate: (n, known) => ({ line: `POST ${app}/webhooks/${known.pick("whk", n)}/rotate-secret` }),
  domain: (n) => ({ line: `POST ${app}/domains`, body: { domain: `d${n % 4}.example.com` } }),
  hold: (n, known) => ({
    line: `PATCH ${control}/domains/${known.pick("mdom", n)}`,
    body: { verification: "hold", for_ms: 90_000 }
  }),
  mailbox: (n) => ({
    line: `POST ${app}/mailboxes`,
    body: { email: n % 2 === 0 ? "ada@sandbox.test" : `m${n % 3}@sandbox.test` }
  }),
  key: (n, known) => ({
    line: `POST ${app}/mailboxes/${known.pick("mbx", n)}/keys`,
    body: { app_name: "App" }
  }),
  expireKey: (n, known) => ({
    line: `POST ${control}/expire`,
    body: { what: "key", key: known.pick("key", n) }
  }),
  policy: () => ({ line: `GET ${app}/mailbox-send-policies/team/team_sandbox` }),
  setPolicy: (n, known) => ({
    line: `PUT ${app}/mailbox-send-policies/team/team_sandbox`,
    headers: { "if-match": known.policyMatch },
    body: { policy: { recipients: { allow: null, deny: { addresses: [`eve${n % 3}@example.com`] } } } }
  }),
  provider: () => ({
    line: `POST ${app}/providers`,
    body: {
      name: "Own",
      smtp_host: "smtp.example.com",
      smtp_port: 465,
      smtp_protocol: "tls",
      smtp_username: "ada",
      smtp_password: "p"
    }
  }),
  limit: () => ({ line: `POST ${app}/providers/shared-amazon-ses-limit-request` }),
  increase: () => ({ line: `POST ${app}/providers/limits/sending-accounts/request-increase` }),
  advance: (n) => ({ line: `POST ${control}/clock`, body: { advance_ms: 7001 * (1 + (n % 40)) } }),
  fault: (n) => ({
    line: `POST ${control}/faults`,
    body: { probability: 0.3, times: 1 + (n % 4), kind: { _tag: "ErrorResponse", status: 503 } }
  }),
  rate: (n) => ({ line: `PATCH ${control}/rate-limit`, body: { limits: { mailbox: 40 + (n % 200) } } }),
  outcome: (n, known) => ({
    line: `POST ${control}/outbox/${known.pick("eml", n)}/outcome`,
    body: { outcome: "bounced" }
  }),
  login: () => ({
    line: `GET /oauth/authorize?${new URLSearchParams({
      response_type: "code",
      client_id: "sandbox-app",
      redirect_uri: redirectUri,
      code_challenge: pkce.challenge,
      code_challenge_method: "S256",
      scope: "email.send team.read",
      state: "s"
    })}`
  }),
  exchange: (_, known) => ({
    line: "POST /oauth/token",
    ...form({
      grant_type: "authorization_code",
      client_id: "sandbox-app",
      redirect_uri: redirectUri,
      code: known.code,
      code_verifier: pkce.verifier
    })
  }),
  refresh: (_, known) => ({
    line: "POST /oauth/token",
    ...form({ grant_type: "refresh_token", client_id: "sandbox-app", refresh_token: known.refreshToken })
  }),
  useToken: (_, known) => ({
    line: `GET ${app}/me`,
    headers: { authorization: `Bearer ${known.accessToken}` }
  }),
  revokeGrants: () => ({ line: `POST ${control}/oauth/revoke-grants` }),
  challenge: () => ({ line: "POST /agent-auth/agent/identity/challenge" }),
  expire: (n) => ({ line: `POST ${control}/expire`, body: { what: n % 2 === 0 ? "uploads" : "downloads" } })
}

/** The reads that together show the whole state. */
export const reads: ReadonlyArray<string> = [
  ...["outbox", "requests", "counters", "faults", "clock", "mailboxes", "logs", "webhooks", "domains"].map(
    (path) => `GET ${control}/${path}`
  ),
  ...[
    "messages",
    "messages/query-changes?sort_by=subject",
    "threads",
    "folders",
    "drafts",
    "submissions",
    "identities",
    "quotas",
    "usage",
    "changes",
    "session"
  ].map((path) => `GET ${app}/mailbox/${path}`),
  ...[
    "mailboxes",
    "domains",
    "webhooks",
    "providers",
    "providers/limits",
    "providers/stats",
    "emails/logs",
    "inboxes/logs",
    "billing/balance",
    "billing/transactions",
    "mailbox-send-policies/team/team_sandbox"
  ].map((path) => `GET ${app}/${path}`)
]

export interface Step {
  readonly kind: string
  readonly n: number
}

export const steps = (maxLength: number): FastCheck.Arbitrary<ReadonlyArray<Step>> =>
  FastCheck.array(
    FastCheck.record({ kind: FastCheck.constantFrom(...Object.keys(kinds)), n: FastCheck.nat(1000) }),
    { minLength: 1, maxLength }
  )

/** Every kind of step, several times, in an order in which most of them succeed. */
export const everyStep: ReadonlyArray<Step> = [0, 1, 2].flatMap((n) =>
  Object.keys(kinds).map((kind) => ({ kind, n }))
)

// -----------------------------------------------------------------------------
// requests
// -----------------------------------------------------------------------------

const keyOf = (path: string): string =>
  path.startsWith(sending) || path.startsWith(`${app}/mailbox/`) ? "smx_mbx_sandbox" : "smx_root_sandbox"

/** Sends a request, and returns everything of its response as text. */
export const request = ({ client }: Sandbox.Sandbox, { body, headers, line }: Call): Effect.Effect<string> =>
  Effect.gen(function* () {
    const [method = "", path = ""] = line.split(" ")
    const content =
      body instanceof Uint8Array
        ? HttpBody.uint8Array(body, headers?.["content-type"] ?? "application/octet-stream")
        : body === undefined
          ? HttpBody.empty
          : HttpBody.text(JSON.stringify(body), "application/json")
    const response = yield* client.execute(
      HttpClientRequest.make(method as "GET")(`http://127.0.0.1${path}`, {
        headers: { authorization: `Bearer ${keyOf(path)}`, ...headers }
      }).pipe(HttpClientRequest.setBody(content))
    )
    const text = `${line}\n${response.status}\n${JSON.stringify(response.headers)}\n${yield* response.text}`
    // The client adds the ids of its spans to the headers, and requests to the control have ids of the process.
    return text.replaceAll(/"(?:b3|traceparent)":"[^"]*",?|\bctl_[a-z0-9]+/g, "")
  }).pipe(Effect.orDie)

/** Takes a step, and returns its response. */
export const take = (sandbox: Sandbox.Sandbox, known: Known, { kind, n }: Step): Effect.Effect<string> =>
  Effect.gen(function* () {
    const call = kinds[kind]?.(n, known)
    if (call === undefined) return yield* Effect.dieMessage(`there is no step ${kind}`)
    const text = yield* request(sandbox, call)
    known.see(text)
    return text
  })

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Waits until no attempt of a delivery is being made. Signatures end outside of the time of a test. */
export const awaitAttempts = ({ control, state }: Sandbox.Sandbox): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (;;) {
      const pending = state.snapshot()["pendingDeliveries"]
      const now = yield* control.now
      if (!Array.isArray(pending) || pending.every(({ due }) => due > now)) return
      yield* turn
    }
  })

/** Receives webhooks: most attempts fail, which depends on the attempt only. */
export const receiver: HttpClient.HttpClient = HttpClient.make((sent) => {
  const id = sent.headers["x-sendmux-event-id"] ?? ""
  const attempt = sent.headers["x-sendmux-delivery-attempt"] ?? ""
  const status = (id.charCodeAt(10) + Number(attempt)) % 3 === 0 ? 200 : 500
  return Effect.succeed(HttpClientResponse.fromWeb(sent, new Response("", { status })))
})
