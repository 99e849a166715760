/**
 * The form in which the facts of the contract are kept in `test/contract/facts`: short JSON that names only what the
 * tests check. The files hold no text of the vendor.
 */
import type { Contract, DocumentedOperation } from "./contract.js"
import { successOf, surfaces } from "./contract.js"
import type { Field, ObjectShape, Shape } from "./shapes.js"

// -----------------------------------------------------------------------------
// the JSON
// -----------------------------------------------------------------------------

/**
 * A shape: the name of a kind (`"text"`), a reference to a schema of the same file (`"#Balance"`), or either as `type`
 * with what else applies to it.
 */
export type ShapeFact = string | DetailedShapeFact

interface DetailedShapeFact {
  readonly type: string
  /** The address, where it does not follow from the place. */
  readonly at?: string
  readonly nullable?: true
  /** A field that servers of August 2026 do not have. */
  readonly newer?: true
  readonly values?: ReadonlyArray<string | number | boolean>
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly format?: string
  readonly items?: ShapeFact
  readonly fields?: FieldFacts
  /** What further keys of an object hold. */
  readonly others?: ShapeFact
  /** The members of a choice. */
  readonly of?: ReadonlyArray<ShapeFact>
}

/** The fields of an object; the key of an optional one ends with `?`. */
export type FieldFacts = { readonly [key: string]: ShapeFact }

export interface OperationFact {
  readonly id: string
  readonly http: DocumentedOperation["http"]
  readonly path: string
  /** Default: the server of the file. */
  readonly server?: string
  readonly authenticated?: false
  readonly query?: FieldFacts
  /** Header parameters; the name of an optional one ends with `?`. */
  readonly headers?: ReadonlyArray<string>
  /** Default: no body. */
  readonly body?: "bytes" | { readonly json: ShapeFact }
  /** Each documented status, with its response headers. */
  readonly responses: { readonly [status: string]: ReadonlyArray<string> }
  readonly response: DocumentedOperation["response"]
  readonly paginated?: true
  readonly data?: ShapeFact
  readonly meta?: ShapeFact
}

interface WithSchemas {
  readonly schemas: { readonly [name: string]: ShapeFact }
}

export interface SurfaceFacts extends WithSchemas {
  readonly server: string
  /** By `group.method`. */
  readonly operations: { readonly [name: string]: OperationFact }
}

export interface CommonFacts extends WithSchemas {
  readonly errors: {
    readonly codes: ReadonlyArray<string>
    readonly sending: ShapeFact
    readonly app: ShapeFact
  }
  readonly events: { readonly types: ReadonlyArray<string>; readonly payload: ShapeFact }
}

export type Facts = Readonly<Record<(typeof surfaces)[number], SurfaceFacts>> & {
  readonly common: CommonFacts
}

// -----------------------------------------------------------------------------
// from a contract
// -----------------------------------------------------------------------------

/** The facts of a contract. */
export const toFacts = (contract: Contract): Facts => {
  const [sending, management, mailbox] = surfaces.map((surface) =>
    surfaceFacts(contract.operations.filter((operation) => operation.surface === surface))
  )
  if (sending === undefined || management === undefined || mailbox === undefined) {
    throw new Error("a surface has no facts")
  }
  const { schemas, shape } = shapeWriter()
  const { errors, events } = contract
  return {
    sending,
    management,
    mailbox,
    common: {
      errors: {
        codes: errors.codes,
        sending: shape(errors.sending, ""),
        app: shape(errors.app, "")
      },
      events: { types: events.types, payload: shape(events.payload, "") },
      schemas: schemas()
    }
  }
}

const surfaceFacts = (operations: ReadonlyArray<DocumentedOperation>): SurfaceFacts => {
  const writer = shapeWriter()
  const server = operations[0]?.server ?? ""
  const facts = operations.map(
    (operation) =>
      [operation.name.slice(operation.surface.length + 1), operationFact(operation, server, writer)] as const
  )
  return { server, operations: Object.fromEntries(sorted(facts)), schemas: writer.schemas() }
}

