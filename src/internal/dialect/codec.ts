/**
 * Compiles a schema's AST to closures, which convert a value in one walk and allocate nothing but the result.
 *
 * The closures accept what Schema's interpreter accepts and return what it returns. For a value that does not fit they
 * return `misfit` without an explanation: the caller then runs the interpreter, which alone writes the messages. A node
 * that is not supported here is handed to the interpreter as well, so that it is slower and never different.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import {
  asArray,
  asBoolean,
  asFirstOf,
  asIs,
  asLiteral,
  asNumber,
  asOneOf,
  asPresent,
  asRecord,
  asSelectedOf,
  asStrictStruct,
  asString,
  asStruct,
  type Convert,
  type Field,
  inOwnStruct,
  misfit
} from "../values/codecValues.js"

/**
 * What a codec does.
 *
 * - `decode` reads a wire value and drops unknown keys.
 * - `decodeStrict` reads a wire value and rejects unknown keys.
 * - `encode` checks a value and returns its wire form. It rejects unknown keys.
 * - `encodeChecked` does the same to the result of a check, whose rules need no second look.
 */
export type Mode = "decode" | "decodeStrict" | "encode" | "encodeChecked"

/** What the interpreter is told about unknown keys when a value comes from a caller. */
export const strictOptions: AST.ParseOptions = { errors: "all", onExcessProperty: "error" }

const isDecoding = (mode: Mode): boolean => mode === "decode" || mode === "decodeStrict"

const optionsOf = (mode: Mode): AST.ParseOptions =>
  mode === "decode" ? AST.defaultParseOption : strictOptions

/** The annotation under which a declaration or a transformation keeps its `Shortcut`. */
export const shortcut = Symbol.for("effect-sendmux/shortcut")

/** How a declaration or a transformation of this package converts, without a step through Effect. */
export class Shortcut {
  constructor(
    /** Builds the closure; `inner` is the one of a declaration's type parameter. */
    readonly make: (decoding: boolean, inner: Convert) => Convert,
    /** Whether both directions accept the same values and return them as they are. */
    readonly isGuard: boolean = false
  ) {}
}

const shortcutOf = (ast: AST.AST): Shortcut | undefined => {
  const found = ast.annotations[shortcut]
  return found instanceof Shortcut ? found : undefined
}

/** Whether annotations change how the interpreter treats a node. */
const hasOwnRules = ({ annotations }: AST.AST): boolean =>
  AST.ParseOptionsAnnotationId in annotations || AST.DecodingFallbackAnnotationId in annotations

const withoutRefinements = (ast: AST.AST): AST.AST =>
  AST.isRefinement(ast) ? withoutRefinements(ast.from) : ast

/** The parser of the interpreter for one node. */
const interpret = (ast: AST.AST, mode: Mode): Convert => {
  const schema: Schema.Schema<unknown> = Schema.make(ast)
  const options = optionsOf(mode)
  let parse: ((value: unknown) => Either.Either<unknown, ParseResult.ParseIssue>) | undefined
  return (value) => {
    parse ??= isDecoding(mode)
      ? ParseResult.decodeUnknownEither(schema, options)
      : ParseResult.encodeUnknownEither(schema, options)
    const result = parse(value)
    return Either.isRight(result) ? result.right : misfit
  }
}

/** The keys of an object that hold one literal each, by which the interpreter selects the members of a union. */
const literalsOf = (ast: AST.AST, decoding: boolean): ReadonlyArray<readonly [PropertyKey, AST.Literal]> => {
  switch (ast._tag) {
    case "TypeLiteral":
      return ast.propertySignatures.flatMap(({ isOptional, name, type }) => {
        const side = decoding ? AST.encodedAST(type) : AST.typeAST(type)
        return AST.isLiteral(side) && !isOptional ? [[name, side] as const] : []
      })
    case "TupleType":
      return ast.elements.flatMap(({ isOptional, type }, index) => {
        const side = decoding ? AST.encodedAST(type) : AST.typeAST(type)
        return AST.isLiteral(side) && !isOptional ? [[index, side] as const] : []
      })
    case "Refinement":
      return literalsOf(ast.from, decoding)
    case "Suspend":
      return literalsOf(ast.f(), decoding)
    case "Transformation":
      return literalsOf(decoding ? ast.from : ast.to, decoding)
    case "Declaration": {
      const surrogate = AST.getSurrogateAnnotation(ast)
      return Option.isSome(surrogate) ? literalsOf(surrogate.value, decoding) : []
    }
    default:
      return []
  }
}

