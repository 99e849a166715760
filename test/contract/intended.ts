/**
 * What the API does where the documents are wrong, outdated or only describe it in prose, as data. The keys are
 * addresses as in `Shape.address`.
 */
import type { JsonSchema } from "./shapes.js"

export interface Correction extends JsonSchema {
  /** Fields that servers of August 2026 lack. */
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

/** The quotas that the API sells; it rejects every other. */
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
  // The caller must send every returned header, whatever its name.
  "MailboxAttachmentUploadIntentResult.headers": { additionalProperties: text },
  "WebhookEventPayload.id": { minLength: 1 },
  "managementCreateMailbox.body.quota_bytes": quotaBytes,
  "UpdateMailboxBody.quota_bytes": quotaBytes
}

/** Query parameters that hold several values joined by commas; the SDK accepts them as arrays. */
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

/** A valid value for each address where a generated one is invalid. */
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

/** A rule between fields: the field at an address requires other fields or excludes them. */
export interface Companion {
  readonly at: string
  /** Part of the value to which the rule applies. Default: any value. */
  readonly value?: unknown
  readonly with?: Readonly<Record<string, unknown>>
  readonly without?: ReadonlyArray<string>
}

const to = [{ email: "ada@example.com", name: null }]

const scopes = ["managementCreateMailbox.body.send_scope", "UpdateMailboxBody.send_scope"]

export const companions: ReadonlyArray<Companion> = [
  // A message has at least one recipient in any of its lists, and at most fifty in all.
  { at: "SendMailboxMessageBody", with: { to, subject: "Hi", text_body: "Hello" } },
  { at: "SendMailboxMessageBody.cc", without: ["to"] },
  { at: "SendMailboxMessageBody.bcc", without: ["to"] },
  ...[
    "mailboxListMessages",
    "mailboxCountMessages",
    "mailboxQueryMessageChanges",
    "mailboxSearchMessageSnippets"
  ].map((operation): Companion => ({ at: `${operation}.header_value`, with: { header_name: "X-Campaign" } })),
  // The type of each rule must match the mode.
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
  // The state of a type requires the type; the state without a type excludes all of them.
  ...syncTypes.map(
    (type): Companion => ({ at: `mailboxGetChanges.${type}_since_state`, with: { types: allTypes } })
  ),
  { at: "managementGetMailboxCostUsage.start", with: { end: "2027-06-01T00:00:00Z" } },
  { at: "SendMailboxDraft.scheduled_for", with: { expected_schedule_version: 0 } },
  { at: "ProviderQuotaRange.max", with: { min: 1 } },
  { at: "CreateMailboxDraft.source", without: ["reply_to_message_id"] }
]

/** Fields that exclude others, so that a sample with every field omits them. */
export const alone: ReadonlySet<string> = new Set([
  "mailboxListMessages.thread_id",
  "mailboxCountMessages.thread_id",
  "CreateMailboxDraft.reply_to_message_id",
  "mailboxGetChanges.since_state",
  ...scopes.flatMap((at) => [`${at}.group_public_ids`, `${at}.provider_public_ids`])
])

/** The kind of rule that a value tests. */
export type Rule = "type" | "null" | "enum" | "pattern" | "length" | "range" | "presence" | "names"

/** Rules that the SDK leaves to the server, by address, with the reason. */
export const leftToServer: Readonly<Record<string, { readonly rule: Rule; readonly why: string }>> = {
  "UploadedAttachmentRef.attachment_id": { rule: "pattern", why: "the server decides the form of ids" },
  ...Object.fromEntries(
    [
      "WebhookCreateBody.event_types[]",
      "WebhookUpdateBody.event_types[]",
      "managementListDelivery.event_type"
    ].map((at) => [
      at,
      { rule: "enum", why: "values that were read, including future ones, can be written back" } as const
    ])
  ),
  "managementCreateMailbox.body.quota_bytes": {
    rule: "enum",
    why: "the server decides which sizes it offers"
  },
  "UpdateMailboxBody.quota_bytes": { rule: "enum", why: "the server decides which sizes it offers" }
}

/** Inputs that the SDK accepts as `Redacted`. */
export const secretInputs: ReadonlySet<string> = new Set(["smtp_password", "upload_token", "download_token"])

/** Inputs that the SDK accepts as `Date` or `DateTime`. */
export const timestampInputs: ReadonlySet<string> = new Set([
  "after",
  "before",
  "from_date",
  "to_date",
  "start",
  "end",
  "scheduled_for"
])

/** Values that the API allows and the SDK rejects, by address and title, with the reason. */
export const rejectedOnPurpose: Readonly<Record<string, string>> = {}

/** Response enumerations that are closed, with the reason; every other must accept new values. */
export const closedEnums: Readonly<Record<string, string>> = {
  "FilterState.mode": "the value that was read can be written back",
  "FilterRule.type": "the value that was read can be written back",
  "MailboxSendScope.type": "the value that was read can be written back"
}

/** Response fields that decode to `Redacted`; `*` stands for every key of a record. */
export const secrets: ReadonlySet<string> = new Set([
  "AttachmentUploadIntentData.upload_url",
  "AttachmentUploadIntentData.headers.*",
  "MailboxAttachmentUploadIntentResult.upload_url",
  "MailboxAttachment.download_url",
  "MailboxCredential.secret",
  "WebhookSubscriptionWithSecret.secret"
])

/** Response fields that hold an amount of money as decimal text. */
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

/** Counts in decimal text, which the SDK may decode to numbers. */
export const countTexts: ReadonlySet<string> = new Set(
  ["quantity", "posted_quantity", "unbillable_quantity"].map((name) => `MailboxEmailCost.${name}`)
)

const timestampName = /(_at|\.timestamp|\.billing_bucket_start|\.scheduled_for)$/

/** Whether a response field holds a timestamp. */
export const isTimestamp = (address: string, format: string | undefined): boolean =>
  format === "date-time" || timestampName.test(address)

/** The input key of each header that an input sets. */
export const headerInputs: Readonly<Record<string, string>> = {
  "x-sendmux-upload-token": "upload_token",
  "last-event-id": "last_event_id"
}

/** The input keys of an upload that no documented parameter has. */
export const uploadInputs: ReadonlyArray<string> = ["content", "size", "content_type"]

/** Operations other than GET and DELETE that are safe to repeat: they only read, or a repeat has the same result. */
export const replayable: ReadonlySet<string> = new Set([
  "mailbox.messages.batchGet",
  "mailbox.drafts.schedule",
  "mailbox.attachments.requestText"
])
