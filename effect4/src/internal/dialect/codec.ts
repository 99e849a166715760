/**
 * Compiles a schema's AST to closures, which convert a value in one walk and allocate nothing but the result.
 *
 * The closures accept what Schema's interpreter accepts and return what it returns. For a value that does not fit they
 * return `misfit` without an explanation: the caller then runs the interpreter, which alone writes the messages. A node
 * that is not supported here is handed to the interpreter as well, so that it is slower and never different.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as Parser from "effect/SchemaParser"
import {
  asArray,
  asBoolean,
  asFirstOf,
  asIs,
  asLiteral,
  asNumber,
  asOneOf,
  asPresent,
  asString,
  type Convert,
  misfit
} from "../values/codecValues.js"
import { asRecord, asSelectedOf, asStruct, type Field } from "./codecObjects.js"

/**
 * What a codec does.
 *
 * - `decode` reads a wire value and drops unknown keys.
 * - `decodeStrict` reads a wire value and rejects unknown keys.
 * - `encode` checks a value and returns its wire form. It rejects unknown keys.
 */
export type Mode = "decode" | "decodeStrict" | "encode"

/** What the interpreter is told about unknown keys when a value comes from a caller. */
export const strictOptions: AST.ParseOptions = { errors: "all", onExcessProperty: "error" }

const lenientOptions: AST.ParseOptions = {}

const isDecoding = (mode: Mode): boolean => mode !== "encode"

const optionsOf = (mode: Mode): AST.ParseOptions => (mode === "decode" ? lenientOptions : strictOptions)

/** The annotation under which a schema keeps its `Shortcut`. */
export const shortcut = "effect-sendmux/shortcut"

/** What a `Shortcut` is for, besides its closures. */
export interface ShortcutSettings {
  /**
   * How the two sides of the schema are related: `same` if both directions return the values that they accept, `copied`
   * if they return a copy, and `encoded` (the default) if the schema has an encoding.
   */
  readonly sides?: "same" | "copied" | "encoded"
  /** The schema that this one wraps, whose closure `make` receives. */
  readonly inner?: AST.AST
  /** The value of a key that is missing in a decoded object. Without one, the key stays missing. */
  readonly whenMissing?: null
}

/** How a schema of this package converts, without a step through Effect. */
export class Shortcut {
  constructor(
    /** Builds the closure; `inner` is the one of the wrapped schema. */
    readonly make: (decoding: boolean, inner: Convert) => Convert,
    readonly settings: ShortcutSettings = {}
  ) {}
}

/** The shortcut of a node. An annotation also stays on the type side of a schema, where its encoding is gone. */
const shortcutOf = (ast: AST.AST): Shortcut | undefined => {
  const found = ast.annotations?.[shortcut]
  if (!(found instanceof Shortcut)) return undefined
  const { sides = "encoded" } = found.settings
  return sides !== "encoded" || ast.encoding !== undefined ? found : undefined
}

/** The parser of the interpreter for one node. */
const interpret = (ast: AST.AST, mode: Mode): Convert => {
  const schema = Schema.make<Schema.Codec<unknown, unknown>>(ast)
  const options = optionsOf(mode)
  let parse: ((value: unknown) => Exit.Exit<unknown, unknown>) | undefined
  return (value) => {
    parse ??= isDecoding(mode)
      ? Parser.decodeUnknownExit(schema, options)
      : Parser.encodeUnknownExit(schema, options)
    const exit = parse(value)
    return Exit.isSuccess(exit) ? exit.value : misfit
  }
}

const plainNodes = new WeakMap<AST.AST, boolean>()

/** Whether encoding a value means to check it: both sides of the schema are the same. */
const isPlain = (ast: AST.AST): boolean => {
  let plain = plainNodes.get(ast)
  if (plain === undefined) {
    plain = ast.encoding === undefined && hasPlainParts(ast)
    plainNodes.set(ast, plain)
  }
  return plain
}

const hasPlainParts = (ast: AST.AST): boolean => {
  switch (ast._tag) {
    case "String":
    case "Number":
    case "Boolean":
    case "Unknown":
    case "Undefined":
    case "Null":
    case "Literal":
      return true
    case "Declaration":
      return shortcutOf(ast)?.settings.sides === "same"
    case "Arrays":
      return ast.encodingChecks === undefined && [...ast.elements, ...ast.rest].every(isPlain)
    case "Objects":
      return (
        ast.encodingChecks === undefined &&
        ast.propertySignatures.every(({ type }) => isPlain(type)) &&
        ast.indexSignatures.every(({ parameter, type }) => isPlain(parameter) && isPlain(type))
      )
    case "Union":
      return ast.encodingChecks === undefined && ast.types.every(isPlain)
    default:
      return false
  }
}

