/**
 * What the documents mean where they say something else, as data: their known defects, what servers have learned
 * since, and the rules that only prose states. Addresses are those of `Shape.address`.
 */
import type { JsonSchema } from "./shapes.js"

export interface Correction extends JsonSchema {
  /** Fields that servers of August 2026 do not have. */
  readonly newer?: Readonly<Record<string, JsonSchema>>
  /** Fields that are no longer required. */
  readonly optional?: ReadonlyArray<string>
}

const text: JsonSchema = { type: "string" }
const texts: JsonSchema = { type: "array", items: text }
const flag: JsonSchema = { type: "boolean" }

const deliveryGroup: JsonSchema = { type: "string", pattern: "^dgrp_[a-z0-9][a-z0-9_-]{0,122}$" }

const address: JsonSchema = {
  type: "object",
  properties: { email: { type: "string", format: "email" }, name: { type: ["string", "null"] } },
  required: ["email", "name"]
}

const variables: JsonSchema = { type: "object", additionalProperties: { type: "string", maxLength: 4096 } }

const deliveryGroups: JsonSchema = { type: ["array", "null"], items: text }

/** Quotas the API sells; others are refused. */
const quotaBytes: JsonSchema = { type: "integer", enum: [1_073_741_824, 5_368_709_120, 53_687_091_200] }

const recipients = (max: number): JsonSchema => ({
  type: "array",
  items: { $ref: "#/components/schemas/MailboxAddress" },
  maxItems: max
})

export const corrections: Readonly<Record<string, Correction>> = {
  EmailSendRequest: {
    newer: {
      delivery_group: {
        anyOf: [deliveryGroup, { type: "array", items: deliveryGroup, minItems: 1, maxItems: 50 }]
      }
    }
  },
  SendMailboxMessageBody: {
    optional: ["to", "subject"],
    newer: {
      to: recipients(50),
      cc: recipients(50),
      bcc: recipients(50),
      subject: { type: "string", maxLength: 998 }
    }
  },
  MailboxMessage: {
    newer: {
      message_id: texts,
      in_reply_to: texts,
      references: texts,
      reply_to: { type: "array", items: address }
    }
  },
  "MailboxMessageContent.body": {
    newer: {
      cleaned_html: { type: ["string", "null"] },
      html_cleaning: {
        type: ["object", "null"],
        properties: {
          quotes_stripped: flag,
          signature_stripped: flag,
          status: { type: "string", enum: ["complete", "source_truncated", "limit_exceeded"] }
        },
        required: ["quotes_stripped", "signature_stripped", "status"]
      }
    }
  },
  "MailboxSession.limits": { newer: { draft_schedule_days_max: { type: "integer" } } },
  DeliveryLogItem: { newer: { delivery_group: deliveryGroups } },
  DeliveryLogDetail: { newer: { delivery_group: deliveryGroups } },
  ProviderItem: { newer: { variables: { type: "object", additionalProperties: text } } },
  ProviderAllowedActions: { newer: { update_variables: flag } },
  ProviderCreateBody: { newer: { variables } },
  ProviderUpdateBody: { newer: { variables } },
  "AttachmentUploadIntentRequest.size_bytes": { maximum: 18_874_368 },
  // Every header that comes is to be sent, whichever it is.
  "MailboxAttachmentUploadIntentResult.headers": { additionalProperties: text },
  "WebhookEventPayload.id": { minLength: 1 },
  "managementCreateMailbox.body.quota_bytes": quotaBytes,
  "UpdateMailboxBody.quota_bytes": quotaBytes
}

/** Query parameters that take several values joined by commas; the SDK takes them as arrays. */
export const commaJoined: ReadonlySet<string> = new Set([
  "mailboxGetChanges.types",
  "mailboxStreamEvents.event_types",
  "mailboxSearchMessageSnippets.message_ids",
  "mailboxListSubmissions.identity_ids",
  "mailboxListSubmissions.email_ids",
  "mailboxListSubmissions.thread_ids"
])

const syncTypes = ["messages", "folders", "threads", "submissions", "identities", "quotas"]
const allTypes = syncTypes.join(",")

