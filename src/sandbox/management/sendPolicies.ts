/**
 * Send policies: one for each thing that can have one, versioned by their content.
 */
import { type SendPolicyInput, sendPolicyOperations } from "../../management/sendPolicies.js"
import { refuse, reply } from "../exchange.js"
import { type RawCall, type Route, route } from "../http/routes.js"
import { digest, entityTagOf } from "../state/ids.js"
import { teamFacts, type World } from "../state/world.js"

export const sendPolicyRoutes = (world: World): ReadonlyArray<Route> => {
  const policies = new Map<string, SendPolicyInput>()

  const keyOf = (scope: string, publicId: string): string => {
    const known =
      scope === "team"
        ? publicId === teamFacts.id
        : scope === "mailbox"
          ? world.team.mailboxes.has(publicId)
          : scope === "api_key" && [...world.actors.values()].some(({ keyId }) => keyId === publicId)
    return known ? `${scope}/${publicId}` : refuse("not_found", "There is nothing of that kind and id")
  }

  const show = (key: string) => {
    const policy = policies.get(key) ?? {}
    const part = digest(JSON.stringify(policy))
    return { policy, version: part.repeat(4) }
  }

  const requireMatch = (call: RawCall, shown: unknown): void => {
    const given = call.request.headers["if-match"]
    if (given === undefined) refuse("missing_parameter", "If-Match is missing", { param: "If-Match" })
    if (given !== entityTagOf(shown)) refuse("conflict", "The policy is no longer what If-Match stands for")
  }

  return [
    route(sendPolicyOperations.get, (call) => reply(show(keyOf(call.ids[0], call.ids[1])))),
    route(sendPolicyOperations.replace, (call) => {
      const key = keyOf(call.ids[0], call.ids[1])
      requireMatch(call, show(key))
      policies.set(key, call.input.policy)
      return reply(show(key))
    })
  ]
}