/** Whether a value passes the checks of a node. */
const passes = (checks: AST.Checks, value: unknown, ast: AST.AST, options: AST.ParseOptions): boolean =>
  checks.every((check) =>
    check._tag === "Filter"
      ? check.run(value, ast, options) === undefined
      : passes(check.checks, value, ast, options)
  )

/** The result of a transformation that has ended, or `misfit` for any failure. */
const resultOf = (effect: Effect.Effect<unknown, unknown, unknown>): unknown => {
  // The schemas of this package need no services.
  const exit = Exit.isExit(effect) ? effect : Effect.runSyncExit(effect as Effect.Effect<unknown, unknown>)
  return Exit.isSuccess(exit) ? exit.value : misfit
}

/** One step of an encoding, or `undefined` for one that concerns absent keys or the parser itself. */
const stepOf = ({ transformation }: AST.Link, mode: Mode): Convert | undefined => {
  if (transformation._tag === "Middleware") return undefined
  const getter = isDecoding(mode) ? transformation.decode : transformation.encode
  const options = optionsOf(mode)
  switch (getter._tag) {
    case "Passthrough":
      return asIs
    case "Transform":
      return (value) => getter.transform(value)
    case "TransformEffect":
      return (value) => resultOf(getter.transform(value, options))
    default:
      return undefined
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
    encode: new WeakMap()
  }

  const compile = (ast: AST.AST, mode: Mode): Convert => {
    let convert = compiled[mode].get(ast)
    if (convert === undefined) {
      convert = build(ast, mode) ?? interpreted(ast, mode)
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
    if (mode === "encode" && isPlain(ast)) return compile(ast, "decodeStrict")
    const direct = shortcutOf(ast)
    if (direct !== undefined) {
      const { inner: wrapped } = direct.settings
      const inner = wrapped === undefined ? asIs : compile(wrapped, mode)
      return checked(ast, mode, direct.make(isDecoding(mode), inner))
    }
    if (ast.encoding === undefined) return checked(ast, mode, local(ast, mode))
    return encoded(ast, ast.encoding, mode)
  }

  /** Adds the checks of a node, which are about its decoded value. */
  const checked = (ast: AST.AST, mode: Mode, convert: Convert | undefined): Convert | undefined => {
    const { checks } = ast
    if (convert === undefined || ("encodingChecks" in ast && ast.encodingChecks !== undefined))
      return undefined
    if (checks === undefined) return convert
    const options = optionsOf(mode)
    if (isDecoding(mode)) {
      return (value) => {
        const converted = convert(value)
        return converted !== misfit && passes(checks, converted, ast, options) ? converted : misfit
      }
    }
    // The checked copy is encoded and not the value, whose getters may return something else later.
    const copy = compile(AST.toType(ast), "decodeStrict")
    return (value) => {
      const checkedCopy = copy(value)
      return checkedCopy === misfit ? misfit : convert(checkedCopy)
    }
  }

  /** A node whose two sides differ: its own part, and the steps to its wire form. */
  const encoded = (ast: AST.AST, links: AST.Encoding, mode: Mode): Convert | undefined => {
    const own = compile(withoutEncoding(ast), mode)
    const steps: Array<Convert> = []
    for (const link of links) {
      const step = stepOf(link, mode)
      if (step === undefined || link.to.context?.isOptional === true) return undefined
      steps.push(step, compile(link.to, mode))
    }
    steps.unshift(own)
    if (isDecoding(mode)) steps.reverse()
    return (value) => {
      let current = value
      for (const step of steps) {
        current = step(current)
        if (current === misfit) return misfit
      }
      return current
    }
  }

  const withoutEncodings = new WeakMap<AST.AST, AST.AST>()

  const withoutEncoding = (ast: AST.AST): AST.AST => {
    let own = withoutEncodings.get(ast)
    if (own === undefined) {
      own = Object.create(ast, { encoding: { value: undefined } })
      withoutEncodings.set(ast, own as AST.AST)
    }
    return own as AST.AST
  }

  const local = (ast: AST.AST, mode: Mode): Convert | undefined => {
    switch (ast._tag) {
      case "String":
        return asString
      case "Number":
        return asNumber
      case "Boolean":
        return asBoolean
      case "Unknown":
        return asIs
      case "Undefined":
        return asLiteral(undefined)
      case "Null":
        return asLiteral(null)
      case "Literal":
        return asLiteral(ast.literal)
      case "Declaration":
        return declared(ast, mode)
      case "Arrays": {
        const [rest, ...last] = ast.rest
        return rest === undefined || last.length > 0 || ast.elements.length > 0
          ? undefined
          : asArray(compile(rest, mode))
      }
      case "Objects":
        return objectOf(ast, mode)
      case "Union":
        return ast.options?.mode === "oneOf" ? undefined : unionOf(ast, mode)
      default:
        return undefined
    }
  }

  const declared = (ast: AST.Declaration, mode: Mode): Convert | undefined => {
    if (ast.typeParameters.length > 0) return undefined
    const run = ast.run([])
    const options = optionsOf(mode)
    return (value) => resultOf(run(value, ast, options))
  }

  const objectOf = (ast: AST.Objects, mode: Mode): Convert | undefined => {
    const [index, ...indexes] = ast.indexSignatures
    if (index !== undefined) {
      const { parameter, type } = index
      return indexes.length > 0 ||
        ast.propertySignatures.length > 0 ||
        parameter._tag !== "String" ||
        parameter.checks !== undefined ||
        parameter.encoding !== undefined
        ? undefined
        : asRecord(compile(type, mode), mode !== "decode")
    }
    if (ast.propertySignatures.length === 0) return asPresent
    const fields: Array<Field> = []
    for (const { name, type } of ast.propertySignatures) {
      if (typeof name !== "string" || name === "__proto__") return undefined
      // The interpreter alone knows what a missing key reads as.
      if (shortcutOf(type) === undefined && AST.isOptional(wireOf(type)) !== AST.isOptional(type))
        return undefined
      const whenMissing = isDecoding(mode) ? shortcutOf(type)?.settings.whenMissing : undefined
      fields.push({
        name,
        optional: AST.isOptional(type),
        whenMissing,
        convert: compile(type, mode)
      })
    }
    return asStruct(fields, mode !== "decode")
  }

  const unionOf = (ast: AST.Union, mode: Mode): Convert | undefined => {
    const values = ast.types.flatMap((type) =>
      type._tag === "Literal" && type.checks === undefined && type.encoding === undefined
        ? [type.literal]
        : []
    )
    if (values.length === ast.types.length) return asOneOf(values)
    // The interpreter reads every one of these keys, which matters if reading one throws.
    if (ast.types.some((type) => literalsOf(type).size > 1)) return undefined
    const members = ast.types.map((type) => compile(type, mode))
    const key = commonKey(ast.types)
    if (key === undefined) return asFirstOf(members)
    const selected = new Map<unknown, Array<Convert>>()
    for (const [position, type] of ast.types.entries()) {
      const literal = literalsOf(type).get(key)
      const member = members[position]
      if (member !== undefined) selected.set(literal, [...(selected.get(literal) ?? []), member])
    }
    return asSelectedOf(key, new Map([...selected].map(([literal, ones]) => [literal, asFirstOf(ones)])))
  }

  return compile
}

/** The node that stands for a type on the wire, which says whether a key may be missing there. */
const wireOf = (ast: AST.AST): AST.AST => {
  const last = ast.encoding?.[ast.encoding.length - 1]
  return last === undefined ? ast : wireOf(last.to)
}

/** The keys of an object that hold one literal each. */
const literalsOf = (ast: AST.AST): ReadonlyMap<string, AST.LiteralValue> =>
  new Map(
    ast._tag !== "Objects" || ast.encoding !== undefined
      ? []
      : ast.propertySignatures.flatMap(({ name, type }) =>
          typeof name === "string" &&
          type._tag === "Literal" &&
          type.encoding === undefined &&
          !AST.isOptional(type)
            ? [[name, type.literal] as const]
            : []
        )
  )

/** A key that holds a literal in each member of a union. */
const commonKey = (types: ReadonlyArray<AST.AST>): string | undefined => {
  const [first, ...others] = types.map(literalsOf)
  return [...(first?.keys() ?? [])].find((key) => others.every((literals) => literals.has(key)))
}

/** Compiles a node once for each mode. */
export const compile = /* @__PURE__ */ makeCompiler()
