/**
 * The shapes of whole response bodies: data in the envelope of the API, and errors.
 */
import type { OperationFacts } from "../../src/internal/operation/operation.js"
import { dataShape } from "./operations.js"
import { type Shape, unknownShape } from "./shape.js"

const field = (shape: Shape, optional = false) => ({ shape, optional })

const plainText: Shape = { kind: "text", values: undefined, means: undefined, nullable: false }
const flag: Shape = { kind: "boolean", nullable: false }

const record = (fields: Readonly<Record<string, ReturnType<typeof field>>>): Shape => ({
  kind: "object",
  fields: new Map(Object.entries(fields)),
  nullable: false
})

/** An error as every operation reports it. */
export const errorShape: Shape = record({
  ok: field(flag),
  error: field(
    record({
      code: field(plainText),
      message: field(plainText),
      retryable: field(flag),
      param: field(plainText, true),
      doc_url: field(plainText, true),
      errors: field(
        {
          kind: "list",
          item: record({ field: field(plainText), code: field(plainText), message: field(plainText) }),
          nullable: false
        },
        true
      )
    })
  ),
  meta: field(record({ request_id: field(plainText) }))
})

const pageShape = record({
  has_more: field(flag),
  next_cursor: field({ ...plainText, nullable: true }, true)
})

/** The shape of the body of a response with a status below 400. */
export const successShape = (operation: OperationFacts | undefined): Shape => {
  const data = dataShape(operation)
  if (operation?.response === "document") return unknownShape
  return record({
    ok: field(flag),
    data: field(data),
    meta: field(unknownShape),
    ...(operation?.flags.paginated === true ? { pagination: field(pageShape) } : {})
  })
}
