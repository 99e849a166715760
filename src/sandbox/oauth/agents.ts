/**
 * Agent self-registration: challenge, identity, tokens, invitation and revocation.
 */
import { decodeBase64 } from "../../internal/dialect/schema.js"
import type { LocalResponse } from "../../internal/dialect/shared/localClient.js"
import { toHex } from "../../internal/values/bytes.js"
import { isRecord, parseJson, stringIn } from "../../internal/values/json.js"
import { deriveKey } from "../../oauth/agent/proofOfWork.js"
import { noFilters } from "../state/team.js"
import { firstMailbox, type World } from "../state/world.js"
import { jsonResponse, refuse } from "./failure.js"
import { type AuthorityCall, needed, neededIn, readForm, readObject } from "./input.js"
import { type AgentRecord, isRevoked } from "./records.js"

/** A call that may change the team. */
export interface AgentCall extends AuthorityCall {
  readonly world: World
}

const challengeLifetime = 300_000
const assertionLifetime = 900_000
const claimLifetime = 86_400_000
const tokenLifetime = 3_600_000

/** How long an agent has to wait between two questions for its claim, in seconds. */
const claimInterval = 5

const preClaimScopes = ["mailbox.read"]
const claimedScopes = ["mailbox.read", "mailbox.drafts.write", "email.send"]

// -----------------------------------------------------------------------------
// proof of work
// -----------------------------------------------------------------------------

/** Little work, so that tests stay fast: about 256 derivations. */
const cost = 10
const keyPrefix = "00"

const hexOf = (text: string): string => toHex(new TextEncoder().encode(text))

const parametersOf = (nonce: string, expiresAt: number) => ({
  algorithm: "PBKDF2/SHA-256",
  cost,
  expiresAt: Math.floor(expiresAt / 1000),
  keyLength: 32,
  keyPrefix,
  nonce,
  salt: hexOf(`salt of ${nonce}`).slice(0, 32)
})

export const challenge = ({ authority, now }: AgentCall): LocalResponse => {
  const nonce = hexOf(authority.id("pow", 12))
  const expiresAt = now + challengeLifetime
  authority.challenges.set(nonce, expiresAt)
  return jsonResponse(200, { parameters: parametersOf(nonce, expiresAt), signature: `signature-of-${nonce}` })
}

const failProof = (): never =>
  refuse("invalid_request", "The proof_of_work is missing, wrong or was used before")

/** Fails unless a text proves the work for a challenge of this server. A challenge is accepted once. */
const checkProof = async ({ authority, now }: AgentCall, proof: string): Promise<void> => {
  const bytes = decodeBase64(proof)
  const given = bytes === undefined ? undefined : parseJson(new TextDecoder().decode(bytes))
  if (!isRecord(given)) return failProof()
  const { challenge: sent, solution } = given
  if (!isRecord(sent) || !isRecord(solution)) return failProof()
  const nonce = stringIn(sent["parameters"], "nonce") ?? ""
  const expiresAt = authority.challenges.get(nonce)
  if (expiresAt === undefined || now >= expiresAt) return failProof()
  const { counter, derivedKey } = solution
  if (typeof counter !== "number" || !Number.isSafeInteger(counter) || counter < 0) return failProof()
  authority.challenges.delete(nonce)
  const expected = await deriveKey(parametersOf(nonce, expiresAt), counter)
  if (derivedKey !== expected || !expected.startsWith(keyPrefix)) return failProof()
}

// -----------------------------------------------------------------------------
// identity
// -----------------------------------------------------------------------------

const localPartPattern = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/

const mailboxFor = (call: AgentCall, wanted: string | undefined) => {
  const { authority, now, world } = call
  const local = wanted ?? authority.id("agent", 8).replaceAll("_", "-")
  if (!localPartPattern.test(local)) {
    return refuse("invalid_request", "The mailbox_local_part is not the local part of an address")
  }
  const email = `${local}@${firstMailbox.domain}`
  const { mailboxes } = world.team
  if ([...mailboxes.values()].some((mailbox) => mailbox.email === email)) {
    return refuse("invalid_request", "The mailbox_local_part is taken", { status: 409 })
  }
  const id = authority.id("mbx")
  mailboxes.set(id, {
    id,
    email,
    display_name: null,
    status: "active",
    quota_bytes: 1_073_741_824,
    send_scope: null,
    filters: noFilters,
    createdAt: now
  })
  world.feed.publish({ kind: "team" })
  return { id, email }
}

