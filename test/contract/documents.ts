/**
 * Reads the contract from the vendor's OpenAPI documents. They are not part of this repository: the folder that holds
 * them lies beside it, or the environment variable `SENDMUX_DOCUMENTS` names it.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { ResponseKind } from "../../src/internal/operation/flags.js"
import type { HttpMethod, Surface } from "../../src/internal/operation/operation.js"
import { type Contract, type DocumentedOperation, successOf } from "./contract.js"
import { type Components, type JsonSchema, type Shape, shapeOf } from "./shapes.js"

export const documentsFolder =
  process.env["SENDMUX_DOCUMENTS"] ?? fileURLToPath(new URL("../../../shared/", import.meta.url))

const documentNames = ["openapi-sending.json", "openapi-app.json", "newer-operations.json"] as const

type DocumentName = (typeof documentNames)[number]

const pathOf = (name: DocumentName): string => join(documentsFolder, "openapi", name)

/** The list that gives each operation of the documents its name in the SDK. */
const namesPath = join(documentsFolder, "operations.json")

export const hasDocuments = [namesPath, ...documentNames.map(pathOf)].every((path) => existsSync(path))

interface Parameter {
  readonly $ref?: string
  readonly in: "query" | "header" | "path"
  readonly name: string
  readonly required?: boolean
  readonly schema: JsonSchema
}

type Content = Readonly<Record<string, { readonly schema?: JsonSchema }>>

interface DocumentResponse {
  readonly headers?: object
  readonly content?: Content
}

interface DocumentOperation {
  readonly operationId: string
  readonly parameters?: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, DocumentResponse>>
  readonly security?: ReadonlyArray<unknown>
  readonly "x-path"?: string
  readonly "x-server"?: string
}

interface OpenApi {
  readonly servers: ReadonlyArray<{ readonly url: string }>
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>
  readonly components: {
    readonly schemas?: Components
    readonly parameters?: Readonly<Record<string, Parameter>>
  }
}

interface NamedOperation {
  readonly operationId: string
  readonly surface: Surface
  readonly group: string
  readonly method: string
}

const httpMethods: Readonly<Record<string, HttpMethod>> = {
  get: "GET",
  post: "POST",
  put: "PUT",
  patch: "PATCH",
  delete: "DELETE"
}

const readDocument = (name: DocumentName): OpenApi => JSON.parse(readFileSync(pathOf(name), "utf8"))

/** The contract that the documents describe, with the corrections of `intended.ts`. */
export const readDocuments = (): Contract => {
  const app = schemasOf("openapi-app.json")
  const payload = app["WebhookEventPayload"]?.properties?.["type"]
  const errorCode = app["ApiError"]?.properties?.["error"]?.properties?.["code"]
  return {
    operations: readOperations(),
    errors: {
      codes: errorCode?.enum?.map(String) ?? [],
      sending: namedShape(schemasOf("openapi-sending.json"), "ErrorResponse"),
      app: namedShape(app, "ApiError")
    },
    events: {
      types: payload?.enum?.map(String) ?? [],
      payload: namedShape(app, "WebhookEventPayload")
    }
  }
}

const schemasOf = (name: DocumentName): Components => readDocument(name).components.schemas ?? {}

const namedShape = (components: Components, name: string): Shape =>
  shapeOf({ $ref: `#/components/schemas/${name}` }, components, name)

const readOperations = (): ReadonlyArray<DocumentedOperation> => {
  const named: ReadonlyArray<NamedOperation> = JSON.parse(readFileSync(namesPath, "utf8"))
  const names = new Map(named.map((operation) => [operation.operationId, operation]))
  return documentNames.flatMap((documentName) => {
    const document = readDocument(documentName)
    return Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([verb, operation]) => {
        const http = httpMethods[verb]
        if (http === undefined) return []
        const name = names.get(operation.operationId)
        if (name === undefined) throw new Error(`operations.json does not name ${operation.operationId}`)
        return [describeOperation(document, name, http, operation["x-path"] ?? path, operation)]
      })
    )
  })
}

