/**
 * Rotates all credentials of a team: the keys of mailboxes, without an interruption, and the signing secrets of webhooks.
 */

import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Management } from "effect-sendmux/Management"
import { Retry, Sending } from "effect-sendmux/Sending"

/** A store for credentials. The API returns a secret only once and does not list keys, so the store must keep both. */
export interface Vault {
  /** The id of the current key of a mailbox, if there is one. */
  readonly keyOf: (mailboxId: string) => Effect.Effect<string | undefined>
  readonly putKey: (mailboxId: string, keyId: string, apiKey: Redacted.Redacted) => Effect.Effect<void>
  readonly putSigningSecret: (webhookId: string, secret: Redacted.Redacted) => Effect.Effect<void>
}

/** Creates, checks and stores the new key before it deletes the old one. */
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

/** The old secret becomes invalid immediately, so receivers must use the new one for the next delivery. */
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
