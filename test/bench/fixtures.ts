/**
 * What goes over the wire in the benchmark.
 */

/** The number of items on a page, and of messages in a batch. */
export const pageSize = 100

/** The number of changes in one response of the sync workload. */
export const changesPerResponse = 500

export const megabyte = 1024 * 1024

/** The size of the downloaded and of the uploaded file. The API accepts at most 18 MiB. */
export const fileBytes = 16 * megabyte

export const mailboxKey = "smx_mbx_bench_0123456789"

export const rootKey = "smx_root_bench_0123456789"

/** The path of the file to download, whose size is part of the attachment's id. */
export const attachmentId = (bytes: number): string => `att_${bytes}`

/** A short message, such as a sign-up flow sends. */
export const email = {
  from: { email: "hello@example.com", name: "Example" },
  to: { email: "ada@example.com", name: "Ada" },
  subject: "Welcome to Example",
  html_body: `<!doctype html><h1>Welcome</h1><p>${"It is good to have you here. ".repeat(40)}</p>`,
  text_body: "It is good to have you here. ".repeat(40),
  custom_headers: { "X-Campaign": "welcome" }
}

/** The messages of a batch. */
export const emails = Array.from({ length: pageSize }, (_, index) => ({
  ...email,
  to: { email: `ada+${index}@example.com`, name: "Ada" }
}))

/** The id of the message that the server has accepted. */
export const messageId = "eml_tz4a98xxat96iws9zmbrgj3a"

const instant = (index: number): string => new Date(1_780_000_000_000 + index * 61_000).toISOString()

/** An entry of the delivery log. */
export const emailLog = (index: number) => ({
  id: `dlog_${String(index).padStart(24, "0")}`,
  provider_id: "dprov_tz4a98xxat96iws9zmbrgj3a",
  provider_name: "Main provider",
  message_id: `<${index}.tz4a98xxat96@example.com>`,
  from_email: "hello@example.com",
  sent_from_email: null,
  to_email: `ada+${index}@example.com`,
  subject: `Welcome to Example, number ${index}`,
  status: index % 10 === 0 ? "failed" : "sent",
  status_reason: index % 10 === 0 ? "550 no such user" : null,
  attempts: 1,
  sent_at: instant(index),
  size_bytes: 4_096 + index,
  created_at: instant(index),
  recipient_count: 1,
  accepted_recipient_count: 1,
  rejected_recipient_count: 0,
  delivery_group: null
})

/** A message in a mailbox's list. */
export const inboxMessage = (index: number) => ({
  id: `msg_${String(index).padStart(24, "0")}`,
  thread_id: `thr_${String(index).padStart(24, "0")}`,
  folder_ids: ["fld_inbox"],
  from: { email: "ada@example.com", name: "Ada" },
  to: [{ email: "hello@example.com", name: null }],
  cc: [],
  bcc: [],
  subject: `Re: Welcome to Example, number ${index}`,
  preview: "Thank you, it is good to be here.",
  flags: { seen: index % 2 === 0, flagged: false, answered: false, draft: false },
  keywords: ["welcome"],
  has_attachments: false,
  attachments: [],
  size_bytes: 4_096 + index,
  received_at: instant(index),
  sent_at: instant(index)
})

/** What an event says about a new message. */
export const realtimeEvent = (index: number) => ({
  event_type: "message.received",
  team_public_id: "team_tz4a98xxat96",
  mailbox_id: "mbx_tz4a98xxat96",
  message_id: inboxMessage(index).id,
  message_id_kind: "provider",
  sender: "ada@example.com",
  recipients: ["hello@example.com"],
  is_spam: false,
  message: {
    ...inboxMessage(index),
    rfc5322_message_id: `<${index}.tz4a98xxat96@example.com>`,
    body: { text: "Thank you, it is good to be here.", html: null, is_truncated: false, max_bytes: 4_096 }
  },
  occurred_at: instant(index)
})
