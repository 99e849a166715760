/**
 * Onboards a customer: creates a domain with its DNS records, a mailbox with a key, and a webhook for its messages.
 */

import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { dnsRecords, formatDnsRecord, Management } from "effect-sendmux/Management"

export interface Customer {
  readonly domain: string
  readonly email: string
  readonly webhookUrl: string
  /** Publishes the DNS records, for example with the API of the customer's DNS provider. */
  readonly publish: (records: ReadonlyArray<string>) => Effect.Effect<void>
}

/** The created resources. Store the secrets: the API does not return them again. */
export interface Onboarded {
  readonly mailboxId: string
  readonly keyId: string
  readonly apiKey: Redacted.Redacted
  readonly webhookId: string
  readonly signingSecret: Redacted.Redacted
}

/** Can be repeated after any failure: the idempotency keys ensure that nothing is created twice. */
export const onboard = (customer: Customer) =>
  Effect.gen(function* () {
    const { domains, mailboxes, webhooks } = yield* Management
    const once = (step: string) => ({ idempotencyKey: `onboard ${customer.domain} ${step}` })

    const domain = yield* domains.create({ domain: customer.domain, mode: "send_receive" }, once("domain"))
    yield* customer.publish(dnsRecords(domain).map(formatDnsRecord))
    yield* domains.waitUntilVerified(domain.id, { timeout: "2 hours" })

    const { credential, mailbox } = yield* mailboxes.create({ email: customer.email }, once("mailbox"))
    const key =
      credential ??
      (yield* mailboxes.createKey(mailbox.id, { app_name: "onboarding" }, once("key"))).credential

    const webhook = yield* webhooks.create(
      {
        url: customer.webhookUrl,
        name: customer.domain,
        event_types: ["message.delivered", "message.bounced", "message.complained", "message.received"],
        filters: { mailbox_ids: [mailbox.id] }
      },
      once("webhook")
    )
    return {
      mailboxId: mailbox.id,
      keyId: key.public_id,
      apiKey: key.secret,
      webhookId: webhook.id,
      signingSecret: webhook.secret
    } satisfies Onboarded
  })
