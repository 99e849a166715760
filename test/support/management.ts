import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { ConfigurationError } from "../../src/internal/model/errors.js"
import { Management, type ManagementService } from "../../src/Management.js"
import { mockClient, ok, type Reaction, type Seen } from "./http.js"

export const rootKey = "smx_root_test_0123456789"

/** The Management service with a mocked client. */
export const managementOver = (
  client: HttpClient.HttpClient
): Effect.Effect<ManagementService, ConfigurationError> =>
  Effect.provideService(Management.make({ apiKey: Redacted.make(rootKey) }), HttpClient.HttpClient, client)

/** A service whose server responds with the result of `react`, and the requests that it received. */
export const managementServer = (react: (request: Seen, index: number) => Reaction) => {
  const { client, seen } = mockClient(react)
  return { seen, management: managementOver(client) }
}

/** A page of a list in the envelope of the API. */
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

/** A successful response with an ETag. */
export const tagged = (data: unknown, etag: string): Response => ok(data, { headers: { etag } })

/** The response for a resource that has not changed since its ETag was read. */
export const notModified = (): Response => new Response(null, { status: 304 })

/** Formats a request as one line, such as `GET /domains?limit=5`. */
export const line = ({ method, url }: Seen): string =>
  `${method} ${url.pathname.replace("/api/v1", "")}${decodeURIComponent(url.search)}`
