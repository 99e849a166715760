/**
 * The dialect's part for Schema: constructors whose shape differs between Effect 3 and 4, and codecs that give
 * plain results with value-free issues.
 */
import type * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as ParseResult from "effect/ParseResult"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { asNullable, asString, misfit } from "../values/codecValues.js"
import { compile, Shortcut, shortcut, strictOptions } from "./codec.js"
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
export type Codec<A, I = unknown> = Schema.Schema<A, I>

/** Any schema that needs no services. */
export type AnyCodec = Schema.Schema.AnyNoContext

type LiteralValue = string | number | boolean

/** One of several literal values. */
export const literals = <const L extends readonly [LiteralValue, ...Array<LiteralValue>]>(
  ...values: L
): Schema.Literal<[...L]> => Schema.Literal(...values)

/** One of several schemas. */
export const union = <const M extends readonly [AnyCodec, AnyCodec, ...Array<AnyCodec>]>(
  ...members: M
): Schema.Union<M> => Schema.Union(...members)

/** An object with any string keys and values of one schema. */
export const record = <V extends AnyCodec>(value: V): Schema.Record$<typeof Schema.String, V> =>
  Schema.Record({ key: Schema.String, value })

/** An object with any string keys and any values. */
export const unknownRecord: Schema.Schema<{ readonly [key: string]: unknown }> = record(Schema.Unknown)

/** A schema with a further rule: `problem` says what is wrong with a value, or `undefined` when nothing is. */
export const check = <A, I>(
  schema: Schema.Schema<A, I>,
  problem: (value: A) => string | undefined
): Schema.Schema<A, I> => schema.pipe(Schema.filter((value) => problem(value)))

/** A schema described for people, as messages about bad values put it. */
export const described = <A, I>(schema: Schema.Schema<A, I>, description: string): Schema.Schema<A, I> =>
  schema.annotations({ description })

/** An object whose description names what it stands for, such as `an address object`. Its fields stay accessible. */
export const describedStruct = <const Fields extends Schema.Struct.Fields>(
  fields: Fields,
  description: string
): Schema.Struct<Fields> => Schema.Struct(fields).annotations({ description })

/** A value recognised by a guard, the same inside and on the wire. */
export const guarded = <A>(is: (u: unknown) => u is A, description: string): Schema.Schema<A> =>
  Schema.declare(is, {
    description,
    [shortcut]: /* @__PURE__ */ new Shortcut(() => (value) => (is(value) ? value : misfit), true)
  })

/** `Schema.TaggedError`, whose instances have the tag as their name. */
export const TaggedError: typeof Schema.TaggedError = Schema.TaggedError

const openLiterals = Symbol.for("effect-sendmux/openLiterals")

/** A string with values known today; others are let through, since the API may grow them. */
export const openString = <const L extends readonly [string, ...Array<string>]>(
  values: L
): Schema.Schema<L[number] | (string & {}), string> =>
  Schema.declare((u): u is L[number] | (string & {}) => typeof u === "string", {
    description: "a string",
    [openLiterals]: values,
    [shortcut]: /* @__PURE__ */ new Shortcut(() => asString, true),
    arbitrary: () => (fc) => fc.oneof(fc.constantFrom(...values), fc.string())
  })

/** A string whose known values are a part of its type only. */
export const openText = <L extends string>(): Schema.Schema<L | (string & {}), string> => Schema.String

/** The values known today of an open string, or `undefined` for any other schema. */
export const openLiteralsOf = (ast: AST.AST): ReadonlyArray<string> | undefined => {
  const values = ast.annotations[openLiterals]
  return Array.isArray(values) ? values.filter((value) => typeof value === "string") : undefined
}

/** The inside of a schema, with the same value on the wire. */
export const typeOf = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<A> => Schema.typeSchema(schema)

/** A transformation with total functions in both directions. */
export const mapped = <A, B, I>(
  from: Schema.Schema<A, I>,
  to: Schema.Schema<B>,
  decode: (a: A) => B,
  encode: (b: B) => A
): Schema.Schema<B, I> => Schema.transform(from, to, { strict: true, decode, encode })

/** A transformation whose decoding may find nothing. */
export const mappedOption = <A, B, I>(
  from: Schema.Schema<A, I>,
  to: Schema.Schema<B>,
  decode: (a: A) => B | undefined,
  encode: (b: B) => A
): Schema.Schema<B, I> =>
  Schema.transformOrFail(from, to, {
    strict: true,
    decode: (input, _, ast) => {
      const value = decode(input)
      return value === undefined
        ? ParseResult.fail(new ParseResult.Type(ast, input))
        : ParseResult.succeed(value)
    },
    encode: (value) => ParseResult.succeed(encode(value))
  })

