/**
 * From the text of a successful response to its data. Bodies are read as text and then parsed, so that a truncated body
 * is a failure of transport and not of decoding.
 */
import type { ApiResponse, ResponseMeta } from "../model/call.js"
import type { APIError, ResponseDecodeError, TransportError } from "../model/errors.js"
import type { HeaderRecord } from "../model/headers.js"
import type { Operation } from "../operation/operation.js"
import { isRecord, looksLikeJson, parseJson, stringIn } from "../values/json.js"
import type { AttemptContext } from "./context.js"
import { apiError, decodeFailure, encodingOf, isEncoded, truncatedBody, unexpectedBody } from "./errors.js"
import { metaOf } from "./meta.js"

/** A response with its pagination, from which a list builds a page. */
export interface Fetched<out A> extends ApiResponse<A> {
  readonly hasMore: boolean
  readonly nextCursor: string | undefined
}

type Problem = APIError | ResponseDecodeError | TransportError

/** Data from the text of a successful response. */
export const decodeText = <A>(
  operation: Operation<ReadonlyArray<string>, never, A>,
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  text: string
): Fetched<A> | Problem => {
  const parsed =
    operation.response === "text"
      ? single(text, metaOf(context, status, headers, undefined))
      : parseBody(context, status, headers, text)
  if ("_tag" in parsed) return parsed
  const { data, hasMore, meta, nextCursor } = parsed
  const coded = operation.decode(data)
  return coded.ok
    ? { data: coded.value, hasMore, nextCursor, meta }
    : decodeFailure(context, meta, coded.issues)
}

const single = (data: unknown, meta: ResponseMeta): Fetched<unknown> => ({
  data,
  hasMore: false,
  nextCursor: undefined,
  meta
})

/** The issue of a body that is not JSON. */
export const notJson = (headers: HeaderRecord): string => {
  const message = "expected JSON, and the response body is something else"
  return isEncoded(headers)
    ? `${message}: it is compressed${encodingOf(headers)}, and the HTTP client may not have decompressed it`
    : message
}

/** Parses a JSON body, with or without the envelope. */
const parseBody = (
  context: AttemptContext,
  status: number,
  headers: HeaderRecord,
  text: string
): Fetched<unknown> | Problem => {
  const body = parseJson(text)
  const bareMeta = (): ResponseMeta => metaOf(context, status, headers, undefined)
  if (body === undefined) {
    return text.trim() === "" || looksLikeJson(text)
      ? truncatedBody(context)
      : unexpectedBody(context, bareMeta(), notJson(headers))
  }
  if (context.operation.response === "document") return single(body, bareMeta())
  if (!isRecord(body)) return unexpectedBody(context, bareMeta(), "expected the API's envelope, an object")
  if (body["ok"] === false) return apiError(context, status, headers, text)
  const meta = metaOf(context, status, headers, body["meta"])
  if (!("data" in body)) return unexpectedBody(context, meta, "data is missing")
  const pagination = body["pagination"]
  return {
    data: body["data"],
    hasMore: isRecord(pagination) && pagination["has_more"] === true,
    nextCursor: stringIn(pagination, "next_cursor"),
    meta
  }
}
