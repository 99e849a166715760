/**
 * Requests of web pages: which pages may read the responses of the API, and which may use the control.
 */
import type { LocalResponse } from "../../internal/dialect/shared/localClient.js"
import type { ServedRequest } from "../../internal/dialect/shared/localServer.js"
import { isLoopback } from "../../internal/values/loopback.js"

/** The headers of responses that a page may read, besides those that every page may read. */
const exposedHeaders = [
  "accept-ranges",
  "content-disposition",
  "content-length",
  "content-range",
  "etag",
  "location",
  "retry-after",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "x-request-id"
].join(", ")

const methods = "GET, HEAD, POST, PUT, PATCH, DELETE"

/** How long a browser may keep the response to a preflight, in seconds. */
const preflightSeconds = 600

/** Header names as a browser lists them. Anything else is not repeated in a response. */
const headerNames = /^[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/

/**
 * The origin of a URL, as browsers write it in the header `Origin`. Throws a `RangeError` if the text is not an origin, since
 * a page of it would then be refused without any explanation.
 */
export const originOf = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new RangeError(
      `The allowed origin ${JSON.stringify(text)} is not valid. Use a scheme, a host and a port, such as https://app.example.com`
    )
  }
  return url.origin
}

type Asked = Pick<ServedRequest, "headers">

/** Whether a request asks, for a page of another origin, if it may send the request that it describes. */
export const isPreflight = ({ headers, method }: Asked & Pick<ServedRequest, "method">): boolean =>
  method === "OPTIONS" &&
  headers["origin"] !== undefined &&
  headers["access-control-request-method"] !== undefined

/** Whether a page of an origin may read the responses of the API: those of loopback hosts, and the allowed ones. */
export const mayReadApi = (origin: string, allowedOrigins: ReadonlyArray<string>): boolean =>
  isLoopback(origin) || allowedOrigins.includes(origin)

/**
 * Whether a request may use the control. A page may, if it comes from the sandbox itself or from an allowed origin. Browsers
 * send no `Origin` for images and the like, but they say whether the request is of another site. A link to the control may be
 * followed, because the page that contains the link does not learn the response.
 */
export const mayUseControl = (
  { headers, method }: Asked & Pick<ServedRequest, "method">,
  { host }: URL,
  allowedOrigins: ReadonlyArray<string>
): boolean => {
  const origin = headers["origin"]
  if (origin !== undefined) {
    return allowedOrigins.includes(origin) || (URL.canParse(origin) && new URL(origin).host === host)
  }
  const site = headers["sec-fetch-site"]
  if (site === undefined || site === "same-origin" || site === "none") return true
  return (
    method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document"
  )
}

/** The response to a preflight of a page that may use the API. */
export const preflightResponse = (origin: string, { headers }: Asked): LocalResponse => {
  const requested = headers["access-control-request-headers"]
  return {
    status: 204,
    headers: {
      "access-control-allow-origin": origin,
      "access-control-allow-methods": methods,
      ...(requested !== undefined && headerNames.test(requested)
        ? { "access-control-allow-headers": requested }
        : {}),
      ...(headers["access-control-request-private-network"] === "true"
        ? { "access-control-allow-private-network": "true" }
        : {}),
      "access-control-max-age": String(preflightSeconds),
      vary: "Origin, Access-Control-Request-Headers"
    },
    body: undefined
  }
}

/** Lets a page of an origin read a response. */
export const readableBy = (origin: string, response: LocalResponse): LocalResponse => ({
  ...response,
  headers: {
    ...response.headers,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": exposedHeaders,
    vary: "Origin"
  }
})
