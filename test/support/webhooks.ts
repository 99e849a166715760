import { createHmac } from "node:crypto"

export const secret = "whsec_a9f3c2b7"

export const at = 1_780_000_000

/** The wire form of an event. */
export const payload = (overrides: Record<string, unknown> = {}, data: Record<string, unknown> = {}) => ({
  id: "evt_cl0001",
  type: "message.bounced",
  team_public_id: "team_cl0001",
  occurred_at: "2026-05-21T09:12:00Z",
  data: {
    message_id: "0102-abc",
    message_id_kind: "provider",
    sendmux_message_id: "eml_tz4a98xxat96iws9zmbrgj3a",
    sender: "hello@example.com",
    recipients: ["ada@example.com"],
    mailbox_id: null,
    bounce_type: "Permanent",
    bounce_subtype: "General",
    complaint_type: null,
    complaint_subtype: null,
    reject_reason: null,
    delay_type: null,
    delay_expires_at: null,
    is_spam: null,
    webhook_id: null,
    ...data
  },
  ...overrides
})

export const bodyOf = (overrides: Record<string, unknown> = {}, data: Record<string, unknown> = {}): string =>
  JSON.stringify(payload(overrides, data))

const hmac = (key: string, ...parts: ReadonlyArray<string | Uint8Array>): string => {
  const digest = createHmac("sha256", key)
  for (const part of parts) digest.update(part)
  return digest.digest("hex")
}

/** Signs with `node:crypto`, which shares no code with the implementation under test. */
export const signedV1 = (body: string | Uint8Array, key = secret): Record<string, string> => ({
  "X-Sendmux-Signature": `sha256=${hmac(key, body)}`
})

export const signedV2 = (body: string | Uint8Array, key = secret, timestamp: number | string = at) => ({
  "X-Sendmux-Timestamp": String(timestamp),
  "X-Sendmux-Signature-V2": `v1=${hmac(key, `${timestamp}.`, body)}`
})

export const named = (id = "evt_cl0001", type = "message.bounced") => ({
  "X-Sendmux-Event-Id": id,
  "X-Sendmux-Event-Type": type,
  "X-Sendmux-Delivery-Attempt": "1"
})
