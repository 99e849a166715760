/**
 * Requests of several kinds for the served sandbox. The same number always makes the same request.
 */

export interface LoadRequest {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly key: "smx_mbx_sandbox" | "smx_root_sandbox"
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
}

const json = { "content-type": "application/json" }

const html_body = `<p>${"Some text. ".repeat(20)}</p>`

const emailTo = (email: string, index: number): string =>
  JSON.stringify({
    from: { email: "hello@example.com" },
    to: { email },
    subject: `Message ${index}`,
    html_body
  })

const sending = (path: string, body: string, status: number, headers = {}): LoadRequest => ({
  method: "POST",
  path: `/sending/api/v1${path}`,
  key: "smx_mbx_sandbox",
  body,
  headers: { ...json, ...headers },
  status
})

const read = (path: string, key: LoadRequest["key"], status = 200): LoadRequest => ({
  method: "GET",
  path,
  key,
  status
})

const mailbox = (path: string, body: unknown, status: number): LoadRequest => ({
  method: "POST",
  path: `/app/api/v1/mailbox${path}`,
  key: "smx_mbx_sandbox",
  body: JSON.stringify(body),
  headers: { ...json, "idempotency-key": JSON.stringify(body) },
  status
})

/** The kinds, and how many of 1000 requests are of each kind. */
const kinds: ReadonlyArray<readonly [share: number, make: (index: number) => LoadRequest]> = [
  [
    231,
    (index) =>
      sending("/emails/send", emailTo("ada@example.com", index), 200, { "idempotency-key": `key-${index}` })
  ],
  // These arrive in the mailbox of the sandbox, appear in its events and are delivered to a webhook.
  [60, (index) => sending("/emails/send", emailTo("agent@sandbox.test", index), 200)],
  [9, (index) => sending("/emails/send", emailTo("bounce@example.com", index), 200)],
  [100, (index) => sending("/emails/send", emailTo(`no address ${index}`, index), 422)],
  [80, () => read("/sending/api/v1/me", "smx_mbx_sandbox")],
  [60, (index) => read(`/app/api/v1/unknown/${index}`, "smx_mbx_sandbox", 404)],
  [50, () => read("/app/api/v1/billing/balance", "smx_root_sandbox")],
  [50, () => read("/app/api/v1/mailbox/me", "smx_mbx_sandbox")],
  [50, () => read("/app/api/v1/mailbox/session", "smx_mbx_sandbox")],
  [50, () => read("/app/api/v1/domains?limit=5", "smx_root_sandbox")],
  [50, () => read("/app/api/v1/webhooks?limit=5", "smx_root_sandbox")],
  [
    60,
    (index) =>
      mailbox(
        "/messages/send",
        {
          to: [{ email: "ada@example.com", name: null }],
          subject: `Sent ${index}`,
          text_body: "Hi"
        },
        200
      )
  ],
  [
    60,
    (index) => ({
      ...sending(`/emails/attachments?filename=a${index}.bin`, "x".repeat(1000), 201),
      headers: { "content-type": "application/octet-stream" }
    })
  ],
  [
    28,
    (index) =>
      sending(
        "/emails/attachment-uploads",
        JSON.stringify({ filename: `b${index}.bin`, size_bytes: 10 }),
        201
      )
  ],
  [60, (index) => mailbox("/drafts", { subject: `Draft ${index}`, text_body: "Later" }, 201)],
  [1, () => read("/app/api/v1/mailbox/messages?limit=10", "smx_mbx_sandbox")],
  [1, () => read("/app/api/v1/emails/logs?limit=10", "smx_root_sandbox")]
]

const kindOf: ReadonlyArray<(index: number) => LoadRequest> = kinds.flatMap(([share, make]) =>
  Array.from({ length: share }, () => make)
)

/** Mixes the kinds, because 389 has no common divisor with 1000. */
export const loadRequest = (index: number): LoadRequest => {
  const make = kindOf[(index * 389) % kindOf.length]
  if (make === undefined) throw new Error("the shares have to add up to 1000")
  return make(index)
}
