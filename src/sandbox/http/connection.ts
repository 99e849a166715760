/**
 * The description of the connection, which is the same on every surface.
 */
import type { Connection } from "../../internal/model/connection.js"
import { reply } from "../exchange.js"
import { teamFacts } from "../state/world.js"
import type { RawCall } from "./routes.js"

const permissions = {
  root: ["team.read", "team.update", "mailbox.admin.read", "mailbox.admin.manage"],
  mailbox: ["email.send", "mailbox.read", "mailbox.drafts.write"]
} as const

const connectionOf = ({ actor, world }: RawCall): typeof Connection.Encoded => ({
  team: teamFacts,
  credential: {
    id: actor.keyId,
    type: actor.kind === "mailbox" && actor.mailboxId === undefined ? "agent_token" : "api_key",
    name: actor.name
  },
  label: actor.name,
  permissions: [...permissions[actor.kind]],
  mailboxes: [...world.team.mailboxes.values()]
    .filter(
      ({ id, status }) =>
        status !== "deleted" &&
        (actor.mailboxId === undefined ? actor.kind === "mailbox" : id === actor.mailboxId)
    )
    .map(({ id, email }) => ({ id, email }))
})

/** For a response that only its caller may cache, and must revalidate before each use. */
export const privateCaching = { "cache-control": "private, no-cache" }

export const replyConnection = (call: RawCall) => reply(connectionOf(call), { headers: privateCaching })
