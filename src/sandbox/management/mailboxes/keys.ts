/**
 * The API keys of mailboxes. A key is valid for Sending and Mailbox until it is deleted.
 */
import type { MailboxRecord } from "../../state/team.js"
import type { Actor, World } from "../../state/world.js"

/** Makes a key and returns it as the API shows it, which is the only time that its secret is shown. */
export const makeKey = (world: World, mailbox: MailboxRecord, name: string) => {
  const secret = world.id("smx_mbx", 40)
  const keyId = world.id("smx_key")
  world.actors.set(secret, { keyId, name, kind: "mailbox", mailboxId: mailbox.id })
  return {
    public_id: keyId,
    secret,
    key_prefix: secret.slice(0, 12),
    key_suffix: secret.slice(-4),
    server: "mail.sandbox.test",
    imap_port: 993,
    smtp_port: 465,
    username: mailbox.email
  }
}

/** Deletes the matching mailbox keys, and returns whether there was one. */
export const deleteKeys = (world: World, matches: (actor: Actor) => boolean): boolean => {
  const deleted = [...world.actors].filter(([, actor]) => actor.kind === "mailbox" && matches(actor))
  for (const [secret] of deleted) world.actors.delete(secret)
  return deleted.length > 0
}