/** Decodes `undefined` (an absent key) and `null` to `absent`, and, when `lenient`, what does not fit as well. */
const absentAs = <A, I, N extends null | undefined>(
  schema: Schema.Schema<A, I>,
  absent: N,
  lenient: boolean
): Schema.Schema<A | N, I | N> =>
  Schema.declare<A | N, I | N, readonly [Schema.Schema<A, I>]>(
    [schema],
    {
      decode: (inner) => {
        const decode = ParseResult.decodeUnknown(inner)
        return (input, options) => {
          if (input === undefined || input === null) return ParseResult.succeed(absent)
          const result = decode(input, options)
          return lenient ? ParseResult.orElse(result, () => ParseResult.succeed(absent)) : result
        }
      },
      encode: (inner) => {
        const encode = ParseResult.encodeUnknown(inner)
        return (input, options) => (input === absent ? ParseResult.succeed(absent) : encode(input, options))
      }
    },
    {
      description: absent === null ? `${wordsOf(schema.ast)} or null` : wordsOf(schema.ast),
      [shortcut]: /* @__PURE__ */ new Shortcut((decoding, inner) => {
        if (!decoding) return (value) => (value === absent ? absent : inner(value))
        if (absent === null && !lenient) return asNullable(inner)
        return (value) => {
          if (value === undefined || value === null) return absent
          const converted = inner(value)
          return lenient && converted === misfit ? absent : converted
        }
      }),
      arbitrary: (inner) => (fc) => fc.oneof(fc.constant(absent), inner(fc)),
      pretty: () => () => "…"
    }
  )

/** A value of a response that may be null; an absent key reads as null. */
export const nullable = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<A | null, I | null> =>
  absentAs(schema, null, false)

/** Like `nullable`, and a value that does not fit reads as null too, so that it cannot spoil a whole page. */
export const nullableLenient = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<A | null, I | null> =>
  absentAs(schema, null, true)

/** A key of a response that may be missing; null reads as missing. */
export const optional = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optional(absentAs(schema, undefined, false))

/** A key of a request that may be left out. */
export const optionalInput = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(schema)

// -----------------------------------------------------------------------------
// values
// -----------------------------------------------------------------------------

/** A schema that compiles to the given closures. A function, because bundlers keep objects with computed keys. */
const compiledAs = <A, I>(schema: Schema.Schema<A, I>, make: Shortcut["make"]): Schema.Schema<A, I> =>
  schema.annotations({ [shortcut]: new Shortcut(make) })

/** An ISO timestamp, read as a UTC instant. */
export const utcTimestamp: Schema.Schema<DateTime.Utc, string> = /* @__PURE__ */ compiledAs(
  /* @__PURE__ */ described(
    /* @__PURE__ */ mappedOption(Schema.String, Schema.DateTimeUtcFromSelf, utcOf, DateTime.formatIso),
    "an ISO 8601 timestamp"
  ),
  convertTimestamp
)

/** Milliseconds since the epoch, read as a UTC instant. */
export const utcFromEpochMillis: Schema.Schema<DateTime.Utc, number> = /* @__PURE__ */ described(
  Schema.DateTimeUtcFromNumber,
  "a number of milliseconds"
)

/** A length of time, in milliseconds on the wire. */
export const durationFromMillis = Schema.DurationFromMillis

/** A decimal string, read without loss. */
export const decimal: Schema.Schema<BigDecimal.BigDecimal, string> = /* @__PURE__ */ compiledAs(
  /* @__PURE__ */ Schema.BigDecimal.annotations({ description: "a decimal number" }),
  convertDecimal
)

/** A secret: plain on the wire, `Redacted` inside. */
export const secret: Schema.Schema<Redacted.Redacted, string> = /* @__PURE__ */ compiledAs(
  /* @__PURE__ */ described(Schema.Redacted(Schema.String), "a string"),
  convertSecret
)

const secretMark = Symbol.for("effect-sendmux/secret")

const redactedText: Schema.Schema<Redacted.Redacted> = /* @__PURE__ */ compiledAs(
  /* @__PURE__ */ Schema.RedactedFromSelf(Schema.String),
  () => copyRedacted
)

/** A secret that a caller gives, plain or `Redacted`. */
export const secretInput = <I>(
  plain: Schema.Schema<string, I>
): Schema.Schema<string | Redacted.Redacted, I> =>
  mapped(
    plain,
    Schema.Union(Schema.typeSchema(Schema.String), redactedText),
    (value): string | Redacted.Redacted => value,
    plainOf
  ).annotations({ [secretMark]: true, description: "a string or Redacted" })

/** The keys of an input that hold a secret. */
export const secretKeysOf = (ast: AST.AST): ReadonlyArray<string> => {
  if (AST.isRefinement(ast)) return secretKeysOf(ast.from)
  if (!AST.isTypeLiteral(ast)) return []
  return ast.propertySignatures.filter(({ type }) => isSecret(type)).map(({ name }) => String(name))
}

const isSecret = (ast: AST.AST): boolean =>
  ast.annotations[secretMark] === true || (AST.isUnion(ast) && ast.types.some(isSecret))

export type { TimestampInput } from "./shared/scalars.js"

const timestampWords = "an ISO 8601 timestamp, a Date or a DateTime"

