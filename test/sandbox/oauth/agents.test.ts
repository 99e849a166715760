/**
 * Agent self-registration at the sandbox, as a program without the SDK sees it.
 */
import { pbkdf2Sync } from "node:crypto"
import { describe, expect, it } from "vitest"
import { onSandbox, type Plain } from "../http/plain.js"

interface Proof {
  readonly challenge: { readonly parameters: Record<string, unknown> }
  readonly solution: { readonly counter: number; readonly derivedKey: string }
}

/** Solves a challenge with another implementation of PBKDF2 than that of the SDK. */
const solve = (challenge: Proof["challenge"]): Proof => {
  const { cost, keyLength, keyPrefix, nonce, salt } = challenge.parameters
  const counterBytes = Buffer.alloc(4)
  for (let counter = 0; ; counter++) {
    counterBytes.writeUInt32BE(counter)
    const password = Buffer.concat([Buffer.from(String(nonce), "hex"), counterBytes])
    const key = pbkdf2Sync(
      password,
      Buffer.from(String(salt), "hex"),
      Number(cost),
      Number(keyLength),
      "sha256"
    )
    const derivedKey = key.toString("hex")
    if (derivedKey.startsWith(String(keyPrefix))) return { challenge, solution: { counter, derivedKey } }
  }
}

const encode = (proof: unknown) => Buffer.from(JSON.stringify(proof)).toString("base64")

