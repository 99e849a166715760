/**
 * Errors of one operation, whose other fields have plain values unless a test gives them.
 */
import { APIError, TransportError } from "../../src/internal/model/errors.js"

type Fields = Partial<Omit<ConstructorParameters<typeof APIError>[0], "operation" | "status">>

/** Makes errors of the operation. */
export const errorsOf = (operation: string) => ({
  /** An error response. Its code is that of a response without an envelope. */
  apiError: (status: number, fields: Fields = {}): APIError =>
    new APIError({
      operation,
      status,
      code: `http_${status}`,
      detail: "It failed",
      param: undefined,
      docUrl: undefined,
      errors: [],
      retryable: status >= 500,
      truncated: undefined,
      requestId: undefined,
      retryAfter: undefined,
      rateLimit: undefined,
      attempts: 1,
      ...fields
    }),

  /** A failure without a response, with the code of the system if there is one. */
  transportError: (reason: TransportError["reason"], systemCode?: string): TransportError =>
    new TransportError({ operation, reason, detail: "It failed", systemCode, attempts: 1 })
})
