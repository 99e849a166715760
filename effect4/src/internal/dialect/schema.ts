/**
 * The dialect's part for Schema, for Effect 4.
 */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as Getter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Parser from "effect/SchemaParser"
import * as Transformation from "effect/SchemaTransformation"
import { asNullable, asString, misfit } from "../values/codecValues.js"
import { compile, Shortcut, type ShortcutSettings, shortcut, strictOptions } from "./codec.js"
import { issuesOf, wordsOf } from "./schemaIssues.js"
import { type Coded, compiled, interpreting } from "./shared/coded.js"
import {
  convertDecimal,
  convertSecret,
  convertTimestamp,
  copyRedacted,
  isoOf,
  plainOf,
  problemOfContent,
  type TimestampInput,
  utcOf
} from "./shared/scalars.js"

/** A schema of `A` with whatever wire form. */
export type Codec<A, I = unknown> = Schema.Codec<A, I>

/** Any schema that needs no services. */
export type AnyCodec = Schema.Codec<unknown, unknown>

type LiteralValue = string | number | boolean

/** One of several literal values. */
export const literals = <const L extends readonly [LiteralValue, ...Array<LiteralValue>]>(
  ...values: L
): Schema.Literals<L> => Schema.Literals(values)

/** One of several schemas. */
export const union = <const M extends readonly [AnyCodec, AnyCodec, ...Array<AnyCodec>]>(
  ...members: M
): Schema.Union<M> => Schema.Union(members)

/** An object with any string keys and values of one schema. */
export const record = <V extends AnyCodec>(value: V): Schema.$Record<typeof Schema.String, V> =>
  Schema.Record(Schema.String, value)

/** An object with any string keys and any values. */
export const unknownRecord: Schema.Codec<
  { readonly [key: string]: unknown },
  { readonly [key: string]: unknown }
> = record(Schema.Unknown)

/** A schema with a further rule: `problem` says what is wrong with a value, or `undefined` when nothing is. */
export const check = <A, I>(
  schema: Schema.Codec<A, I>,
  problem: (value: A) => string | undefined
): Schema.Codec<A, I> => schema.check(Schema.makeFilter((value: A) => problem(value)))

/** A schema described for people, as messages about bad values put it. */
export const described = <A, I>(schema: Schema.Codec<A, I>, description: string): Schema.Codec<A, I> =>
  schema.annotate({ description })

/** An object whose description names what it stands for, such as `an address object`. Its fields stay accessible. */
export const describedStruct = <const Fields extends Schema.Struct.Fields>(
  fields: Fields,
  description: string
): Schema.Struct<Fields> => Schema.Struct(fields).annotate({ description })

/** A value recognised by a guard, the same inside and on the wire. */
export const guarded = <A>(is: (u: unknown) => u is A, description: string): Schema.Codec<A, A> =>
  Schema.declare(is, {
    description,
    [shortcut]: /* @__PURE__ */ new Shortcut(() => (value) => (is(value) ? value : misfit), { sides: "same" })
  })

/** `Schema.TaggedError`, whose instances have the tag as their name, and not the identifier of the schema. */
export const TaggedError = (<Self>(identifier: string) =>
  <Tag extends string, const Fields extends Schema.Struct.Fields>(tag: Tag, fields: Fields) => {
    const Base = Schema.TaggedError<Self>(identifier)(tag, fields)
    // The type of the class is unknown here, because it depends on whether `Self` was given.
    Object.defineProperty(Object(Reflect.get(Object(Base), "prototype")), "name", {
      value: tag,
      configurable: true,
      writable: true
    })
    return Base
  }) as typeof Schema.TaggedError

const openLiterals = "effect-sendmux/openLiterals"

/** A string with values known today; others are let through, since the API may grow them. */
export const openString = <const L extends readonly [string, ...Array<string>]>(
  values: L
): Schema.Codec<L[number] | (string & {}), string> =>
  Schema.declare((u): u is L[number] | (string & {}) => typeof u === "string", {
    description: "a string",
    [openLiterals]: values,
    [shortcut]: /* @__PURE__ */ new Shortcut(() => asString, { sides: "same" }),
    toCodecArbitrary: () =>
      Schema.link<string>()(
        Schema.Union([Schema.Literals(values), Schema.String]),
        Transformation.passthrough<string>()
      )
  })

