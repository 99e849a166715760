/**
 * The method of an upload grant, which the API may extend.
 */
import * as Effect from "effect/Effect"
import type { ApiResponse } from "../model/call.js"
import { ResponseDecodeError } from "../model/errors.js"

/** Fails if a grant requires another method than `PUT`, because another method may need another form of request. */
export const checkUploadMethod = (
  operation: string,
  { data, meta }: ApiResponse<{ readonly method: string }>
): Effect.Effect<void, ResponseDecodeError> =>
  data.method.toUpperCase() === "PUT"
    ? Effect.void
    : Effect.fail(
        new ResponseDecodeError({
          operation,
          status: meta.status,
          requestId: meta.requestId,
          issue: "method: the upload grant requires a method other than PUT, which this version cannot send"
        })
      )