const plainNodes = new WeakMap<AST.AST, boolean>()

/** Whether encoding a value means to check it: both sides of the schema are the same. */
const isPlain = (ast: AST.AST): boolean => {
  let plain = plainNodes.get(ast)
  if (plain === undefined) {
    plain = !hasOwnRules(ast) && hasPlainParts(ast)
    plainNodes.set(ast, plain)
  }
  return plain
}

const hasPlainParts = (ast: AST.AST): boolean => {
  switch (ast._tag) {
    case "StringKeyword":
    case "NumberKeyword":
    case "BooleanKeyword":
    case "UnknownKeyword":
    case "UndefinedKeyword":
    case "Literal":
      return true
    case "Declaration":
      return shortcutOf(ast)?.isGuard === true
    case "Refinement":
      return isPlain(ast.from)
    case "TupleType":
      return ast.elements.length === 0 && ast.rest.every(({ type }) => isPlain(type))
    case "TypeLiteral":
      return (
        ast.propertySignatures.every(({ type }) => isPlain(type)) &&
        ast.indexSignatures.every(({ parameter, type }) => AST.isStringKeyword(parameter) && isPlain(type))
      )
    case "Union":
      // The interpreter may select members differently in the two directions.
      return ast.types.every(
        (member) =>
          isPlain(member) && literalsOf(member, true).length === 0 && literalsOf(member, false).length === 0
      )
    default:
      return false
  }
}

/**
 * Makes a compiler, which remembers what it has compiled. `onInterpreted` is told of each node that is left to the
 * interpreter.
 */
