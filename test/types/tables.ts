/** The operations of every service, by group and method. `flags.test.ts` checks that no table is missing here. */
import type { MailboxService } from "../../src/Mailbox.js"
import type { ManagementService } from "../../src/Management.js"
import { mailboxAttachmentOperations } from "../../src/mailbox/attachments/attachments.js"
import { changesOperations } from "../../src/mailbox/changes/changes.js"
import { connectionOperations as mailboxConnectionOperations } from "../../src/mailbox/connection.js"
import { draftOperations } from "../../src/mailbox/drafts/drafts.js"
import { eventOperations } from "../../src/mailbox/events/events.js"
import { folderOperations } from "../../src/mailbox/folders.js"
import { identityOperations } from "../../src/mailbox/identities.js"
import { mailboxesOperations } from "../../src/mailbox/mailboxes.js"
import { meOperations } from "../../src/mailbox/me.js"
import { messageOperations } from "../../src/mailbox/messages/operations.js"
import { quotaOperations } from "../../src/mailbox/quotas.js"
import { senderChoicesOperations } from "../../src/mailbox/senderChoices.js"
import { sessionOperations } from "../../src/mailbox/session.js"
import { submissionOperations } from "../../src/mailbox/submissions.js"
import { threadOperations } from "../../src/mailbox/threads.js"
import { usageOperations } from "../../src/mailbox/usage.js"
import { billingOperations } from "../../src/management/billing.js"
import { connectionOperations as managementConnectionOperations } from "../../src/management/connection.js"
import { domainOperations } from "../../src/management/domains/domains.js"
import { emailOperations as managementEmailOperations } from "../../src/management/emails/emails.js"
import { inboxOperations } from "../../src/management/inboxes.js"
import { mailboxOperations } from "../../src/management/mailboxes/mailboxes.js"
import { providerOperations } from "../../src/management/providers/providers.js"
import { sendPolicyOperations } from "../../src/management/sendPolicies.js"
import { webhookOperations } from "../../src/management/webhooks/webhooks.js"
import type { SendingService } from "../../src/Sending.js"
import { attachmentOperations } from "../../src/sending/attachments.js"
import { connectionOperations } from "../../src/sending/connection.js"
import { emailOperations } from "../../src/sending/emails/emails.js"
import { metaOperations } from "../../src/sending/meta.js"

export const tables = {
  sending: {
    attachments: attachmentOperations,
    connection: connectionOperations,
    emails: emailOperations,
    meta: metaOperations
  },
  management: {
    billing: billingOperations,
    connection: managementConnectionOperations,
    domains: domainOperations,
    emails: managementEmailOperations,
    inboxes: inboxOperations,
    mailboxes: mailboxOperations,
    providers: providerOperations,
    sendPolicies: sendPolicyOperations,
    webhooks: webhookOperations
  },
  mailbox: {
    attachments: mailboxAttachmentOperations,
    changes: changesOperations,
    connection: mailboxConnectionOperations,
    drafts: draftOperations,
    events: eventOperations,
    folders: folderOperations,
    identities: identityOperations,
    mailboxes: mailboxesOperations,
    me: meOperations,
    messages: messageOperations,
    quotas: quotaOperations,
    senderChoices: senderChoicesOperations,
    session: sessionOperations,
    submissions: submissionOperations,
    threads: threadOperations,
    usage: usageOperations
  }
}

export type Tables = typeof tables

export interface Services {
  readonly sending: SendingService
  readonly management: ManagementService
  readonly mailbox: MailboxService
}