const agentsAt = ({ url }: Plain) => {
  const send = async (path: string, type: string, body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/agent-auth${path}`, {
      method: "POST",
      headers: { "content-type": type, ...headers },
      body
    })
    return { status: response.status, headers: response.headers, json: await response.json() }
  }
  const post = (path: string, body: object, headers?: Record<string, string>) =>
    send(path, "application/json", JSON.stringify(body), headers)
  const form = (path: string, body: Record<string, string>) =>
    send(path, "application/x-www-form-urlencoded", new URLSearchParams(body).toString())
  const proof = async () => solve((await post("/agent/identity/challenge", {})).json)
  const identity = async (body: object = {}) =>
    post("/agent/identity", { type: "anonymous", proof_of_work: encode(await proof()), ...body })
  const claim = (claim_token: string, resource = "https://app.sendmux.ai/api/v1") =>
    form("/oauth2/token", { grant_type: "urn:workos:agent-auth:grant-type:claim", claim_token, resource })
  const assert = (assertion: string, resource = "https://app.sendmux.ai/api/v1") =>
    form("/oauth2/token", {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion,
      resource
    })
  return { post, form, proof, identity, claim, assert }
}

const hours = (count: number) => ({ body: { advance_ms: count * 3_600_000 } })

describe("an agent", () => {
  it(
    "registers, reads, is claimed and then sends",
    onSandbox(async (api) => {
      const { assert, claim, form, identity, post } = agentsAt(api)
      const { json: agent, status } = await identity({ mailbox_local_part: "reader", client_name: "Reader" })
      expect(status).toBe(201)
      expect(agent).toMatchObject({
        registration_id: expect.stringMatching(/^areg_/),
        claim_token: expect.stringMatching(/^smx_agent_claim_/),
        pre_claim_scopes: ["mailbox.read"],
        mailbox: { email: "reader@sandbox.test" }
      })
      const { json: first } = await assert(agent.identity_assertion)
      expect(first).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "mailbox.read" })
      const me = await api.mailbox("GET /mailbox/me", { key: first.access_token })
      expect(me.json.data.email).toBe("reader@sandbox.test")

      const sendingBase = "https://smtp.sendmux.ai/api/v1"
      expect((await assert(agent.identity_assertion, sendingBase)).json.error).toBe("invalid_target")
      const pending = await claim(agent.claim_token)
      expect([pending.status, pending.json]).toMatchObject([
        400,
        { error: "authorization_pending", retry_after: 5 }
      ])
      expect(pending.headers.get("retry-after")).toBe("5")

      const bearer = { authorization: `Bearer ${first.access_token}` }
      const invitation = await post("/agent/identity/invite", { email: "owner@example.com" }, bearer)
      expect(invitation.status).toBe(202)
      await api.control("POST /oauth/claim-agent", { body: { registration_id: agent.registration_id } })

      const { json: sending } = await claim(agent.claim_token, sendingBase)
      const email = {
        from: { email: "reader@sandbox.test" },
        to: { email: "ada@example.org" },
        subject: "Hi",
        html_body: "<p>Hi</p>"
      }
      const sent = await api.sending("POST /emails/send", { key: sending.access_token, body: email })
      expect(sent.status).toBe(200)
      // The token is for the host of Sending only.
      expect((await api.mailbox("GET /mailbox/me", { key: sending.access_token })).status).toBe(401)
      expect((await form("/oauth2/revoke", { token: sending.access_token })).status).toBe(200)
      expect((await form("/oauth2/revoke", { token: "unknown" })).status).toBe(200)
      const again = await api.sending("POST /emails/send", { key: sending.access_token, body: email })
      expect(again.status).toBe(401)
    })
  )

  it(
    "cannot reuse a proof, change it, or solve a challenge that has expired",
    onSandbox(async (api) => {
      const { identity, proof } = agentsAt(api)
      const used = await proof()
      expect((await identity({ proof_of_work: encode(used) })).status).toBe(201)
      const { challenge, solution } = await proof()
      const foreign = { ...challenge, parameters: { ...challenge.parameters, nonce: "00" } }
      const refused: Record<string, unknown> = {
        "used before": encode(used),
        "with another counter": encode({
          challenge,
          solution: { ...solution, counter: solution.counter + 1 }
        }),
        "with another key": encode({ ...(await proof()), solution }),
        "for a challenge of another server": encode({ challenge: foreign, solution }),
        "without a solution": encode({ challenge }),
        "that is not base64": "%%%",
        "that is not JSON": Buffer.from("no JSON").toString("base64"),
        "that is missing": undefined
      }
      for (const [what, proof_of_work] of Object.entries(refused)) {
        const { json, status } = await identity({ proof_of_work })
        expect([status, json.error], what).toEqual([400, "invalid_request"])
      }
      const late = await proof()
      await api.control("POST /clock", hours(1))
      expect((await identity({ proof_of_work: encode(late) })).status).toBe(400)
    })
  )

  it(
    "is registered once under an idempotency key, without another proof",
    onSandbox(async (api) => {
      const { identity } = agentsAt(api)
      const input = { mailbox_local_part: "once", idempotency_key: "k1" }
      const [first, second] = [await identity(input), await identity({ ...input, proof_of_work: undefined })]
      expect([first.status, second.status]).toEqual([201, 201])
      expect(second.json).toEqual(first.json)
      expect((await identity({ ...input, mailbox_local_part: "other" })).status).toBe(409)
      expect((await identity({ mailbox_local_part: "once" })).status).toBe(409)
      expect((await identity({ mailbox_local_part: "not an address" })).status).toBe(400)
      expect((await identity({ type: "verified" })).status).toBe(400)
    })
  )

  it(
    "has an identity for 15 minutes, and a claim token for 24 hours",
    onSandbox(async (api) => {
      const { assert, claim, identity } = agentsAt(api)
      const { json: agent } = await identity()
      await api.control("POST /clock", hours(0.2))
      expect((await assert(agent.identity_assertion)).status).toBe(200)
      await api.control("POST /clock", hours(0.05))
      expect((await assert(agent.identity_assertion)).json.error).toBe("invalid_grant")
      await api.control("POST /clock", hours(23.7))
      expect((await claim(agent.claim_token)).json.error).toBe("authorization_pending")
      await api.control("POST /clock", hours(0.05))
      expect((await claim(agent.claim_token)).json.error).toBe("expired_token")
    })
  )

  it(
    "cannot ask for tokens with anything else than its own secrets",
    onSandbox(async (api) => {
      const { assert, claim, form, identity, post } = agentsAt(api)
      const { json: agent } = await identity()
      expect((await claim(agent.identity_assertion)).json.error).toBe("invalid_grant")
      expect((await assert(agent.claim_token)).json.error).toBe("invalid_grant")
      expect((await assert(agent.identity_assertion, "https://evil.test")).json.error).toBe("invalid_target")
      const other = await form("/oauth2/token", { grant_type: "password", resource: "x" })
      expect(other.json.error).toBe("unsupported_grant_type")
      const invitation = { email: "owner@example.com" }
      for (const token of ["unknown", agent.claim_token]) {
        const headers = { authorization: `Bearer ${token}` }
        const refused = await post("/agent/identity/invite", invitation, headers)
        expect([refused.status, refused.json.error]).toEqual([401, "invalid_token"])
        expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer /)
      }
      expect((await post("/agent/identity/invite", invitation)).status).toBe(401)
    })
  )
})