export const makeCompiler = (
  onInterpreted: (ast: AST.AST, mode: Mode) => void = () => undefined
): ((ast: AST.AST, mode: Mode) => Convert) => {
  const compiled: Readonly<Record<Mode, WeakMap<AST.AST, Convert>>> = {
    decode: new WeakMap(),
    decodeStrict: new WeakMap(),
    encode: new WeakMap(),
    encodeChecked: new WeakMap()
  }

  const compile = (ast: AST.AST, mode: Mode): Convert => {
    let convert = compiled[mode].get(ast)
    if (convert === undefined) {
      convert = (hasOwnRules(ast) ? undefined : build(ast, mode)) ?? interpreted(ast, mode)
      compiled[mode].set(ast, convert)
    }
    return convert
  }

  const interpreted = (ast: AST.AST, mode: Mode): Convert => {
    onInterpreted(ast, mode)
    return interpret(ast, mode)
  }

  /** The closure of a node, or `undefined` if it is not supported. */
  const build = (ast: AST.AST, mode: Mode): Convert | undefined => {
    if (!isDecoding(mode) && isPlain(ast)) {
      return mode === "encode" ? compile(ast, "decodeStrict") : asIs
    }
    switch (ast._tag) {
      case "StringKeyword":
        return asString
      case "NumberKeyword":
        return asNumber
      case "BooleanKeyword":
        return asBoolean
      case "UnknownKeyword":
        return asIs
      case "UndefinedKeyword":
        return asLiteral(undefined)
      case "Literal":
        return asLiteral(ast.literal)
      case "Declaration":
        return declared(ast, mode)
      case "Refinement":
        return refined(ast, mode)
      case "Transformation":
        return transformed(ast, mode)
      case "TupleType": {
        const [rest, ...last] = ast.rest
        return rest === undefined || last.length > 0 || ast.elements.length > 0
          ? undefined
          : asArray(compile(rest.type, mode))
      }
      case "TypeLiteral":
        return objectOf(ast, mode)
      case "Union":
        // A member that was selected without its rules might be another one than with them.
        return unionOf(ast, mode === "encodeChecked" ? "encode" : mode)
      default:
        return undefined
    }
  }

  const declared = (ast: AST.Declaration, mode: Mode): Convert | undefined => {
    const direct = shortcutOf(ast)
    const [parameter, ...further] = ast.typeParameters
    if (direct !== undefined && further.length === 0) {
      return direct.make(isDecoding(mode), parameter === undefined ? asIs : compile(parameter, mode))
    }
    if (parameter !== undefined) return undefined
    const parse = isDecoding(mode) ? ast.decodeUnknown() : ast.encodeUnknown()
    const options = optionsOf(mode)
    const slow = interpret(ast, mode)
    return (value) => {
      const result = parse(value, options, ast)
      if (!Either.isEither(result)) return slow(value)
      return Either.isRight(result) ? result.right : misfit
    }
  }

  const refined = (ast: AST.Refinement, mode: Mode): Convert => {
    if (mode === "encodeChecked") return compile(withoutRefinements(ast), mode)
    if (mode === "encode") {
      // The rule is about the checked copy of the value and not about the value, whose getters may change their minds.
      const check = compile(AST.typeAST(ast), "decodeStrict")
      const encode = compile(withoutRefinements(ast), "encodeChecked")
      return (value) => {
        const checked = check(value)
        return checked === misfit ? misfit : encode(checked)
      }
    }
    const from = compile(ast.from, mode)
    const { filter } = ast
    const options = optionsOf(mode)
    return (value) => {
      const converted = from(value)
      return converted === misfit || Option.isSome(filter(converted, options, ast)) ? misfit : converted
    }
  }

  const transformed = (ast: AST.Transformation, mode: Mode): Convert | undefined => {
    const direct = shortcutOf(ast)
    if (direct !== undefined) return direct.make(isDecoding(mode), asIs)
    const { transformation } = ast
    if (transformation._tag !== "FinalTransformation") return undefined
    const decoding = isDecoding(mode)
    const from = compile(decoding ? ast.from : ast.to, mode)
    const to = compile(decoding ? ast.to : ast.from, mode === "encodeChecked" ? "encode" : mode)
    const transform = decoding ? transformation.decode : transformation.encode
    const options = optionsOf(mode)
    const slow = interpret(ast, mode)
    return (value) => {
      const converted = from(value)
      if (converted === misfit) return misfit
      const result = transform(converted, options, ast, value)
      if (!Either.isEither(result)) return slow(value)
      return Either.isRight(result) ? to(result.right) : misfit
    }
  }

  const objectOf = (ast: AST.TypeLiteral, mode: Mode): Convert | undefined => {
    const [index, ...indexes] = ast.indexSignatures
    if (index !== undefined) {
      return indexes.length > 0 || ast.propertySignatures.length > 0 || !AST.isStringKeyword(index.parameter)
        ? undefined
        : asRecord(compile(index.type, mode), mode !== "decode")
    }
    if (ast.propertySignatures.length === 0) return asPresent
    const fields: Array<Field> = []
    for (const { isOptional, name, type } of ast.propertySignatures) {
      if (typeof name !== "string" || name === "__proto__") return undefined
      // A check has copied the value, and the copy of a plain one is its wire form.
      if (mode === "encodeChecked" && isPlain(type)) continue
      fields.push({ name, optional: isOptional, convert: compile(type, mode) })
    }
    if (mode === "encodeChecked") return inOwnStruct(fields)
    return mode === "decode" ? asStruct(fields) : asStrictStruct(fields)
  }

  const unionOf = (ast: AST.Union, mode: Mode): Convert | undefined => {
    const values = ast.types.filter(AST.isLiteral)
    if (values.length === ast.types.length) return asOneOf(values.map(({ literal }) => literal))
    const selected = new Map<string, Map<string, Array<Convert>>>()
    const others: Array<Convert> = []
    for (const member of ast.types) {
      const literals = literalsOf(member, isDecoding(mode))
      if (literals.length === 0) others.push(compile(member, mode))
      for (const [index, [key, { literal }]] of literals.entries()) {
        // Integer keys would come before others.
        if (typeof key !== "string" || /^\d+$/.test(key)) return undefined
        const members = selected.get(key) ?? new Map<string, Array<Convert>>()
        selected.set(key, members)
        const taken = members.get(String(literal))
        // A literal that an earlier member has does not tell them apart, unless there is no further one.
        if (taken !== undefined && index < literals.length - 1) continue
        members.set(String(literal), [...(taken ?? []), compile(member, mode)])
        break
      }
    }
    return selected.size === 0
      ? asFirstOf(others)
      : asSelectedOf(
          [...selected].map(([key, members]) => ({ key, members })),
          others
        )
  }

  return compile
}

/** Compiles a node once for each mode. */
export const compile = /* @__PURE__ */ makeCompiler()
