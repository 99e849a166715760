/**
 * Turns the bytes of a request and its response into an exchange that can be written.
 */
import type { Host } from "../../src/sandbox/http/routes.js"
import { requestBodyOf, responseBodyOf } from "./bodies.js"
import { credentialOf, joined, type RawHeaders, requestHeadersOf, responseHeadersOf } from "./headers.js"
import { findOperation } from "./operations.js"
import type { Exchange } from "./recording.js"
import { type ScrubOptions, scrubPath, scrubQuery } from "./scrub.js"

/** A request and its response as they were on the wire. */
export interface RawExchange {
  /** Counts the requests in the order in which they arrived. */
  readonly index: number
  readonly host: Host
  readonly at: Date
  readonly method: string
  /** The path below the base URL of the host, with the query. */
  readonly target: string
  readonly requestHeaders: RawHeaders
  readonly requestBody: Uint8Array
  readonly status: number
  readonly responseHeaders: RawHeaders
  /** The body, or its size if it was too large to keep. */
  readonly responseBody: Uint8Array | number
}

/** Makes the exchange of a request and its response. */
export const exchangeOf = (options: ScrubOptions, raw: RawExchange): Exchange => {
  const [path = "", query = ""] = raw.target.split(/\?(.*)/s)
  const operation = findOperation(raw.host, raw.method, path)
  const { requestBody, requestHeaders, responseBody, responseHeaders } = raw
  const body = requestBodyOf(options, operation, requestHeaders, requestBody)
  const answered = responseBodyOf(options, operation, raw.status, responseHeaders, responseBody)
  return {
    operation: operation?.name ?? null,
    at: raw.at.toISOString(),
    request: {
      host: raw.host,
      method: raw.method,
      path: scrubPath(options, operation, path),
      query: scrubQuery(options, operation, query),
      credential: credentialOf(options, joined(requestHeaders["authorization"])),
      headers: requestHeadersOf(options, requestHeaders),
      ...(requestHeaders["transfer-encoding"] === undefined ? {} : { chunked: true }),
      ...(body === undefined ? {} : { body })
    },
    response: {
      status: raw.status,
      headers: responseHeadersOf(options, responseHeaders),
      ...(answered === undefined ? {} : { body: answered })
    }
  }
}
