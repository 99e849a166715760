/** The vendor's OpenAPI documents, where this machine has them, as one list of operations. */
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { ResponseKind } from "../../src/internal/operation/flags.js"
import type { HttpMethod, Surface } from "../../src/internal/operation/operation.js"
import { type Components, type Field, type JsonSchema, type Shape, shapeOf } from "./shapes.js"

const shared = new URL("../../../shared/", import.meta.url)

export const documentsFolder = fileURLToPath(new URL("openapi/", shared))

export const documentsAreHere =
  existsSync(documentsFolder) && existsSync(fileURLToPath(new URL("operations.json", shared)))

export interface DocumentedOperation {
  readonly operationId: string
  /** The name the SDK gives it: `surface.group.method`. */
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
  readonly success: ReadonlyArray<number>
  readonly notModified: boolean
  readonly response: ResponseKind
  readonly data: Shape | undefined
  readonly paginated: boolean
  readonly authenticated: boolean
}

interface Parameter {
  readonly $ref?: string
  readonly in: "query" | "header" | "path"
  readonly name: string
  readonly required?: boolean
  readonly schema: JsonSchema
}

type Content = Readonly<Record<string, { readonly schema?: JsonSchema }>>

interface DocumentOperation {
  readonly operationId: string
  readonly parameters?: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
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

const documentNames = ["openapi-sending.json", "openapi-app.json", "newer-operations.json"]

const read = (name: string): string => readFileSync(new URL(name, shared), "utf8")

/** Every operation of every document. */
export const documentedOperations = (): ReadonlyArray<DocumentedOperation> => {
  const named: ReadonlyArray<NamedOperation> = JSON.parse(read("operations.json"))
  const names = new Map(named.map((operation) => [operation.operationId, operation]))
  return documentNames.flatMap((name) => {
    const document: OpenApi = JSON.parse(read(`openapi/${name}`))
    return Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([verb, operation]) => {
        const http = httpMethods[verb]
        if (http === undefined) return []
        const its = names.get(operation.operationId)
        if (its === undefined) throw new Error(`operations.json does not name ${operation.operationId}`)
        return [describeOperation(document, its, http, operation["x-path"] ?? path, operation)]
      })
    )
  })
}

const appSchemas = (): Components => {
  const { components }: OpenApi = JSON.parse(read("openapi/openapi-app.json"))
  return components.schemas ?? {}
}

/** What a webhook of a type delivers. */
export const documentedEvent = (type: string): Shape => {
  const components = appSchemas()
  const payload = components["WebhookEventPayload"] ?? {}
  const typed = { ...payload, properties: { ...payload.properties, type: { type: "string", enum: [type] } } }
  return shapeOf(typed, components, "WebhookEventPayload")
}

/** The types of event that a document lists. */
export const documentedEventTypes = (): ReadonlyArray<string> =>
  appSchemas()["WebhookEventPayload"]?.properties?.["type"]?.enum?.map(String) ?? []

/** Every code that a document gives an error. */
export const documentedErrorCodes = (): ReadonlyArray<string> =>
  appSchemas()["ApiError"]?.properties?.["error"]?.properties?.["code"]?.enum?.map(String) ?? []

const describeOperation = (
  { components, servers }: OpenApi,
  { operationId, surface, group, method }: NamedOperation,
  http: HttpMethod,
  path: string,
  operation: DocumentOperation
): DocumentedOperation => {
  const schemas = components.schemas ?? {}
  const parameters = (operation.parameters ?? []).map((parameter) =>
    parameter.$ref === undefined ? parameter : resolved(components.parameters, parameter.$ref)
  )
  const statuses = Object.keys(operation.responses).map(Number)
  const success = statuses.filter((status) => status >= 200 && status < 300)
  const { kind, schema } = answer(operation.responses[String(success[0])]?.content)
  const envelope = schema === undefined ? undefined : shapeOf(schema, schemas, `${operationId}.answer`)
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
    success,
    notModified: statuses.includes(304),
    response: kind,
    data: kind === "envelope" && envelope !== undefined ? dataOf(envelope) : envelope,
    paginated: envelope?.kind === "object" && envelope.fields.has("pagination"),
    authenticated: operation.security?.length !== 0
  }
}

const resolved = (parameters: Readonly<Record<string, Parameter>> | undefined, ref: string): Parameter => {
  const parameter = parameters?.[ref.split("/").at(-1) ?? ""]
  if (parameter === undefined) throw new Error(`no parameter ${ref}`)
  return parameter
}

const answer = (
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
