/**
 * All operations by name, for replies and arbitrary values that are chosen by the name of an operation.
 */
import type { ResponseKind } from "../internal/operation/flags.js"
import type { AnyOperation, Operation } from "../internal/operation/operation.js"
import { mailboxAttachmentOperations } from "../mailbox/attachments/attachments.js"
import { downloadOperations } from "../mailbox/attachments/downloads.js"
import { attachmentTextOperations } from "../mailbox/attachments/text.js"
import { uploadOperations } from "../mailbox/attachments/uploads.js"
import { changesOperations } from "../mailbox/changes/changes.js"
import { connectionOperations as mailboxConnectionOperations } from "../mailbox/connection.js"
import { draftOperations } from "../mailbox/drafts/drafts.js"
import { eventOperations } from "../mailbox/events/events.js"
import { folderOperations } from "../mailbox/folders.js"
import { identityOperations } from "../mailbox/identities.js"
import { mailboxesOperations } from "../mailbox/mailboxes.js"
import { meOperations } from "../mailbox/me.js"
import { messageBatchOperations } from "../mailbox/messages/batch.js"
import { messageOperations } from "../mailbox/messages/operations.js"
import { quotaOperations } from "../mailbox/quotas.js"
import { senderChoicesOperations } from "../mailbox/senderChoices.js"
import { sessionOperations } from "../mailbox/session.js"
import { submissionOperations } from "../mailbox/submissions.js"
import { threadOperations } from "../mailbox/threads.js"
import { usageOperations } from "../mailbox/usage.js"
import { billingOperations } from "../management/billing.js"
import { connectionOperations as managementConnectionOperations } from "../management/connection.js"
import { domainOperations } from "../management/domains/domains.js"
import { emailOperations as managementEmailOperations } from "../management/emails/emails.js"
import { inboxOperations } from "../management/inboxes.js"
import { mailboxOperations } from "../management/mailboxes/mailboxes.js"
import { providerOperations } from "../management/providers/providers.js"
import { sendPolicyOperations } from "../management/sendPolicies.js"
import { webhookOperations } from "../management/webhooks/webhooks.js"
import { attachmentOperations } from "../sending/attachments.js"
import { connectionOperations } from "../sending/connection.js"
import { emailOperations } from "../sending/emails/emails.js"
import { metaOperations } from "../sending/meta.js"

/** The records of operations of each group. */
const groups = {
  "sending.attachments": [attachmentOperations],
  "sending.connection": [connectionOperations],
  "sending.emails": [emailOperations],
  "sending.meta": [metaOperations],
  "management.billing": [billingOperations],
  "management.connection": [managementConnectionOperations],
  "management.domains": [domainOperations],
  "management.emails": [managementEmailOperations],
  "management.inboxes": [inboxOperations],
  "management.mailboxes": [mailboxOperations],
  "management.providers": [providerOperations],
  "management.sendPolicies": [sendPolicyOperations],
  "management.webhooks": [webhookOperations],
  "mailbox.attachments": [
    mailboxAttachmentOperations,
    downloadOperations,
    attachmentTextOperations,
    uploadOperations
  ],
  "mailbox.changes": [changesOperations],
  "mailbox.connection": [mailboxConnectionOperations],
  "mailbox.drafts": [draftOperations],
  "mailbox.events": [eventOperations],
  "mailbox.folders": [folderOperations],
  "mailbox.identities": [identityOperations],
  "mailbox.mailboxes": [mailboxesOperations],
  "mailbox.me": [meOperations],
  "mailbox.messages": [messageBatchOperations, messageOperations],
  "mailbox.quotas": [quotaOperations],
  "mailbox.senderChoices": [senderChoicesOperations],
  "mailbox.session": [sessionOperations],
  "mailbox.submissions": [submissionOperations],
  "mailbox.threads": [threadOperations],
  "mailbox.usage": [usageOperations]
} as const

type Groups = typeof groups

/** The names of a group's operations, such as `management.domains.get`. */
type NamesIn<Group extends keyof Groups> = Groups[Group][number] extends infer Operations
  ? Operations extends unknown
    ? `${Group}.${keyof Operations & string}`
    : never
  : never

/**
 * The name of an operation, such as `management.domains.get`: the surface, the group and the method.
 *
 * @since 0.2.0
 * @category models
 */
export type OperationName = { [Group in keyof Groups]: NamesIn<Group> }[keyof Groups]

/** The operation with a name. */
type Named<Name extends OperationName> = Name extends `${infer Surface}.${infer Group}.${infer Method}`
  ? `${Surface}.${Group}` extends infer Key extends keyof Groups
    ? Groups[Key][number] extends infer Operations
      ? Operations extends { readonly [M in Method]: infer Found }
        ? Found
        : never
      : never
    : never
  : never

/** The positional ids of an operation. */
export type IdsOf<Name extends OperationName> =
  Named<Name> extends Operation<infer Ids, never, unknown> ? Ids : ReadonlyArray<string>

/** What a request of an operation contains besides its ids. */
export type InputOf<Name extends OperationName> =
  Named<Name> extends Operation<ReadonlyArray<string>, infer Input, unknown> ? Input : never

/** The kind of the response of an operation. */
type KindOf<Name extends OperationName> =
  Named<Name> extends { readonly flags: infer Flags } ? keyof Flags & ResponseKind : never

type DecodedOf<Name extends OperationName> =
  Named<Name> extends { readonly decode: (data: unknown) => infer Coded }
    ? Extract<Coded, { readonly ok: true }> extends { readonly value: infer A }
      ? A
      : never
    : never

/**
 * One event of `mailbox.events`, as the server sends it.
 *
 * @since 0.2.0
 * @category models
 */
export interface MockEvent {
  /** The id that a later connection can resume after. */
  readonly id?: string | undefined
  /** The name of the event, such as `message.received`. */
  readonly event: string
  /** The data, which is sent as JSON. */
  readonly data: unknown
}

/**
 * The data of an operation's response: what its method returns. For a list it is the items of a page, for a download the
 * bytes, and for `mailbox.events.stream` the events.
 *
 * @since 0.2.0
 * @category models
 */
export type DataOf<Name extends OperationName> =
  KindOf<Name> extends "bytes"
    ? Uint8Array
    : KindOf<Name> extends "events"
      ? ReadonlyArray<MockEvent>
      : DecodedOf<Name>

const byName: ReadonlyMap<string, AnyOperation> = new Map(
  Object.values(groups)
    .flat()
    .flatMap((operations): ReadonlyArray<AnyOperation> => Object.values(operations))
    .map((operation) => [operation.name, operation])
)

/** The operations of all surfaces. */
export const allOperations: ReadonlyArray<AnyOperation> = [...byName.values()]

/** Finds an operation by its name, which may come from code without types. */
export const operationNamed = (name: string): AnyOperation | undefined => byName.get(name)
