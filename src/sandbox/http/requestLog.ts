/**
 * The log of requests that `Sandbox.Control` returns. It contains no secrets.
 */
import type { LocalRequest } from "../../internal/dialect/localClient.js"
import type { World } from "../state/world.js"

const secretHeaders: ReadonlySet<string> = new Set(["authorization", "x-sendmux-upload-token"])

const secretParameters = ["download_token", "upload_token", "token"]

/** Prepares the entry for a request. The returned function completes and records it. */
export const recordRequest = (world: World, request: LocalRequest, requestId: string, at: number) => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !secretHeaders.has(name)) headers[name] = value
  }
  const query = new URLSearchParams(request.url.search)
  for (const name of secretParameters) if (query.has(name)) query.set(name, "redacted")
  return (status: number, operation: string | undefined): void => {
    world.requests.push({
      method: request.method,
      path: request.url.pathname,
      query: query.toString(),
      operation,
      status,
      requestId,
      headers,
      at
    })
  }
}
