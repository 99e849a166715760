/**
 * Malformed requests to the authorization server of the sandbox.
 */
import { describe, expect, it } from "vitest"
import { onSandbox } from "../http/plain.js"
import { redirectUri, resource } from "./standard.js"

describe("a request to the server", () => {
  const form = (body: string, headers: Record<string, string> = {}) => ({
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body
  })
  const refused: Record<string, readonly [init: RequestInit, status: number, error: string]> = {
    "with a parameter twice": [
      form(
        `grant_type=refresh_token&client_id=sandbox-app&refresh_token=a&refresh_token=b&resource=${resource}`
      ),
      400,
      "invalid_request"
    ],
    "with another grant": [form("grant_type=password&client_id=sandbox-app"), 400, "unsupported_grant_type"],
    "without a grant": [form("client_id=sandbox-app"), 400, "invalid_request"],
    "as JSON": [
      { method: "POST", headers: { "content-type": "application/json" }, body: "{}" },
      400,
      "invalid_request"
    ],
    "of an unknown client": [form("grant_type=refresh_token&client_id=unknown"), 401, "invalid_client"],
    "without a client": [form("grant_type=refresh_token"), 401, "invalid_client"],
    "with a secret, of a client that has none": [
      form("grant_type=refresh_token&client_id=sandbox-app&client_secret=x"),
      401,
      "invalid_client"
    ],
    "with malformed credentials": [
      form("grant_type=refresh_token", { authorization: "Basic a" }),
      401,
      "invalid_client"
    ],
    "with the wrong secret": [
      form("grant_type=refresh_token", { authorization: `Basic ${btoa("sandbox-app:x")}` }),
      401,
      "invalid_client"
    ]
  }
  for (const [what, [init, status, error]] of Object.entries(refused)) {
    it(
      `${what} is a ${status} with the error ${error}`,
      onSandbox(async (api) => {
        const response = await fetch(`${api.url}/oauth/token`, init)
        expect(response.status).toBe(status)
        expect(await response.json()).toMatchObject({ error, error_description: expect.any(String) })
        expect(response.headers.get("cache-control")).toBe("no-store")
        expect(response.headers.has("www-authenticate")).toBe(status === 401)
      })
    )
  }

  const registrations: Record<string, readonly [body: object, error: string]> = {
    "without a redirect URI": [{ client_name: "x", redirect_uris: [] }, "invalid_redirect_uri"],
    "with a redirect URI over http": [
      { client_name: "x", redirect_uris: ["http://example.com/cb"] },
      "invalid_redirect_uri"
    ],
    "with a fragment in its redirect URI": [
      { client_name: "x", redirect_uris: ["https://example.com/cb#a"] },
      "invalid_redirect_uri"
    ],
    "with a key of its own": [
      { client_name: "x", redirect_uris: [redirectUri], token_endpoint_auth_method: "private_key_jwt" },
      "invalid_client_metadata"
    ]
  }
  for (const [what, [body, error]] of Object.entries(registrations)) {
    it(
      `that registers a client ${what} is refused`,
      onSandbox(async (api) => {
        const response = await fetch(`${api.url}/oauth/register`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body)
        })
        expect([response.status, await response.json()]).toMatchObject([400, { error }])
      })
    )
  }
})