export const identity = async (call: AgentCall): Promise<LocalResponse> => {
  const { authority, now, request } = call
  const body = readObject(request)
  if (body["type"] !== "anonymous") refuse("invalid_request", "The type must be anonymous")
  const { proof_of_work, ...rest } = body
  const fingerprint = JSON.stringify(rest)
  const key = stringIn(body, "idempotency_key")
  const earlier = () => (key === undefined ? undefined : authority.registrations.get(key))
  const known = earlier()
  if (known === undefined) await checkProof(call, typeof proof_of_work === "string" ? proof_of_work : "")
  // Another request with the same key may have finished while the proof was checked.
  const registered = earlier()
  if (registered !== undefined) {
    return registered.request === fingerprint
      ? jsonResponse(201, registered.response)
      : refuse("invalid_request", "The idempotency_key was used for another registration", { status: 409 })
  }
  const mailbox = mailboxFor(call, stringIn(body, "mailbox_local_part"))
  const agent: AgentRecord = {
    id: authority.id("areg"),
    name: stringIn(body, "client_name") ?? "Agent",
    mailboxId: mailbox.id,
    assertion: authority.id("smx_agent_assertion", 60),
    assertionExpiresAt: now + assertionLifetime,
    claimToken: authority.id("smx_agent_claim", 60),
    claimExpiresAt: now + claimLifetime,
    claimed: false,
    invited: undefined
  }
  authority.agents.set(agent.id, agent)
  const response = {
    registration_id: agent.id,
    identity_assertion: agent.assertion,
    claim_token: agent.claimToken,
    pre_claim_scopes: preClaimScopes,
    mailbox
  }
  if (key !== undefined) authority.registrations.set(key, { request: fingerprint, response })
  return jsonResponse(201, response)
}

// -----------------------------------------------------------------------------
// tokens
// -----------------------------------------------------------------------------

const hostOf = (resource: string): "sending" | "app" => {
  const host = URL.canParse(resource) ? new URL(resource).host : ""
  if (host === "smtp.sendmux.ai") return "sending"
  return host === "app.sendmux.ai"
    ? "app"
    : refuse("invalid_target", "The parameter resource must be the base URL of the app or of Sending")
}

const issue = ({ authority, now }: AgentCall, agent: AgentRecord, resource: string): LocalResponse => {
  const host = hostOf(resource)
  if (host === "sending" && !agent.claimed) {
    return refuse("invalid_target", "The agent cannot send before its owner has claimed it")
  }
  const token = authority.id("smx_agent", 60)
  const scopes = agent.claimed ? claimedScopes : preClaimScopes
  authority.accessTokens.set(token, {
    holderId: agent.id,
    name: agent.name,
    kind: "agent",
    scopes,
    mailboxId: agent.mailboxId,
    host,
    expiresAt: now + tokenLifetime,
    grant: undefined,
    revoked: false
  })
  return jsonResponse(200, {
    access_token: token,
    token_type: "Bearer",
    expires_in: tokenLifetime / 1000,
    scope: scopes.join(" ")
  })
}

export const agentToken = (call: AgentCall): LocalResponse => {
  const { authority, now, request } = call
  const form = readForm(request)
  const type = needed(form, "grant_type")
  const resource = needed(form, "resource")
  const agents = authority.agents.values()
  if (type === "urn:ietf:params:oauth:grant-type:jwt-bearer") {
    const given = needed(form, "assertion")
    const agent = agents.find(({ assertion }) => assertion === given)
    return agent === undefined || now >= agent.assertionExpiresAt
      ? refuse("invalid_grant", "The assertion is unknown or has expired")
      : issue(call, agent, resource)
  }
  if (type === "urn:workos:agent-auth:grant-type:claim") {
    const given = needed(form, "claim_token")
    const agent = agents.find(({ claimToken }) => claimToken === given)
    if (agent === undefined) return refuse("invalid_grant", "The claim token is unknown")
    if (now >= agent.claimExpiresAt) return refuse("expired_token", "The claim token has expired")
    return agent.claimed
      ? issue(call, agent, resource)
      : refuse("authorization_pending", "Nobody has claimed the agent yet", { retryAfter: claimInterval })
  }
  return refuse("unsupported_grant_type", "The grant_type is not supported")
}

export const invite = ({ authority, now, request }: AgentCall): LocalResponse => {
  const [, bearer = ""] = /^bearer +(\S+)$/i.exec(request.headers["authorization"] ?? "") ?? []
  const access = authority.accessTokens.get(bearer)
  const agent = access?.kind === "agent" ? authority.agents.get(access.holderId) : undefined
  if (access === undefined || agent === undefined || isRevoked(access) || now >= access.expiresAt) {
    return refuse("invalid_token", "The access token is unknown or has expired", { status: 401 })
  }
  const email = neededIn(readObject(request), "email")
  if (!email.includes("@")) return refuse("invalid_request", "The email must be an address")
  agent.invited = email
  return jsonResponse(202, { registration_id: agent.id, status: "invited" })
}

/** Revokes a token. The response does not tell whether it was known. */
export const revokeAgentToken = ({ authority, request }: AgentCall): LocalResponse => {
  const access = authority.accessTokens.get(needed(readForm(request), "token"))
  // The token of an app is revoked with its grant.
  if (access?.kind === "agent") access.revoked = true
  return jsonResponse(200, {})
}
