/**
 * Who a key is, as every surface tells it.
 */
import type { Connection } from "../Connection.js"
import type { RawCall } from "./routes.js"
import { teamFacts } from "./world.js"

const scopes = {
  root: ["team.read", "team.update", "mailbox.admin.read", "mailbox.admin.manage"],
  mailbox: ["email.send", "mailbox.read", "mailbox.drafts.write"]
} as const

export const connectionOf = ({ actor, world }: RawCall): typeof Connection.Encoded => ({
  team: teamFacts,
  credential: { id: actor.keyId, type: "api_key", name: actor.name },
  label: actor.name,
  permissions: [...scopes[actor.kind]],
  mailboxes: [...world.team.mailboxes.values()]
    .filter(({ id, status }) => id === actor.mailboxId && status !== "deleted")
    .map(({ id, email }) => ({ id, email }))
})