/** A string whose known values are a part of its type only. */
export const openText = <L extends string>(): Schema.Codec<L | (string & {}), string> => Schema.String

/** The values known today of an open string, or `undefined` for any other schema. */
export const openLiteralsOf = (ast: AST.AST): ReadonlyArray<string> | undefined => {
  const values = ast.annotations?.[openLiterals]
  return Array.isArray(values) ? values.filter((value) => typeof value === "string") : undefined
}

/** The inside of a schema, with the same value on the wire. */
export const typeOf = <A, I>(schema: Schema.Codec<A, I>): Schema.Codec<A, A> => Schema.toType(schema)

/** A transformation with total functions in both directions. */
export const mapped = <A, B, I>(
  from: Schema.Codec<A, I>,
  to: Schema.Codec<B, B>,
  decode: (a: A) => B,
  encode: (b: B) => A
): Schema.Codec<B, I> => from.pipe(Schema.decodeTo(to, Transformation.transform({ decode, encode })))

/** A transformation whose decoding may find nothing. */
export const mappedOption = <A, B, I>(
  from: Schema.Codec<A, I>,
  to: Schema.Codec<B, B>,
  decode: (a: A) => B | undefined,
  encode: (b: B) => A
): Schema.Codec<B, I> =>
  from.pipe(
    Schema.decodeTo(to, {
      decode: Getter.transformEffect((input: A) => {
        const value = decode(input)
        return value === undefined ? Effect.fail(new SchemaIssue.InvalidValue()) : Effect.succeed(value)
      }),
      encode: Getter.transform(encode)
    })
  )

/**
 * A key that may be missing or null on the wire. A missing key, `undefined` and `null` decode to `null`, and, when
 * `lenient`, what does not fit as well.
 *
 * The interpreter reaches a missing key only through a transformation of an optional key.
 */
const nullish = <A, I>(schema: Schema.Codec<A, I>, lenient: boolean): Schema.Codec<A | null, I | null> => {
  const wire = Schema.optional(Schema.NullOr(schema))
  const from = lenient
    ? wire.pipe(Schema.catchDecoding(() => Effect.succeed(Option.none<A | null | undefined>())))
    : wire
  const codec = from.pipe(
    Schema.decodeTo(Schema.NullOr(Schema.toType(schema)), {
      decode: Getter.transformOptional((found: Option.Option<A | null | undefined>) =>
        Option.some(found._tag === "Some" ? (found.value ?? null) : null)
      ),
      encode: Getter.required<A | null | undefined, A | null>()
    })
  )
  const direct = new Shortcut(
    (decoding, inner) => {
      if (!decoding) return (value) => (value === null ? null : inner(value))
      if (!lenient) return asNullable(inner)
      return (value) => {
        if (value === undefined || value === null) return null
        const converted = inner(value)
        return converted === misfit ? null : converted
      }
    },
    { inner: schema.ast, whenMissing: null }
  )
  // The type of the wire form says what is written, which always has the key.
  return codec.annotate({
    description: `${wordsOf(schema.ast)} or null`,
    [shortcut]: direct
  }) as unknown as Schema.Codec<A | null, I | null>
}

/** A value of a response that may be null; an absent key reads as null. */
export const nullable = <A, I>(schema: Schema.Codec<A, I>): Schema.Codec<A | null, I | null> =>
  nullish(schema, false)

/** Like `nullable`, and a value that does not fit reads as null too, so that it cannot spoil a whole page. */
export const nullableLenient = <A, I>(schema: Schema.Codec<A, I>): Schema.Codec<A | null, I | null> =>
  nullish(schema, true)

/** A key of a response that may be missing; null reads as missing. */
export const optional = <A, I>(schema: Schema.Codec<A, I>): Schema.optional<Schema.Codec<A, I>> =>
  Schema.optional(Schema.NullOr(schema))
    .pipe(
      Schema.decodeTo(Schema.optional(Schema.toType(schema)), {
        decode: Getter.transform((value: A | null | undefined) => value ?? undefined),
        encode: Getter.transform((value: A | undefined): A | null | undefined => value)
      })
    )
    .annotate({
      description: wordsOf(schema.ast),
      [shortcut]: new Shortcut(
        (decoding, inner) => (value) =>
          value === undefined || (decoding && value === null) ? undefined : inner(value),
        { inner: schema.ast }
      )
    }) as unknown as Schema.optional<Schema.Codec<A, I>>