const operationFact = (
  operation: DocumentedOperation,
  server: string,
  { fields, shape }: ShapeWriter
): OperationFact => {
  const { authenticated, body, bodyShape, data, headers, meta, operationId, paginated, query } = operation
  return {
    id: operationId,
    http: operation.http,
    path: operation.path,
    ...(operation.server === server ? {} : { server: operation.server }),
    ...(authenticated ? {} : { authenticated }),
    ...(query.size === 0 ? {} : { query: fields(query, operationId) }),
    ...(headers.size === 0
      ? {}
      : { headers: [...headers].map(([name, required]) => (required ? name : `${name}?`)) }),
    ...(body === "bytes" ? { body } : {}),
    ...(bodyShape === undefined ? {} : { body: { json: shape(bodyShape, `${operationId}.body`) } }),
    responses: Object.fromEntries(operation.responses),
    response: operation.response,
    ...(paginated ? { paginated } : {}),
    ...(data === undefined ? {} : { data: shape(data, `${operationId}.data`) }),
    ...(meta === undefined ? {} : { meta: shape(meta, `${operationId}.meta`) })
  }
}

interface ShapeWriter {
  readonly shape: (shape: Shape, address: string) => ShapeFact
  readonly fields: (fields: ReadonlyMap<string, Field>, parent: string) => FieldFacts
  /** Every schema that a shape so far refers to. */
  readonly schemas: () => WithSchemas["schemas"]
}

const shapeWriter = (): ShapeWriter => {
  const schemas = new Map<string, ShapeFact>()

  const fields: ShapeWriter["fields"] = (all, parent) =>
    Object.fromEntries(
      [...all].map(([name, field]) => {
        const fact = shape(field.shape, `${parent}.${name}`)
        const detailed = typeof fact === "string" ? { type: fact } : fact
        return [field.required ? name : `${name}?`, field.newer ? { ...detailed, newer: true } : fact]
      })
    )

  const shape: ShapeWriter["shape"] = (given, address) =>
    reference(given, address) ?? simplified(detailed(given, address))

  /** A reference to a named schema; nothing where another schema already has the name. */
  const reference = (given: Shape, address: string): ShapeFact | undefined => {
    const isNamed = (given.kind === "object" || given.kind === "choice") && /^[A-Z]\w*$/.test(given.address)
    if (!isNamed || given.address === address) return undefined
    const schema = simplified(detailed({ ...given, nullable: false }, given.address))
    const known = schemas.get(given.address)
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) return undefined
    schemas.set(given.address, schema)
    return simplified({ type: `#${given.address}`, ...nullability(given) })
  }

  const detailed = (given: Shape, address: string): DetailedShapeFact => {
    const common = {
      ...(given.address === address ? {} : { at: given.address }),
      ...(given.kind === "unknown" ? {} : nullability(given))
    }
    switch (given.kind) {
      case "text":
        return {
          type: "text",
          ...common,
          ...defined({
            values: given.values,
            min: given.min,
            max: given.max,
            pattern: given.pattern,
            format: given.format
          })
        }
      case "number":
        return {
          type: given.whole ? "integer" : "number",
          ...common,
          ...defined({ values: given.values, min: given.min, max: given.max })
        }
      case "boolean":
        return { type: "boolean", ...common, ...defined({ values: given.values }) }
      case "list":
        return {
          type: "list",
          ...common,
          ...defined({ min: given.min, max: given.max }),
          items: shape(given.item, `${given.address}[]`)
        }
      case "object":
        return {
          type: "object",
          ...common,
          fields: fields(given.fields, given.address),
          ...(given.others === undefined ? {} : { others: shape(given.others, `${given.address}.*`) })
        }
      case "choice":
        return { type: "choice", ...common, of: given.members.map((member) => shape(member, given.address)) }
      case "unknown":
        return { type: "unknown", ...common }
    }
  }

  return { shape, fields, schemas: () => Object.fromEntries(sorted([...schemas])) }
}

const nullability = ({ nullable }: Shape): { readonly nullable?: true } => (nullable ? { nullable } : {})

const simplified = (fact: DetailedShapeFact): ShapeFact => (Object.keys(fact).length === 1 ? fact.type : fact)

/** The properties that have a value. */
const defined = <A extends object>(record: A): { [Key in keyof A]?: Exclude<A[Key], undefined> } => {
  const kept: { [Key in keyof A]?: Exclude<A[Key], undefined> } = {}
  for (const key of Object.keys(record) as Array<keyof A>) {
    const value = record[key]
    if (value !== undefined) kept[key] = value as Exclude<A[keyof A], undefined>
  }
  return kept
}

const sorted = <A>(entries: ReadonlyArray<readonly [string, A]>): ReadonlyArray<readonly [string, A]> =>
  [...entries].sort(([one], [other]) => (one < other ? -1 : 1))

