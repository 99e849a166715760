/** The API's contract in the form in which the tests read it: one list of operations, errors and webhook events. */
import type { ResponseKind } from "../../src/internal/operation/flags.js"
import type { HttpMethod, Surface } from "../../src/internal/operation/operation.js"
import type { Field, Shape } from "./shapes.js"

/** What the API documents about one operation. */
export interface DocumentedOperation {
  /** The vendor's name, with which the addresses of the operation's parameters begin. */
  readonly operationId: string
  /** The SDK's name: `surface.group.method`. */
  readonly name: string
  readonly surface: Surface
  readonly server: string
  readonly http: HttpMethod
  readonly path: string
  readonly query: ReadonlyMap<string, Field>
  /** Header parameters in lower case, and whether they are required. */
  readonly headers: ReadonlyMap<string, boolean>
  readonly body: "none" | "json" | "bytes"
  readonly bodyShape: Shape | undefined
  /** Each documented status, with the response headers in lower case. */
  readonly responses: ReadonlyMap<number, ReadonlyArray<string>>
  readonly success: ReadonlyArray<number>
  readonly notModified: boolean
  readonly response: ResponseKind
  /** The `data` of an envelope, or the whole of any other response body. */
  readonly data: Shape | undefined
  /** The `meta` of an envelope, where it documents more than the request id. */
  readonly meta: Shape | undefined
  readonly paginated: boolean
  readonly authenticated: boolean
}

export interface Contract {
  readonly operations: ReadonlyArray<DocumentedOperation>
  readonly errors: {
    /** Every documented error code. */
    readonly codes: ReadonlyArray<string>
    /** The error response of the Sending API. */
    readonly sending: Shape
    /** The error response of the Management and Mailbox APIs. */
    readonly app: Shape
  }
  readonly events: {
    /** Every documented type of webhook event. */
    readonly types: ReadonlyArray<string>
    /** The body of a webhook delivery of any type. */
    readonly payload: Shape
  }
}

export const surfaces = ["sending", "management", "mailbox"] as const satisfies ReadonlyArray<Surface>

/** The body of a webhook delivery of one type. */
export const eventOf = ({ events: { payload } }: Contract, type: string): Shape => {
  const field = payload.kind === "object" ? payload.fields.get("type") : undefined
  if (payload.kind !== "object" || field?.shape.kind !== "text") {
    throw new Error('a webhook delivery has no field "type"')
  }
  const fields = new Map(payload.fields).set("type", { ...field, shape: { ...field.shape, values: [type] } })
  return { ...payload, fields }
}

/** The statuses of success among documented statuses. */
export const successOf = (responses: DocumentedOperation["responses"]): ReadonlyArray<number> =>
  [...responses.keys()].filter((status) => status >= 200 && status < 300)
