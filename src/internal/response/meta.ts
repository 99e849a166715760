/**
 * What accompanies the data of a response.
 */
import type { ResponseMeta } from "../model/call.js"
import { type HeaderRecord, rateLimitOf, requestIdOf, retryAfterOf } from "../model/headers.js"
import { isRecord } from "../values/json.js"
import type { AttemptContext } from "./context.js"

const noExtra: Readonly<Record<string, unknown>> = Object.freeze({})

export const metaOf = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  envelopeMeta: unknown
): ResponseMeta => ({
  status,
  requestId: requestIdOf(context.secrets, headers, envelopeMeta),
  etag: headers["etag"],
  location: headers["location"],
  rateLimit: rateLimitOf(headers),
  retryAfter: retryAfterOf(status, headers, context.now),
  attempts: context.attempts,
  extra: extraOf(envelopeMeta)
})

/** Everything in the envelope's `meta` but the request id, which most responses have alone. */
const extraOf = (envelopeMeta: unknown): Readonly<Record<string, unknown>> => {
  if (!isRecord(envelopeMeta)) return noExtra
  for (const key in envelopeMeta) {
    if (key !== "request_id") {
      const { request_id: _, ...extra } = envelopeMeta
      return extra
    }
  }
  return noExtra
}
