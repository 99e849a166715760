/**
 * Who a key is, as every surface tells it.
 *
 * @internal
 */
import type { Connection } from "../Connection.js"
import type { RawCall } from "./routes.js"
import { firstMailbox, team } from "./world.js"

const scopes = {
  root: ["team.read", "team.update", "mailbox.admin.read", "mailbox.admin.manage"],
  mailbox: ["email.send", "mailbox.read", "mailbox.drafts.write"]
} as const

export const connectionOf = ({ actor }: RawCall): typeof Connection.Encoded => ({
  team,
  credential: { id: actor.keyId, type: "api_key", name: actor.name },
  label: actor.name,
  permissions: [...scopes[actor.kind]],
  mailboxes: actor.kind === "root" ? [] : [{ id: firstMailbox.id, email: firstMailbox.email }]
})