export const timestampInput: Schema.Schema<TimestampInput, string> = mapped(
  Schema.String,
  /* @__PURE__ */ described(
    /* @__PURE__ */ Schema.Union(
      Schema.String,
      Schema.ValidDateFromSelf,
      /* @__PURE__ */ Schema.declare(DateTime.isDateTime)
    ),
    timestampWords
  ),
  (value): TimestampInput => value,
  isoOf
).annotations({ description: timestampWords })

/** A file as base64 text, or as bytes that are encoded on the way out. */
export const base64Input: Schema.Schema<string | Uint8Array, string> = /* @__PURE__ */ check(
  /* @__PURE__ */ mapped(
    Schema.String,
    /* @__PURE__ */ described(
      /* @__PURE__ */ Schema.Union(Schema.String, Schema.Uint8ArrayFromSelf),
      "base64 text or a Uint8Array"
    ),
    (value): string | Uint8Array => value,
    (value) => (typeof value === "string" ? value : Encoding.encodeBase64(value))
  ),
  problemOfContent
)

/** Bytes or text in base64. */
export const encodeBase64: (value: Uint8Array | string) => string = Encoding.encodeBase64

/** Text in base64 that may stand in a URL. */
export const encodeBase64Url: (value: string) => string = Encoding.encodeBase64Url

/** The bytes of base64 text, or `undefined` for other text. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  const decoded = Encoding.decodeBase64(text)
  return Either.isRight(decoded) ? decoded.right : undefined
}

// -----------------------------------------------------------------------------
// codecs
// -----------------------------------------------------------------------------

/** The option to make an error without a check of its fields, which are known to be right. */
export const unchecked = { disableValidation: true } as const

export type { Issue } from "./schemaIssues.js"

export type { Coded } from "./shared/coded.js"

/** Gives a parser of the interpreter the result of a codec. */
const coded =
  <A>(parse: (input: unknown) => Either.Either<A, ParseResult.ParseIssue>) =>
  (input: unknown): Coded<A> => {
    const result = parse(input)
    return Either.isRight(result)
      ? { ok: true, value: result.right }
      : { ok: false, issues: issuesOf(result.left) }
  }

/** Like `decoder`, by the interpreter alone. */
export const interpretingDecoder = <A, I>(schema: Schema.Schema<A, I>): ((input: unknown) => Coded<A>) =>
  interpreting(() => coded(ParseResult.decodeUnknownEither(schema)))

/** Like `encoder`, by the interpreter alone. */
export const interpretingEncoder = <A, I>(schema: Schema.Schema<A, I>): ((input: unknown) => Coded<I>) =>
  interpreting(() => coded(ParseResult.encodeUnknownEither(schema, strictOptions)))

/** Like `requestDecoder`, by the interpreter alone. */
export const interpretingRequestDecoder = <A, I>(
  schema: Schema.Schema<A, I>
): ((input: unknown) => Coded<A>) =>
  interpreting(() => coded(ParseResult.decodeUnknownEither(schema, strictOptions)))

/** Decodes a value in its wire form. Keys that the schema does not know are dropped. */
export const decoder = <A, I>(schema: Schema.Schema<A, I>): ((input: unknown) => Coded<A>) =>
  compiled(() => compile(schema.ast, "decode"), interpretingDecoder(schema))

/** Checks a caller's value and returns its wire form. A key that the schema does not know is an issue. */
export const encoder = <A, I>(schema: Schema.Schema<A, I>): ((input: unknown) => Coded<I>) =>
  compiled(() => compile(schema.ast, "encode"), interpretingEncoder(schema))

/** Reads the wire form of a caller's value, as a server does: a key that the schema does not know is an issue. */
export const requestDecoder = <A, I>(schema: Schema.Schema<A, I>): ((input: unknown) => Coded<A>) =>
  compiled(() => compile(schema.ast, "decodeStrict"), interpretingRequestDecoder(schema))

/** What the text of a query value stands for. */
export type QueryKind = "text" | "number" | "boolean" | "list"

/** What each key of an object is on the wire, so that a query's text can be read. */
export const queryKinds = (schema: AnyCodec): ReadonlyMap<string, QueryKind> => {
  const ast = objectOf(AST.encodedAST(schema.ast))
  return new Map(ast.propertySignatures.map(({ name, type }) => [String(name), kindOf(type)]))
}

const objectOf = (ast: AST.AST): AST.TypeLiteral => {
  if (AST.isTypeLiteral(ast)) return ast
  if (AST.isRefinement(ast)) return objectOf(ast.from)
  return new AST.TypeLiteral([], [])
}

const kindOf = (ast: AST.AST): QueryKind => {
  if (AST.isUnion(ast)) {
    return ast.types.map(kindOf).find((kind) => kind !== "text") ?? "text"
  }
  if (AST.isRefinement(ast)) return kindOf(ast.from)
  if (AST.isNumberKeyword(ast)) return "number"
  if (AST.isBooleanKeyword(ast)) return "boolean"
  if (AST.isTupleType(ast)) return "list"
  return AST.isLiteral(ast) && (typeof ast.literal === "boolean" || typeof ast.literal === "number")
    ? typeof ast.literal === "number"
      ? "number"
      : "boolean"
    : "text"
}
