/**
 * The part of the dialect that compiles schemas: it turns the AST of a schema into closures that convert values which
 * fit the schema. Nothing is generated as text, so that it also works where `eval` is forbidden.
 *
 * A closure returns `misfit` for a value that does not fit, and also for one of which it is not sure. Only then does
 * Effect's own interpreter run, which decides, and which alone words the issues. A closure never accepts a value that the
 * interpreter rejects, and never converts it to another value: `test/dialect/codec.test.ts` compares both over the schemas
 * of all operations.
 */
import type * as Either from "effect/Either"
import * as AST from "effect/SchemaAST"

/** The result of a conversion that did not succeed. */
export const misfit: unique symbol = Symbol.for("effect-sendmux/misfit")

/**
 * What a decoder replaces in the parsed JSON: an object or array, a key and a value, one after another. The replacements
 * are made when the whole value fits, so that a misfit leaves the JSON as it was.
 */
export type Changes = Array<unknown>

/** Converts a value, or returns `misfit`. */
export type Convert = (value: unknown, changes: Changes) => unknown

/** `decode` converts parsed JSON in place. `encode` builds a new value, and rejects unknown keys. */
export type Direction = "decode" | "encode"

/** The annotation of a declaration or transformation with its own conversion. */
export const conversion = Symbol.for("effect-sendmux/conversion")

/** Makes a conversion from those of the type parameters or, for a transformation, of its two sides. */
export type MakeConversion = (inner: ReadonlyArray<Convert>, direction: Direction) => Convert

const never: Convert = () => misfit

/** A compiled schema. `interpreted` names the parts that only the interpreter can convert. */
export interface Compiled {
  readonly convert: Convert
  readonly interpreted: ReadonlyArray<string>
}

/** Compiles one direction of a schema. */
export const compile = (ast: AST.AST, direction: Direction): Compiled => {
  const interpreted: Array<string> = []
  const known = new Map<AST.AST, Convert>()
  const go = (ast: AST.AST): Convert => {
    let convert = known.get(ast)
    if (convert === undefined) {
      convert = make(ast)
      known.set(ast, convert)
    }
    return convert
  }
  const leaveToInterpreter = (ast: AST.AST): Convert => {
    interpreted.push(ast._tag)
    return never
  }

  const make = (ast: AST.AST): Convert => {
    switch (ast._tag) {
      case "StringKeyword":
        return (value) => (typeof value === "string" ? value : misfit)
      case "NumberKeyword":
        return (value) => (typeof value === "number" ? value : misfit)
      case "BooleanKeyword":
        return (value) => (typeof value === "boolean" ? value : misfit)
      case "UnknownKeyword":
      case "AnyKeyword":
        return (value) => value
      case "UndefinedKeyword":
        return (value) => (value === undefined ? value : misfit)
      case "Literal": {
        const { literal } = ast
        return (value) => (value === literal ? value : misfit)
      }
      case "Refinement":
        return refined(ast)
      case "Declaration":
        return declared(ast)
      case "Transformation":
        return transformed(ast)
      case "Union":
        return union([...ast.types].sort(taggedFirst).map(go))
      case "TupleType": {
        const [rest] = ast.rest
        if (ast.elements.length > 0 || ast.rest.length !== 1 || rest === undefined)
          return leaveToInterpreter(ast)
        return direction === "decode" ? decodeArray(go(rest.type)) : encodeArray(go(rest.type))
      }
      case "TypeLiteral":
        return object(ast)
      default:
        return leaveToInterpreter(ast)
    }
  }

  const refined = (ast: AST.Refinement): Convert => {
    const from = go(ast.from)
    const passes = (value: unknown) => ast.filter(value, AST.defaultParseOption, ast)._tag === "None"
    return direction === "decode"
      ? (value, changes) => {
          // A filter sees the decoded value, which does not exist before the changes are made.
          const mark = changes.length
          const converted = from(value, changes)
          return converted !== misfit && changes.length === mark && passes(converted) ? converted : misfit
        }
      : (value, changes) => {
          const converted = from(value, changes)
          return converted !== misfit && passes(value) ? converted : misfit
        }
  }

  const declared = (ast: AST.Declaration): Convert => {
    const own = ast.annotations[conversion]
    if (isMakeConversion(own)) return own(ast.typeParameters.map(go), direction)
    const parse = (direction === "decode" ? ast.decodeUnknown : ast.encodeUnknown)(...ast.typeParameters)
    const options = direction === "decode" ? AST.defaultParseOption : strict
    return (value) => rightOf(parse(value, options, ast))
  }

  const transformed = (ast: AST.Transformation): Convert => {
    const own = ast.annotations[conversion]
    if (isMakeConversion(own)) return own([go(ast.from), go(ast.to)], direction)
    const { transformation } = ast
    if (transformation._tag !== "FinalTransformation") return leaveToInterpreter(ast)
    const decoding = direction === "decode"
    const first = go(decoding ? ast.from : ast.to)
    const last = go(decoding ? ast.to : ast.from)
    const map = decoding ? transformation.decode : transformation.encode
    return (value, changes) => {
      const mark = changes.length
      const inner = first(value, changes)
      if (inner === misfit || changes.length !== mark) return misfit
      const mapped = rightOf(map(inner, AST.defaultParseOption, ast, value))
      return mapped === misfit ? misfit : last(mapped, changes)
    }
  }

  const object = (ast: AST.TypeLiteral): Convert => {
    const [index] = ast.indexSignatures
    if (index === undefined) {
      const fields = ast.propertySignatures.map(({ isOptional, name, type }) => ({
        name,
        isOptional,
        convert: go(type)
      }))
      if (fields.length === 0 || !fields.every(isOrdinary)) return leaveToInterpreter(ast)
      return direction === "decode" ? decodeStruct(fields) : encodeStruct(fields)
    }
    const isRecord =
      ast.indexSignatures.length === 1 &&
      ast.propertySignatures.length === 0 &&
      AST.isStringKeyword(index.parameter)
    if (!isRecord) return leaveToInterpreter(ast)
    return direction === "decode" ? decodeRecord(go(index.type)) : encodeRecord(go(index.type))
  }

  const convert = go(ast)
  return { convert, interpreted }
}

