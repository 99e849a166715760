/**
 * The log of requests that `Sandbox.Control` returns. It contains no secrets.
 */
import type { IncomingRequest } from "../../internal/dialect/shared/localClient.js"
import type { RequestRecord, World } from "../state/world.js"

const secretHeaders: ReadonlySet<string> = new Set(["authorization", "x-sendmux-upload-token"])

const secretParameters = ["download_token", "upload_token", "token", "code"]

type Facts = Pick<RequestRecord, "at" | "operation" | "requestId">

/** Records a request when it arrives. The status of the returned record is set when the response is known. */
export const recordRequest = (
  world: World,
  { headers, method, url }: Pick<IncomingRequest, "headers" | "method" | "url">,
  facts: Facts
): { readonly record: RequestRecord; readonly position: number } => {
  const query = new URLSearchParams(url.search)
  for (const name of secretParameters) if (query.has(name)) query.set(name, "redacted")
  const record: RequestRecord = {
    ...facts,
    method,
    path: url.pathname,
    query: query.toString(),
    status: undefined,
    state: "running",
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        value === undefined || secretHeaders.has(name) ? [] : [[name, value]]
      )
    )
  }
  return { record, position: world.requests.push(record) }
}
