/**
 * The owner of an access token, as far as it may run an operation.
 */
import type { OperationFacts } from "../../internal/operation/operation.js"
import { fail } from "../exchange.js"
import type { Actor, World } from "../state/world.js"
import { isRevoked } from "./records.js"
import { missingScopes } from "./scopes.js"

/** Returns the owner of an access token, `undefined` if there is no such token, or fails. */
export const tokenActor = (
  { authority }: World,
  operation: OperationFacts,
  token: string,
  now: number
): Actor | undefined => {
  const record = authority.accessTokens.get(token)
  if (record === undefined) return undefined
  if (isRevoked(record)) return fail("authentication_required", "The access token was revoked")
  if (now >= record.expiresAt) return fail("authentication_required", "The access token has expired")
  const host = operation.surface === "sending" ? "sending" : "app"
  if (record.host !== undefined && record.host !== host) {
    return fail("authentication_required", "The access token is for another host")
  }
  const missing = missingScopes(operation, record.scopes)
  if (missing !== undefined) {
    return fail("insufficient_permissions", `The access token does not have the scope ${missing}`)
  }
  return {
    keyId: record.holderId,
    name: record.name,
    kind: record.kind === "app" ? "team" : "mailbox",
    mailboxId: record.mailboxId,
    token: { kind: record.kind, scopes: record.scopes, expiresAt: record.expiresAt }
  }
}
