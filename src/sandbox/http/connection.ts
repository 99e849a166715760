/**
 * The description of the connection, which is the same on every surface.
 */
import type { Connection } from "../../internal/model/connection.js"
import { reply } from "../exchange.js"
import { type Actor, teamFacts } from "../state/world.js"
import type { RawCall } from "./routes.js"

const ofRoot = ["team.read", "team.update", "mailbox.admin.read", "mailbox.admin.manage"]
const ofMailbox = ["email.send", "mailbox.read", "mailbox.drafts.write"]

const permissions: Readonly<Record<Actor["kind"], ReadonlyArray<string>>> = {
  root: ofRoot,
  mailbox: ofMailbox,
  team: [...ofRoot, ...ofMailbox]
}

const typeOf = ({ kind, mailboxId, namesMailbox, token }: Actor): string => {
  if (token?.kind === "app") return "oauth_token"
  if (namesMailbox === true) return "integration"
  return token?.kind === "agent" || (kind === "mailbox" && mailboxId === undefined)
    ? "agent_token"
    : "api_key"
}

const connectionOf = ({ actor, world }: RawCall): typeof Connection.Encoded => ({
  team: teamFacts,
  credential: {
    id: actor.keyId,
    type: typeOf(actor),
    name: actor.name
  },
  label: actor.name,
  permissions: [...(actor.token?.scopes ?? permissions[actor.kind])],
  mailboxes: [...world.team.mailboxes.values()]
    .filter(
      ({ id, status }) =>
        status !== "deleted" &&
        (actor.mailboxId === undefined ? actor.kind !== "root" : id === actor.mailboxId)
    )
    .map(({ id, email }) => ({ id, email }))
})

/** For a response that only its caller may cache, and must revalidate before each use. */
export const privateCaching = { "cache-control": "private, no-cache" }

export const replyConnection = (call: RawCall) => reply(connectionOf(call), { headers: privateCaching })
