/**
 * An operation is data: a name, a method and path, schemas and flags. The pipeline interprets it.
 */
import { type AnyCodec, type Codec, type Coded, decoder, encoder, secretKeysOf } from "../dialect/schema.js"
import type { Surface } from "../model/surfaces.js"
import { lazily } from "../values/memo.js"
import { type Flag, type Flagged, flagsOf, type ResponseKind, type Trait } from "./flags.js"

export type { Surface } from "../model/surfaces.js"

/**
 * The HTTP methods of the API.
 *
 * @since 0.2.0
 * @category models
 */
export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/**
 * The positional path parameters of a path template: `[string]` for `/domains/{public_id}`.
 *
 * @since 0.2.0
 * @category models
 */
export type PathIds<Path extends string> = Path extends `${string}{${string}}${infer Rest}`
  ? [id: string, ...PathIds<Rest>]
  : []

/**
 * Everything about an operation that does not depend on its types.
 *
 * @since 0.2.0
 * @category models
 */
export interface OperationFacts {
  /** The dotted name by which errors, spans and metrics refer to it, such as `sending.emails.send`. */
  readonly name: string
  readonly surface: Surface
  readonly group: string
  readonly method: string
  readonly http: HttpMethod | "HEAD" | "OPTIONS"
  /** The path below the base URL; `{name}` stands for a positional id. */
  readonly path: string
  /** How many positional ids the path has. */
  readonly idCount: number
  /** The statuses of success. */
  readonly success: ReadonlyArray<number>
  readonly response: ResponseKind
  /** The operation's flags and its kind of response, each `true` where it applies. */
  readonly flags: { readonly [Name in Trait]?: true }
  /** Input keys sent in the query. */
  readonly query: ReadonlyArray<string>
  /** Input keys sent as headers: key to header name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: "none" | "json" | "bytes"
  /** Whether it may be sent again after a failure that leaves open whether the server ran it. */
  readonly replayable: boolean
  /** Whether the request carries the credential. */
  readonly authenticated: boolean
  /** The largest upload in bytes. */
  readonly maxBytes: number | undefined
  readonly input: AnyCodec | undefined
  readonly data: AnyCodec | undefined
}

/**
 * An operation with its types: positional ids, input, decoded data (for a list, the array of items), traits, and the
 * data as it is on the wire.
 *
 * @since 0.2.0
 * @category models
 */
export interface Operation<
  out Ids extends ReadonlyArray<string>,
  in Input,
  out A,
  in T extends Trait = never,
  out Wire = unknown
> extends Omit<OperationFacts, "flags">,
    Flagged<T> {
  /** Checks an input and gives its wire form. Compiled on first use. */
  readonly encode: (input: unknown) => Coded<unknown>
  /** Decodes the data of a response. Compiled on first use. */
  readonly decode: (data: unknown) => Coded<A>
  /** The input's keys whose values are secrets. Computed on first use. */
  readonly secretKeys: () => ReadonlyArray<string>
  readonly types?: { readonly ids: Ids; readonly input: (input: Input) => void; readonly wire: Wire }
}

/** An operation of any types. */
export type AnyOperation = Operation<ReadonlyArray<string>, never, unknown> & OperationFacts

/**
 * The description of an operation.
 *
 * @since 0.2.0
 * @category models
 */
export interface OperationDefinition<
  Path extends string,
  Input,
  InputWire,
  A,
  Wire,
  F extends Flag,
  K extends ResponseKind
> {
  readonly http: HttpMethod
  /** The path below the base URL. Each `{name}` is a positional argument of the method. */
  readonly path: Path
  /** The schema of the input. Keys that it does not know are refused. Default: the method has no input. */
  readonly input?: Codec<Input, InputWire>
  /** The schema of the envelope's `data`. A stream has none. */
  readonly data?: Codec<A, Wire>
  /** Default: 200. */
  readonly success?: ReadonlyArray<number>
  /** Default: the envelope. */
  readonly response?: K
  /** Default: none. */
  readonly flags?: ReadonlyArray<F>
  /** Where the input keys go that are sent neither as headers nor in the query. Default: the operation has no body. */
  readonly body?: "json" | "bytes"
  /** The query keys of an operation with a body; without a body every key is a query key. */
  readonly query?: ReadonlyArray<string>
  /** The input keys that are sent as headers: key to header name. */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether it may be sent again when it is unknown whether the server ran it. Default: `true` for GET and DELETE. */
  readonly replayable?: true
  /** `false` if the request does not carry the credential. */
  readonly authenticated?: false
  /** The largest upload in bytes. */
  readonly maxBytes?: number
}

/**
 * The dotted name of an operation: surface, group and method, such as `management.reports.create`.
 *
 * @since 0.2.0
 * @category models
 */
export type OperationName = `${Surface}.${string}.${string}`

/**
 * Describes an operation by its dotted name, as in `operation("sending.emails.send", { ... })`.
 */
export const operation = <
  const Path extends string,
  Input = undefined,
  InputWire = unknown,
  A = undefined,
  Wire = undefined,
  const F extends Flag = never,
  const K extends ResponseKind = "envelope"
>(
  name: OperationName,
  definition: OperationDefinition<Path, Input, InputWire, A, Wire, F, K>
): Operation<PathIds<Path>, Input, A, F | K, Wire> => {
  const [surface, group, method] = splitName(name)
  const response: ResponseKind = definition.response ?? "envelope"
  let secretKeys: ReadonlyArray<string> | undefined
  return {
    name,
    surface,
    group,
    method,
    http: definition.http,
    path: definition.path,
    idCount: definition.path.split("{").length - 1,
    success: definition.success ?? [200],
    response,
    // Without a definition `K` is its default, the envelope.
    flags: flagsOf<F | K>([...(definition.flags ?? []), response as K]),
    query: definition.query ?? [],
    headers: definition.headers ?? {},
    body: definition.body ?? "none",
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

const splitName = (name: string): readonly [Surface, string, string] => {
  const [surface, group, method] = name.split(".")
  if ((surface !== "sending" && surface !== "mailbox" && surface !== "management") || !group || !method) {
    throw new Error(`${name} is not the name of an operation: expected surface.group.method`)
  }
  return [surface, group, method]
}

/** The name under which an operation appears in errors, spans and metrics. */
export const operationName = (operation: OperationFacts): string => operation.name

/** Where a key of the input is sent. In an upload `content`, `size` and `content_type` make the body. */
export const placeOf = (operation: OperationFacts, key: string): "query" | "header" | "body" | "content" => {
  if (Object.hasOwn(operation.headers, key)) return "header"
  if (operation.body === "none" || operation.query.includes(key)) return "query"
  return operation.body === "bytes" ? "content" : "body"
}

/** Recognizes an operation among a module's exports. */
export const isOperation = (u: unknown): u is OperationFacts =>
  typeof u === "object" && u !== null && "surface" in u && "http" in u && "path" in u && "success" in u