/** Makes the replacements that a decoder has collected. */
export const apply = (changes: Changes): void => {
  for (let i = 0; i < changes.length; i += 3) {
    // Decoders collect an object or array, one of its keys, and the value.
    const target = changes[i] as Record<string, unknown>
    target[changes[i + 1] as string] = changes[i + 2]
  }
}

/**
 * The conversion of a pair of functions. `decode` returns `undefined` for a value without a counterpart. A trusted one
 * returns only values that fit the other side, which are then not checked again.
 */
export const mapping =
  <A, B>(decode: (a: A) => B | undefined, encode: (b: B) => A, trusted: boolean): MakeConversion =>
  ([from = never, to = never], direction) =>
    direction === "decode"
      ? (value, changes) => {
          const mark = changes.length
          const inner = from(value, changes)
          if (inner === misfit || changes.length !== mark) return misfit
          // `from` has accepted the value as an `A`.
          const decoded = decode(inner as A)
          if (decoded === undefined) return misfit
          return trusted ? decoded : to(decoded, changes)
        }
      : (value, changes) => {
          const inner = to(value, changes)
          // `to` has accepted the value as a `B`.
          return inner === misfit ? misfit : from(encode(inner as B), changes)
        }

/** The conversion of a value that may be absent. If it is lenient, a value that does not fit counts as absent. */
export const absence =
  (absent: null | undefined, lenient: boolean): MakeConversion =>
  ([inner = never], direction) => {
    if (direction === "encode") return (value, changes) => (value === absent ? absent : inner(value, changes))
    return (value, changes) => {
      if (value === undefined || value === null) return absent
      const mark = changes.length
      const converted = inner(value, changes)
      if (converted !== misfit || !lenient) return converted
      changes.length = mark
      return absent
    }
  }

const isMakeConversion = (u: unknown): u is MakeConversion => typeof u === "function"

const strict: AST.ParseOptions = { errors: "all", onExcessProperty: "error" }

/** The value of a parser's result. A result that is not an `Either` needs the interpreter. */
const rightOf = (result: unknown): unknown => {
  const either = result as Either.Either<unknown, unknown>
  return either._tag === "Right" ? either.right : misfit
}

/** The interpreter tries members with a literal field before the others. */
const taggedFirst = (one: AST.AST, other: AST.AST): number => Number(isTagged(other)) - Number(isTagged(one))

const isTagged = (ast: AST.AST): boolean => {
  switch (ast._tag) {
    case "TypeLiteral":
      return ast.propertySignatures.some(({ isOptional, type }) => !isOptional && AST.isLiteral(type))
    case "Refinement":
      return isTagged(ast.from)
    default:
      return false
  }
}

