/**
 * The kinds of faults, and what each does to a call.
 */
export const faultTexts: Readonly<Record<string, string>> = {
  RateLimited: "the rate limit rejected the call with status 429.",
  ErrorResponse: "the server responded with an error, and the call did not run.",
  BadGateway: "a proxy responded with status 502 and an HTML page, and the call did not run.",
  ConnectionLost: "the connection broke before the call ran.",
  ResponseLost: "the call ran, but its response never arrived.",
  ResponseTruncated: "the call ran, but its response body was truncated.",
  Slow: "the response was delayed."
}

/** The kinds that can be chosen, with what they will do. */
export const faultKinds = [
  ["ErrorResponse", "Error response", "The server responds with an error, and the call does not run."],
  ["RateLimited", "Rate limited", "The rate limit rejects the call with status 429."],
  ["Slow", "Slow response", "The response is delayed."],
  ["ConnectionLost", "Connection lost", "The connection breaks before the call runs."],
  ["ResponseLost", "Response lost", "The call runs, but its response never arrives."],
  ["ResponseTruncated", "Response truncated", "The call runs, but its response body is truncated."],
  ["BadGateway", "Bad gateway", "A proxy responds with status 502 and an HTML page."]
] as const

export type FaultTag = (typeof faultKinds)[number][0]