/** A key of a request that may be left out. */
export const optionalInput = <A, I>(schema: Schema.Codec<A, I>): Schema.optional<Schema.Codec<A, I>> =>
  Schema.optional(schema)

// -----------------------------------------------------------------------------
// values
// -----------------------------------------------------------------------------

/** A schema that compiles to the given closures. A function, because bundlers keep objects with computed keys. */
const compiledAs = <A, I>(
  schema: Schema.Codec<A, I>,
  make: Shortcut["make"],
  settings?: ShortcutSettings
): Schema.Codec<A, I> => schema.annotate({ [shortcut]: new Shortcut(make, settings) })

/** An ISO timestamp, read as a UTC instant. */
export const utcTimestamp: Schema.Codec<DateTime.Utc, string> = /* @__PURE__ */ compiledAs(
  /* @__PURE__ */ described(
    /* @__PURE__ */ mappedOption(Schema.String, Schema.DateTimeUtc, utcOf, DateTime.formatIso),
    "an ISO 8601 timestamp"
  ),
  convertTimestamp
)

/** Milliseconds since the epoch, read as a UTC instant. */
export const utcFromEpochMillis: Schema.Codec<DateTime.Utc, number> = /* @__PURE__ */ described(
  Schema.DateTimeUtcFromMillis,
  "a number of milliseconds"
)

/** A length of time, in milliseconds on the wire. */
export const durationFromMillis = Schema.DurationFromMillis

/** A decimal string, read without loss. */
export const decimal: Schema.Codec<BigDecimal.BigDecimal, string> = /* @__PURE__ */ compiledAs(
  /* @__PURE__ */ described(
    /* @__PURE__ */ mappedOption(
      Schema.String,
      Schema.BigDecimal,
      (text) => Option.getOrUndefined(Option.map(BigDecimal.fromString(text), BigDecimal.normalize)),
      (value) => BigDecimal.format(BigDecimal.normalize(value))
    ),
    "a decimal number"
  ),
  convertDecimal
)

/** A secret: plain on the wire, `Redacted` inside. */
export const secret: Schema.Codec<Redacted.Redacted, string> = /* @__PURE__ */ compiledAs(
  /* @__PURE__ */ described(Schema.RedactedFromValue(Schema.String), "a string"),
  convertSecret
)

const secretMark = "effect-sendmux/secret"

const redactedText: Schema.Codec<Redacted.Redacted, Redacted.Redacted> = /* @__PURE__ */ compiledAs(
  /* @__PURE__ */ Schema.Redacted(Schema.String),
  () => copyRedacted,
  { sides: "copied" }
)

/** A secret that a caller gives, plain or `Redacted`. */
export const secretInput = <I>(plain: Schema.Codec<string, I>): Schema.Codec<string | Redacted.Redacted, I> =>
  mapped(
    plain,
    Schema.Union([Schema.String, redactedText]),
    (value): string | Redacted.Redacted => value,
    plainOf
  ).annotate({ [secretMark]: true, description: "a string or Redacted" })

/** The keys of an input that hold a secret. */
export const secretKeysOf = (ast: AST.AST): ReadonlyArray<string> =>
  AST.isObjects(ast)
    ? ast.propertySignatures.filter(({ type }) => isSecret(type)).map(({ name }) => String(name))
    : []

const isSecret = (ast: AST.AST): boolean =>
  ast.annotations?.[secretMark] === true || (AST.isUnion(ast) && ast.types.some(isSecret))

export type { TimestampInput } from "./shared/scalars.js"

const timestampWords = "an ISO 8601 timestamp, a Date or a DateTime"

const isValidDate = (u: unknown): u is Date => u instanceof Date && !Number.isNaN(u.getTime())

export const timestampInput: Schema.Codec<TimestampInput, string> = mapped(
  Schema.String,
  described(
    Schema.Union([Schema.String, Schema.declare(isValidDate), Schema.declare(DateTime.isDateTime)]),
    timestampWords
  ),
  (value): TimestampInput => value,
  isoOf
).annotate({ description: timestampWords })