/** A value that is good where a made-up one is not. */
export const samples: Readonly<Record<string, unknown>> = {
  "mailboxGetChanges.types": allTypes,
  "managementGetMailboxCostUsage.start": "2026-07-01T00:00:00Z",
  "mailboxStreamEvents.event_types": "message.received,message.received.spam",
  "FilterRule.pattern": "*@example.com",
  "ProviderCreateBody.variables": { region: "eu", plan_2: "x" },
  "ProviderUpdateBody.variables": { region: "eu" },
  "EmailSendRequest.custom_headers": { "X-Campaign": "welcome" },
  "SendMailboxMessageBody.custom_headers": { "X-Campaign": "welcome" },
  "CreateMailboxDraft.custom_headers": { "X-Campaign": "welcome" },
  "UpdateMailboxDraft.custom_headers": { "X-Campaign": "welcome" },
  "MailboxSubmissionEnvelopeAddress.parameters": { NOTIFY: "NEVER", RET: null },
  "AttachmentUploadIntentData.headers": {
    "X-Sendmux-Upload-Token": "upload-token-1",
    "Content-Type": "text/plain"
  }
}

/** Rules between fields: with this field (of this value), these go along or stay away. */
export interface Companion {
  readonly at: string
  /** Part of the value; default: any value. */
  readonly value?: unknown
  readonly with?: Readonly<Record<string, unknown>>
  readonly without?: ReadonlyArray<string>
}

const to = [{ email: "ada@example.com", name: null }]

const scopes = ["managementCreateMailbox.body.send_scope", "UpdateMailboxBody.send_scope"]

export const companions: ReadonlyArray<Companion> = [
  // One recipient in all, whichever list it stands in, and at most fifty.
  { at: "SendMailboxMessageBody", with: { to, subject: "Hi", text_body: "Hello" } },
  { at: "SendMailboxMessageBody.cc", without: ["to"] },
  { at: "SendMailboxMessageBody.bcc", without: ["to"] },
  ...[
    "mailboxListMessages",
    "mailboxCountMessages",
    "mailboxQueryMessageChanges",
    "mailboxSearchMessageSnippets"
  ].map((operation): Companion => ({ at: `${operation}.header_value`, with: { header_name: "X-Campaign" } })),
  // A rule's type agrees with the mode.
  { at: "SetFilterStateBody.rules", with: { mode: "allowlist" } },
  { at: "SetFilterStateBody.rules", value: [{ type: "deny" }], with: { mode: "denylist" } },
  {
    at: "SetFilterStateBody.mode",
    value: "denylist",
    with: { rules: [{ type: "deny", pattern: "*@example.com" }] }
  },
  ...scopes.flatMap(
    (at): ReadonlyArray<Companion> => [
      { at: `${at}.type`, value: "providers", with: { provider_public_ids: ["dprov_1"] } },
      { at: `${at}.type`, value: "group", with: { group_public_ids: ["grp_1"] } },
      { at: `${at}.provider_public_ids`, with: { type: "providers" } },
      { at: `${at}.group_public_ids`, with: { type: "group" } }
    ]
  ),
  // A type's state goes with the type; the state without a type goes without any.
  ...syncTypes.map(
    (type): Companion => ({ at: `mailboxGetChanges.${type}_since_state`, with: { types: allTypes } })
  ),
  { at: "managementGetMailboxCostUsage.start", with: { end: "2027-06-01T00:00:00Z" } },
  { at: "SendMailboxDraft.scheduled_for", with: { expected_schedule_version: 0 } },
  { at: "ProviderQuotaRange.max", with: { min: 1 } },
  { at: "CreateMailboxDraft.source", without: ["reply_to_message_id"] }
]

/** Fields that stand alone, so that no sample has them beside all others. */
export const alone: ReadonlySet<string> = new Set([
  "mailboxListMessages.thread_id",
  "mailboxCountMessages.thread_id",
  "CreateMailboxDraft.reply_to_message_id",
  "mailboxGetChanges.since_state",
  ...scopes.flatMap((at) => [`${at}.group_public_ids`, `${at}.provider_public_ids`])
])

/** What kind of rule of a document a value obeys or breaks. */
export type Rule = "type" | "null" | "enum" | "pattern" | "length" | "range" | "presence" | "names"

