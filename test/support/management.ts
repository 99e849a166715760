import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { ConfigurationError } from "../../src/internal/model/errors.js"
import { Management, type ManagementService } from "../../src/Management.js"
import { mockClient, ok, type Reaction, type Seen } from "./http.js"

export const rootKey = "smx_root_test_0123456789"

/** The Management service over a mocked client. */
export const managementOver = (
  client: HttpClient.HttpClient
): Effect.Effect<ManagementService, ConfigurationError> =>
  Effect.provideService(Management.make({ apiKey: Redacted.make(rootKey) }), HttpClient.HttpClient, client)

/** A service whose server answers as `react` says, and what it saw. */
export const managementServer = (react: (request: Seen, index: number) => Reaction) => {
  const { client, seen } = mockClient(react)
  return { seen, management: managementOver(client) }
}

/** A page of a list in the API's envelope. */
export const pageOf = (items: ReadonlyArray<unknown>, next?: string): Response =>
  new Response(
    JSON.stringify({
      ok: true,
      data: items,
      meta: { request_id: "req_page" },
      pagination: next === undefined ? { has_more: false } : { has_more: true, next_cursor: next }
    }),
    { headers: { "content-type": "application/json" } }
  )

/** A successful answer with its version. */
export const tagged = (data: unknown, etag: string): Response => ok(data, { headers: { etag } })

/** The resource is still what the ETag stands for. */
export const notModified = (): Response => new Response(null, { status: 304 })

/** A request in one line, such as `GET /domains?limit=5`. */
export const line = ({ method, url }: Seen): string =>
  `${method} ${url.pathname.replace("/api/v1", "")}${decodeURIComponent(url.search)}`