/** A file as base64 text, or as bytes that are encoded on the way out. */
export const base64Input: Schema.Codec<string | Uint8Array, string> = check(
  mapped(
    Schema.String,
    described(Schema.Union([Schema.String, Schema.Uint8Array]), "base64 text or a Uint8Array"),
    (value): string | Uint8Array => value,
    (value) => (typeof value === "string" ? value : Base64.encode(value))
  ),
  problemOfContent
)

/** Bytes or text in base64. */
export const encodeBase64: (value: Uint8Array | string) => string = Base64.encode

/** Text in base64 that may stand in a URL. */
export const encodeBase64Url: (value: string) => string = Base64Url.encode

/** The bytes of base64 text, or `undefined` for other text. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  const decoded = Base64.decode(text)
  return Result.isSuccess(decoded) ? decoded.success : undefined
}

// -----------------------------------------------------------------------------
// codecs
// -----------------------------------------------------------------------------

/** The option to make an error without a check of its fields, which are known to be right. */
export const unchecked = { disableChecks: true } as const

export type { Issue } from "./schemaIssues.js"

export type { Coded } from "./shared/coded.js"

/** Gives a parser of the interpreter the result of a codec. */
const coded =
  <A>(parse: (input: unknown) => Result.Result<A, SchemaIssue.Issue>) =>
  (input: unknown): Coded<A> => {
    const result = parse(input)
    return Result.isSuccess(result)
      ? { ok: true, value: result.success }
      : { ok: false, issues: issuesOf(result.failure, input) }
  }

/** Like `decoder`, by the interpreter alone. */
export const interpretingDecoder = <A, I>(schema: Schema.Codec<A, I>): ((input: unknown) => Coded<A>) =>
  interpreting(() => coded(Parser.decodeUnknownResult(schema)))

/** Like `encoder`, by the interpreter alone. */
export const interpretingEncoder = <A, I>(schema: Schema.Codec<A, I>): ((input: unknown) => Coded<I>) =>
  interpreting(() => coded(Parser.encodeUnknownResult(schema, strictOptions)))

/** Like `requestDecoder`, by the interpreter alone. */
export const interpretingRequestDecoder = <A, I>(
  schema: Schema.Codec<A, I>
): ((input: unknown) => Coded<A>) =>
  interpreting(() => coded(Parser.decodeUnknownResult(schema, strictOptions)))

/** Decodes a value in its wire form. Keys that the schema does not know are dropped. */
export const decoder = <A, I>(schema: Schema.Codec<A, I>): ((input: unknown) => Coded<A>) =>
  compiled(() => compile(schema.ast, "decode"), interpretingDecoder(schema))

/** Checks a caller's value and returns its wire form. A key that the schema does not know is an issue. */
export const encoder = <A, I>(schema: Schema.Codec<A, I>): ((input: unknown) => Coded<I>) =>
  compiled(() => compile(schema.ast, "encode"), interpretingEncoder(schema))

/** Reads the wire form of a caller's value, as a server does: a key that the schema does not know is an issue. */
export const requestDecoder = <A, I>(schema: Schema.Codec<A, I>): ((input: unknown) => Coded<A>) =>
  compiled(() => compile(schema.ast, "decodeStrict"), interpretingRequestDecoder(schema))

/** What the text of a query value stands for. */
export type QueryKind = "text" | "number" | "boolean" | "list"

/** What each key of an object is on the wire, so that a query's text can be read. */
export const queryKinds = (schema: AnyCodec): ReadonlyMap<string, QueryKind> => {
  const ast = AST.toEncoded(schema.ast)
  return new Map(
    AST.isObjects(ast) ? ast.propertySignatures.map(({ name, type }) => [String(name), kindOf(type)]) : []
  )
}

const kindOf = (ast: AST.AST): QueryKind => {
  if (AST.isUnion(ast)) {
    return ast.types.map(kindOf).find((kind) => kind !== "text") ?? "text"
  }
  if (AST.isNumber(ast)) return "number"
  if (AST.isBoolean(ast)) return "boolean"
  if (AST.isArrays(ast)) return "list"
  return AST.isLiteral(ast) && (typeof ast.literal === "boolean" || typeof ast.literal === "number")
    ? typeof ast.literal === "number"
      ? "number"
      : "boolean"
    : "text"
}