const union = (members: ReadonlyArray<Convert>): Convert => {
  const count = members.length
  return (value, changes) => {
    const mark = changes.length
    for (let i = 0; i < count; i++) {
      const converted = members[i]?.(value, changes)
      if (converted !== misfit) return converted
      changes.length = mark
    }
    return misfit
  }
}

// -----------------------------------------------------------------------------
// arrays
// -----------------------------------------------------------------------------

const decodeArray =
  (item: Convert): Convert =>
  (value, changes) => {
    if (!Array.isArray(value)) return misfit
    const { length } = value
    for (let i = 0; i < length; i++) {
      const given: unknown = value[i]
      const converted = item(given, changes)
      if (converted === misfit) return misfit
      if (converted !== given) changes.push(value, i, converted)
    }
    return value
  }

const encodeArray =
  (item: Convert): Convert =>
  (value, changes) => {
    if (!Array.isArray(value)) return misfit
    const { length } = value
    const out = new Array<unknown>(length)
    for (let i = 0; i < length; i++) {
      const converted = item(value[i], changes)
      if (converted === misfit) return misfit
      out[i] = converted
    }
    return out
  }

// -----------------------------------------------------------------------------
// objects
// -----------------------------------------------------------------------------

type Dictionary = Record<string, unknown>

const isDictionary = (u: unknown): u is Dictionary => typeof u === "object" && u !== null && !Array.isArray(u)

interface Field {
  readonly name: string
  readonly isOptional: boolean
  readonly convert: Convert
}

/** A field whose name no object inherits, so that reading it tells whether an ordinary object has it. */
const isOrdinary = (field: Omit<Field, "name"> & { readonly name: PropertyKey }): field is Field =>
  typeof field.name === "string" && !(field.name in Object.prototype)

const hasOwn = Object.prototype.hasOwnProperty

/** Converts in place. An object with unknown keys is replaced by one without them. */
const decodeStruct = (fields: ReadonlyArray<Field>): Convert => {
  const names = fields.map(({ name }) => name)
  const optional = fields.map(({ isOptional }) => isOptional)
  const converts = fields.map(({ convert }) => convert)
  const count = fields.length
  const rebuild = encodeStruct(fields, false)
  return (value, changes) => {
    if (!isDictionary(value)) return misfit
    const mark = changes.length
    let present = 0
    for (let i = 0; i < count; i++) {
      // The three lists have the same length.
      const name = names[i] as string
      const given = value[name]
      if (given === undefined && !hasOwn.call(value, name)) {
        if (optional[i] === true) continue
      } else present++
      const converted = (converts[i] as Convert)(given, changes)
      if (converted === misfit) return misfit
      if (converted !== given || given === undefined) changes.push(value, name, converted)
    }
    let keys = 0
    for (const _ in value) keys++
    if (keys === present) return value
    changes.length = mark
    return rebuild(value, changes)
  }
}

/** Builds a new object. */
const encodeStruct = (fields: ReadonlyArray<Field>, rejectsUnknown = true): Convert => {
  const count = fields.length
  return (value, changes) => {
    if (!isDictionary(value)) return misfit
    const out: Dictionary = {}
    let present = 0
    for (let i = 0; i < count; i++) {
      const { convert, isOptional, name } = fields[i] as Field
      const given = value[name]
      if (!hasOwn.call(value, name)) {
        // An inherited value is for the interpreter.
        if (given !== undefined) return misfit
        if (isOptional) continue
      } else present++
      const converted = convert(given, changes)
      if (converted === misfit) return misfit
      out[name] = converted
    }
    return rejectsUnknown && Reflect.ownKeys(value).length !== present ? misfit : out
  }
}

const decodeRecord =
  (item: Convert): Convert =>
  (value, changes) => {
    if (!isDictionary(value)) return misfit
    for (const key in value) {
      const given = value[key]
      const converted = item(given, changes)
      // `__proto__` cannot be assigned.
      if (converted === misfit || (converted !== given && key === "__proto__")) return misfit
      if (converted !== given) changes.push(value, key, converted)
    }
    return value
  }

const encodeRecord =
  (item: Convert): Convert =>
  (value, changes) => {
    if (!isDictionary(value)) return misfit
    const keys = Reflect.ownKeys(value)
    const out: Dictionary = {}
    for (const key of keys) {
      if (typeof key !== "string" || key === "__proto__") return misfit
      const converted = item(value[key], changes)
      if (converted === misfit) return misfit
      out[key] = converted
    }
    return out
  }
