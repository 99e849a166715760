/**
 * Rotates every credential of a team: mailbox keys without a moment in which none works, and webhook secrets.
 */

import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Management } from "effect-sendmux/Management"
import { Retry, Sending } from "effect-sendmux/Sending"

/** Where credentials are kept. The API shows a secret once and lists no keys, so this is the only place. */
export interface Vault {
  /** The id of the key in use for a mailbox, where there is one. */
  readonly keyOf: (mailboxId: string) => Effect.Effect<string | undefined>
  readonly putKey: (mailboxId: string, keyId: string, apiKey: Redacted.Redacted) => Effect.Effect<void>
  readonly putSigningSecret: (webhookId: string, secret: Redacted.Redacted) => Effect.Effect<void>
}

/** A new key is made, tried and stored before the old one goes. */
const rotateKey = (vault: Vault, mailboxId: string) =>
  Effect.gen(function* () {
    const { mailboxes } = yield* Management
    const old = yield* vault.keyOf(mailboxId)
    const { credential } = yield* mailboxes.createKey(mailboxId, { app_name: "rotated" })
    const sending = yield* Sending.make({ apiKey: credential.secret, retry: Retry.policy() })
    yield* sending.connection.get()
    yield* vault.putKey(mailboxId, credential.public_id, credential.secret)
    if (old !== undefined) yield* mailboxes.deleteKey(mailboxId, old)
  })

/** The old secret ends at once: receivers must take the new one before they verify again. */
const rotateWebhook = (vault: Vault, webhookId: string) =>
  Effect.gen(function* () {
    const { webhooks } = yield* Management
    const { secret } = yield* webhooks.rotateSecret(webhookId)
    yield* vault.putSigningSecret(webhookId, secret)
  })

export const rotateAll = (vault: Vault) =>
  Effect.gen(function* () {
    const { mailboxes, webhooks } = yield* Management
    yield* mailboxes.list().pipe(
      Stream.filter(({ status }) => status === "active"),
      Stream.runForEach(({ id }) => rotateKey(vault, id))
    )
    yield* webhooks.list().pipe(Stream.runForEach(({ id }) => rotateWebhook(vault, id)))
  })