const describeOperation = (
  { components, servers }: OpenApi,
  { operationId, surface, group, method }: NamedOperation,
  http: HttpMethod,
  path: string,
  operation: DocumentOperation
): DocumentedOperation => {
  const schemas = components.schemas ?? {}
  const parameters = (operation.parameters ?? []).map((parameter) =>
    parameter.$ref === undefined ? parameter : resolveParameter(components.parameters, parameter.$ref)
  )
  const responses = new Map(
    Object.entries(operation.responses).map(([status, { headers = {} }]) => [
      Number(status),
      Object.keys(headers).map((header) => header.toLowerCase())
    ])
  )
  const success = successOf(responses)
  const { kind, schema } = describeResponse(operation.responses[String(success[0])]?.content)
  const whole = schema === undefined ? undefined : shapeOf(schema, schemas, `${operationId}.answer`)
  const body = Object.entries(operation.requestBody?.content ?? {})[0]
  const json = body?.[0] === "application/json" ? body[1].schema : undefined
  return {
    operationId,
    name: `${surface}.${group}.${method}`,
    surface,
    server: operation["x-server"] ?? servers[0]?.url ?? "",
    http,
    path,
    query: new Map(
      parameters
        .filter((parameter) => parameter.in === "query")
        .map((parameter) => [
          parameter.name,
          {
            shape: shapeOf(parameter.schema, schemas, `${operationId}.${parameter.name}`),
            required: parameter.required === true,
            newer: false
          }
        ])
    ),
    headers: new Map(
      parameters
        .filter((parameter) => parameter.in === "header")
        .map((parameter) => [parameter.name.toLowerCase(), parameter.required === true])
    ),
    body: body === undefined ? "none" : json === undefined ? "bytes" : "json",
    bodyShape: json === undefined ? undefined : shapeOf(json, schemas, `${operationId}.body`),
    responses,
    success,
    notModified: responses.has(304),
    response: kind,
    data: kind === "envelope" && whole !== undefined ? dataOf(whole) : whole,
    meta: kind === "envelope" && whole !== undefined ? metaOf(whole) : undefined,
    paginated: whole?.kind === "object" && whole.fields.has("pagination"),
    authenticated: operation.security?.length !== 0
  }
}

const resolveParameter = (
  parameters: Readonly<Record<string, Parameter>> | undefined,
  reference: string
): Parameter => {
  const parameter = parameters?.[reference.split("/").at(-1) ?? ""]
  if (parameter === undefined) throw new Error(`the document has no parameter ${reference}`)
  return parameter
}

const describeResponse = (
  content: Content | undefined
): { readonly kind: ResponseKind; readonly schema: JsonSchema | undefined } => {
  const [type, media] = Object.entries(content ?? {})[0] ?? []
  const schema = media?.schema
  if (type === "application/json") {
    const isEnvelope =
      schema?.$ref !== undefined || schema?.allOf !== undefined || schema?.anyOf !== undefined
    return { kind: isEnvelope ? "envelope" : "document", schema }
  }
  if (type === "text/event-stream") return { kind: "events", schema }
  if (type === "text/plain") return { kind: "text", schema }
  return { kind: "bytes", schema: undefined }
}

/** The `data` of an envelope, or of a choice of envelopes. */
const dataOf = (envelope: Shape): Shape => {
  if (envelope.kind === "choice") return { ...envelope, members: envelope.members.map(dataOf) }
  const data = envelope.kind === "object" ? envelope.fields.get("data") : undefined
  if (data === undefined) throw new Error(`${envelope.address} has no data`)
  return data.shape
}

const metaOf = (envelope: Shape): Shape | undefined => {
  const meta = envelope.kind === "object" ? envelope.fields.get("meta")?.shape : undefined
  return meta?.kind === "object" && meta.fields.size > 1 ? meta : undefined
}
