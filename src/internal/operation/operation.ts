/**
 * An operation is data; `pipeline.ts` interprets it.
 */
import { type AnyCodec, type Codec, type Coded, decoder, encoder, secretKeysOf } from "../dialect/schema.js"

export type Surface = "sending" | "mailbox" | "management"

export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/** What an answer's body is. */
export type ResponseKind =
  /** The envelope `{ ok, data, meta, pagination? }`. */
  | "envelope"
  /** JSON without the envelope. */
  | "document"
  | "text"
  /** A stream of bytes. */
  | "bytes"
  /** A stream of server-sent events. */
  | "events"

/** The positional path parameters of a path template: `[string]` for `/domains/{public_id}`. */
export type PathIds<Path extends string> = Path extends `${string}{${string}}${infer Rest}`
  ? [id: string, ...PathIds<Rest>]
  : []

/** Everything known of an operation that does not depend on its types. */
export interface OperationFacts {
  readonly surface: Surface
  readonly group: string
  readonly method: string
  readonly http: HttpMethod
  /** The path below the base URL; `{name}` stands for a positional id. */
  readonly path: string
  /** The status of success. */
  readonly success: ReadonlyArray<number>
  readonly response: ResponseKind
  /** Where the input's keys travel, apart from the JSON body. */
  readonly query: ReadonlyArray<string>
  /** Input keys that travel as headers: key to header name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: "none" | "json" | "bytes"
  /** Takes an `Idempotency-Key`. */
  readonly idempotencyKey: boolean
  /** Takes `If-Match`. */
  readonly ifMatch: boolean
  /** Takes `If-None-Match` and may answer 304. */
  readonly conditional: boolean
  /** Takes the `mailbox_id` query of the mailbox surface. */
  readonly mailboxId: boolean
  /** A list behind cursors. */
  readonly paginated: boolean
  /** May be sent again after a failure that leaves open whether it was run. */
  readonly replayable: boolean
  /** Carries the credential. */
  readonly authenticated: boolean
  /** The most bytes an upload may have. */
  readonly maxBytes: number | undefined
  readonly input: AnyCodec | undefined
  readonly data: AnyCodec | undefined
}

/** An operation with the types of its ids, its input and its data (for a list: the array of items). */
export interface Operation<out Ids extends ReadonlyArray<string>, in Input, out A> extends OperationFacts {
  /** Checks an input and gives its wire form. Compiled on first use. */
  readonly encode: (input: unknown) => Coded<unknown>
  /** Decodes the data of an answer. Compiled on first use. */
  readonly decode: (data: unknown) => Coded<A>
  /** The input's keys whose values are secrets. Looked up on first use. */
  readonly secretKeys: () => ReadonlyArray<string>
  readonly types?: { readonly ids: Ids; readonly input: (input: Input) => void }
}

/** An operation of whatever types. */
export type AnyOperation = Operation<ReadonlyArray<string>, never, unknown>

/** The input of an operation that has none. */
export type NoInput = undefined

interface Definition<Path extends string, Input, InputWire, A, DataWire> {
  readonly http: HttpMethod
  readonly path: Path
  readonly input?: Codec<Input, InputWire>
  /** The schema of the envelope's `data`. A stream has none. */
  readonly data?: Codec<A, DataWire>
  /** Default: 200. */
  readonly success?: ReadonlyArray<number>
  /** Default: the envelope. */
  readonly response?: ResponseKind
  /** Where the input's keys that are neither header nor query go. Default: there are none. */
  readonly body?: "json" | "bytes"
  /** The query keys of an operation with a body; without one, every key is a query key. */
  readonly query?: ReadonlyArray<string>
  readonly headers?: Readonly<Record<string, string>>
  readonly idempotencyKey?: true
  readonly ifMatch?: true
  readonly conditional?: true
  readonly mailboxId?: true
  readonly paginated?: true
  /** Default: whether the method is safe or a DELETE. */
  readonly replayable?: true
  readonly authenticated?: false
  readonly maxBytes?: number
}

/**
 * Describes an operation by its dotted name, as in `operation("sending.emails.send", { ... })`.
 */
export const operation = <
  const Path extends string,
  Input = undefined,
  InputWire = unknown,
  A = undefined,
  DataWire = unknown
>(
  name: `${Surface}.${string}.${string}`,
  definition: Definition<Path, Input, InputWire, A, DataWire>
): Operation<PathIds<Path>, Input, A> => {
  const [surface, group, method] = splitName(name)
  let secretKeys: ReadonlyArray<string> | undefined
  return {
    surface,
    group,
    method,
    http: definition.http,
    path: definition.path,
    success: definition.success ?? [200],
    response: definition.response ?? "envelope",
    query: definition.query ?? [],
    headers: definition.headers ?? {},
    body: definition.body ?? "none",
    idempotencyKey: definition.idempotencyKey === true,
    ifMatch: definition.ifMatch === true,
    conditional: definition.conditional === true,
    mailboxId: definition.mailboxId === true,
    paginated: definition.paginated === true,
    replayable: definition.replayable ?? (definition.http === "GET" || definition.http === "DELETE"),
    authenticated: definition.authenticated ?? true,
    maxBytes: definition.maxBytes,
    input: definition.input,
    data: definition.data,
    encode: lazily(() => (definition.input === undefined ? noInput : encoder(definition.input))),
    decode: lazily(() => decoder(definition.data ?? missingData(name))),
    secretKeys: () => {
      secretKeys ??= definition.input === undefined ? [] : secretKeysOf(definition.input.ast)
      return secretKeys
    }
  }
}

const noInput = (): Coded<unknown> => ({ ok: true, value: {} })

const missingData = (name: string): never => {
  throw new Error(`${name} has no data schema`)
}

/** Makes a function on its first call. */
const lazily = <A, B>(make: () => (a: A) => B): ((a: A) => B) => {
  let made: ((a: A) => B) | undefined
  return (a) => {
    made ??= make()
    return made(a)
  }
}

const splitName = (name: string): readonly [Surface, string, string] => {
  const [surface, group, method] = name.split(".")
  if ((surface !== "sending" && surface !== "mailbox" && surface !== "management") || !group || !method) {
    throw new Error(`not an operation's name: ${name}`)
  }
  return [surface, group, method]
}

/** The name under which an operation appears in errors, spans and metrics. */
export const operationName = (operation: OperationFacts): string =>
  `${operation.surface}.${operation.group}.${operation.method}`

/** Where a key of the input travels. Of an upload, `content`, `size` and `content_type` make the body. */
export const placeOf = (operation: OperationFacts, key: string): "query" | "header" | "body" | "content" => {
  if (key in operation.headers) return "header"
  if (operation.body === "none" || operation.query.includes(key)) return "query"
  return operation.body === "bytes" ? "content" : "body"
}

/** How many positional ids a path takes. */
export const idCount = (operation: OperationFacts): number => operation.path.split("{").length - 1

/** Recognises an operation among a module's exports. */
export const isOperation = (u: unknown): u is OperationFacts =>
  typeof u === "object" && u !== null && "surface" in u && "http" in u && "path" in u && "success" in u