/** Rules of a document that the SDK leaves to the server, by address, and why. */
export const leftToServer: Readonly<Record<string, { readonly rule: Rule; readonly why: string }>> = {
  "UploadedAttachmentRef.attachment_id": { rule: "pattern", why: "the form of ids is the server's" },
  ...Object.fromEntries(
    [
      "WebhookCreateBody.event_types[]",
      "WebhookUpdateBody.event_types[]",
      "managementListDelivery.event_type"
    ].map((at) => [
      at,
      { rule: "enum", why: "what was read is written back, kinds of tomorrow included" } as const
    ])
  ),
  "managementCreateMailbox.body.quota_bytes": { rule: "enum", why: "the sizes on offer are the server's" },
  "UpdateMailboxBody.quota_bytes": { rule: "enum", why: "the sizes on offer are the server's" }
}

/** Inputs that a caller may give as `Redacted`. */
export const secretInputs: ReadonlySet<string> = new Set(["smtp_password", "upload_token", "download_token"])

/** Inputs that a caller may give as a `Date` or a `DateTime`. */
export const timestampInputs: ReadonlySet<string> = new Set([
  "after",
  "before",
  "from_date",
  "to_date",
  "start",
  "end",
  "scheduled_for"
])

/** What a document allows and the SDK refuses, by address and title of the value, and why. */
export const refusedOnPurpose: Readonly<Record<string, string>> = {}

/** Enumerations of answers that are taken as closed, and why; any other must let new values through. */
export const closedEnums: Readonly<Record<string, string>> = {
  "AttachmentUploadIntentData.method": "another method would need other code",
  "MailboxAttachmentUploadIntentResult.method": "another method would need other code",
  "FilterState.mode": "what was read is written back",
  "FilterRule.type": "what was read is written back",
  "MailboxSendScope.type": "what was read is written back"
}

/** Fields of answers that must be `Redacted` once decoded; `*` stands for every key of a record. */
export const secrets: ReadonlySet<string> = new Set([
  "AttachmentUploadIntentData.upload_url",
  "AttachmentUploadIntentData.headers.*",
  "MailboxAttachmentUploadIntentResult.upload_url",
  "MailboxAttachment.download_url",
  "MailboxCredential.secret",
  "WebhookSubscriptionWithSecret.secret"
])

/** Fields of answers that hold money, as decimal text. */
export const money: ReadonlySet<string> = new Set([
  ...["balance", "balance_consumed", "balance_purchased"].map((name) => `Balance.${name}`),
  ...["amount", "monthly_limit", "monthly_used", "threshold"].map((name) => `Balance.auto_topup.${name}`),
  "IncomingLogItem.amount",
  "IncomingLogItem.unit_amount",
  "SpendSummary.total_consumed",
  "SpendSummary.total_purchased",
  ...["amount", "balance_after", "balance_before"].map((name) => `Transaction.${name}`),
  "MailboxCostUsage.posted_amount",
  ...["incurred_amount", "posted_amount", "unbillable_amount"].map((name) => `MailboxEmailCost.${name}`),
  ...["raw_amount", "allocated_amount", "posted_amount"].map((name) => `MailboxStorageCost.${name}`)
])

/** Counts that come as decimal text; the SDK may read them as numbers. */
export const countTexts: ReadonlySet<string> = new Set(
  ["quantity", "posted_quantity", "unbillable_quantity"].map((name) => `MailboxEmailCost.${name}`)
)

const timestampName = /(_at|\.timestamp|\.billing_bucket_start|\.scheduled_for)$/

/** Fields of answers that hold an instant. */
export const isTimestamp = (address: string, format: string | undefined): boolean =>
  format === "date-time" || timestampName.test(address)

/** Input keys that travel as a header: header to key. */
export const headerInputs: Readonly<Record<string, string>> = {
  "x-sendmux-upload-token": "upload_token",
  "last-event-id": "last_event_id"
}

/** What bytes an upload has travels beside the documented parameters. */
export const uploadInputs: ReadonlyArray<string> = ["content", "size", "content_type"]

/** Safe to run twice though neither a GET nor a DELETE: it only reads, or a repeat finds the first one's result. */
export const replayable: ReadonlySet<string> = new Set([
  "mailbox.messages.batchGet",
  "mailbox.drafts.schedule",
  "mailbox.attachments.requestText"
])