// -----------------------------------------------------------------------------
// to a contract
// -----------------------------------------------------------------------------

/** The contract that facts describe. */
export const fromFacts = (facts: Facts): Contract => {
  const { errors, events, schemas } = facts.common
  const { shape } = shapeReader(schemas)
  return {
    operations: surfaces.flatMap((surface) => {
      const { operations, schemas, server } = facts[surface]
      const reader = shapeReader(schemas)
      return Object.entries(operations).map(([name, fact]) =>
        readOperation(`${surface}.${name}`, surface, server, fact, reader)
      )
    }),
    errors: { codes: errors.codes, sending: shape(errors.sending, ""), app: shape(errors.app, "") },
    events: { types: events.types, payload: shape(events.payload, "") }
  }
}

const readOperation = (
  name: string,
  surface: DocumentedOperation["surface"],
  server: string,
  fact: OperationFact,
  { fields, shape }: ShapeReader
): DocumentedOperation => {
  const { body, data, id, meta } = fact
  const json = typeof body === "object" ? body.json : undefined
  const responses = new Map(
    Object.entries(fact.responses).map(([status, headers]) => [Number(status), headers])
  )
  return {
    operationId: id,
    name,
    surface,
    server: fact.server ?? server,
    http: fact.http,
    path: fact.path,
    query: fields(fact.query ?? {}, id),
    headers: new Map((fact.headers ?? []).map((header) => [withoutMark(header), !isOptional(header)])),
    body: body === undefined ? "none" : body === "bytes" ? "bytes" : "json",
    bodyShape: json === undefined ? undefined : shape(json, `${id}.body`),
    responses,
    success: successOf(responses),
    notModified: responses.has(304),
    response: fact.response,
    data: data === undefined ? undefined : shape(data, `${id}.data`),
    meta: meta === undefined ? undefined : shape(meta, `${id}.meta`),
    paginated: fact.paginated === true,
    authenticated: fact.authenticated !== false
  }
}

const isOptional = (key: string): boolean => key.endsWith("?")

const withoutMark = (key: string): string => (isOptional(key) ? key.slice(0, -1) : key)

interface ShapeReader {
  readonly shape: (fact: ShapeFact, address: string) => Shape
  readonly fields: (facts: FieldFacts, parent: string) => ObjectShape["fields"]
}

const shapeReader = (schemas: WithSchemas["schemas"]): ShapeReader => {
  const fields: ShapeReader["fields"] = (facts, parent) =>
    new Map(
      Object.entries(facts).map(([key, fact]) => {
        const name = withoutMark(key)
        const newer = typeof fact === "object" && fact.newer === true
        return [name, { shape: shape(fact, `${parent}.${name}`), required: !isOptional(key), newer }]
      })
    )

  const shape: ShapeReader["shape"] = (given, place) => {
    const fact = typeof given === "string" ? { type: given } : given
    const address = fact.at ?? place
    const nullable = fact.nullable === true
    switch (fact.type) {
      case "text":
        return {
          kind: "text",
          address,
          nullable,
          values: fact.values?.map(String),
          min: fact.min,
          max: fact.max,
          pattern: fact.pattern,
          format: fact.format
        }
      case "integer":
      case "number":
        return {
          kind: "number",
          address,
          nullable,
          whole: fact.type === "integer",
          values: fact.values?.map(Number),
          min: fact.min,
          max: fact.max
        }
      case "boolean":
        return { kind: "boolean", address, nullable, values: fact.values?.map((value) => value === true) }
      case "list": {
        const item = shape(fact.items ?? "unknown", `${address}[]`)
        return { kind: "list", address, nullable, item, min: fact.min, max: fact.max }
      }
      case "object":
        return {
          kind: "object",
          address,
          nullable,
          fields: fields(fact.fields ?? {}, address),
          others: fact.others === undefined ? undefined : shape(fact.others, `${address}.*`)
        }
      case "choice":
        return {
          kind: "choice",
          address,
          nullable,
          members: (fact.of ?? []).map((member) => shape(member, address))
        }
      case "unknown":
        return { kind: "unknown", address, nullable: true }
      default: {
        const name = fact.type.slice(1)
        const schema = schemas[name]
        if (schema === undefined)
          throw new Error(`${place} refers to ${fact.type}, which the file does not have`)
        return { ...shape(schema, name), nullable }
      }
    }
  }

  return { shape, fields }
}
