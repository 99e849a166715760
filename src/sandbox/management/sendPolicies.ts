/**
 * Send policies. The team, each mailbox and each API key has one, and its version is a digest of its content.
 */
import {
  type SendPolicy,
  type SendPolicyInput,
  type SendPolicySnapshot,
  sendPolicyOperations
} from "../../management/sendPolicies.js"
import { fail, reply } from "../exchange.js"
import { type RawCall, type Route, route } from "../http/routes.js"
import { digest, entityTagOf } from "../state/ids.js"
import { savedMap } from "../state/saved.js"
import { teamFacts, type World } from "../state/world.js"

type PolicyRecord = typeof SendPolicy.Encoded

const readPolicy = ({ recipients, ...rest }: SendPolicyInput): PolicyRecord => ({
  ...rest,
  ...(recipients === undefined ? {} : { recipients: { ...recipients, allow: recipients.allow ?? null } })
})

export const sendPolicyRoutes = (world: World): ReadonlyArray<Route> => {
  const policies = new Map<string, PolicyRecord>()
  world.saved.add("sendPolicies", savedMap(policies))

  const exists = (scope: string, publicId: string): boolean => {
    switch (scope) {
      case "team":
        return publicId === teamFacts.id
      case "mailbox":
        return world.team.mailboxes.has(publicId)
      case "api_key":
        return [...world.actors.values()].some(({ keyId }) => keyId === publicId)
      default:
        return false
    }
  }

  const keyOf = (scope: string, publicId: string): string =>
    exists(scope, publicId)
      ? `${scope}/${publicId}`
      : fail("not_found", "There is no resource with this scope and id")

  const show = (key: string): typeof SendPolicySnapshot.Encoded => {
    const policy = policies.get(key) ?? {}
    // A version has 64 hexadecimal digits, and a digest has 16.
    return { policy, version: digest(JSON.stringify(policy)).repeat(4) }
  }

  const requireMatch = (call: RawCall, shown: unknown): void => {
    const given = call.request.headers["if-match"]
    if (given === undefined) {
      fail("missing_parameter", "The header If-Match is missing", { param: "If-Match" })
    }
    if (given !== entityTagOf(shown)) {
      fail("conflict", "If-Match does not match the current version of the policy")
    }
  }

  return [
    route(sendPolicyOperations.get, (call) => reply(show(keyOf(call.ids[0], call.ids[1])))),
    route(sendPolicyOperations.replace, (call) => {
      const key = keyOf(call.ids[0], call.ids[1])
      requireMatch(call, show(key))
      policies.set(key, readPolicy(call.input.policy))
      return reply(show(key))
    })
  ]
}
