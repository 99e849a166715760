import * as Either from "effect/Either"
import * as Equal from "effect/Equal"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as AST from "effect/SchemaAST"
import { describe, expect, it } from "vitest"
import { compile, type Mode, makeCompiler, strictOptions } from "../../src/internal/dialect/codec.js"
import { misfit } from "../../src/internal/dialect/codecValues.js"
import * as Dialect from "../../src/internal/dialect/schema.js"
import { issuesOf } from "../../src/internal/dialect/schemaIssues.js"
import { discover } from "../contract/discover.js"
import { generator } from "../contract/samples.js"
import { damaged, type Next, valueOf } from "./values.js"

const { operations } = await discover()

interface Subject {
  readonly title: string
  readonly schema: Dialect.AnyCodec
}

const subjects: ReadonlyArray<Subject> = [...operations].flatMap(([name, definitions]) =>
  definitions.flatMap(({ operation }, index) => {
    const title = definitions.length === 1 ? name : `${name} (definition ${index + 1})`
    return [
      ...(operation.input === undefined ? [] : [{ title: `the input of ${title}`, schema: operation.input }]),
      ...(operation.data === undefined ? [] : [{ title: `the data of ${title}`, schema: operation.data }])
    ]
  })
)

type Outcome =
  | { readonly _tag: "value"; readonly value: unknown }
  | { readonly _tag: "rejected" }
  | { readonly _tag: "thrown"; readonly text: string }

const outcomeOf = (run: () => unknown): Outcome => {
  try {
    const value = run()
    return value === misfit ? { _tag: "rejected" } : { _tag: "value", value }
  } catch (error) {
    return { _tag: "thrown", text: String(error) }
  }
}

type Interpret = (value: unknown) => Either.Either<unknown, ParseResult.ParseIssue>

const interpreterOf = (schema: Dialect.AnyCodec, mode: Mode): Interpret =>
  mode === "decode"
    ? ParseResult.decodeUnknownEither(schema)
    : mode === "decodeStrict"
      ? ParseResult.decodeUnknownEither(schema, strictOptions)
      : ParseResult.encodeUnknownEither(schema, strictOptions)

/** The first difference between two values: in type, prototype, keys and their order, attributes or content. */
const difference = (
  one: unknown,
  other: unknown,
  path = "",
  seen = new Set<unknown>()
): string | undefined => {
  if (Object.is(one, other) || seen.has(one)) return undefined
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return `${path}: ${String(one)} and ${String(other)}`
  }
  seen.add(one)
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return `${path}: two prototypes`
  if (Redacted.isRedacted(one) && Redacted.isRedacted(other)) {
    return difference(Redacted.value(one), Redacted.value(other), `${path}<secret>`, seen)
  }
  const keys = Reflect.ownKeys(one)
  const otherKeys = Reflect.ownKeys(other)
  if (keys.length !== otherKeys.length || keys.some((key, index) => key !== otherKeys[index])) {
    return `${path}: keys ${keys.map(String)} and ${otherKeys.map(String)}`
  }
  for (const key of keys) {
    const mine = Object.getOwnPropertyDescriptor(one, key)
    const theirs = Object.getOwnPropertyDescriptor(other, key)
    for (const attribute of ["enumerable", "writable", "configurable"] as const) {
      if (mine?.[attribute] !== theirs?.[attribute]) return `${path}.${String(key)}: ${attribute}`
    }
    const found = difference(mine?.value, theirs?.value, `${path}.${String(key)}`, seen)
    if (found !== undefined) return found
  }
  // Last, because it caches hashes in the values.
  return Equal.isEqual(one) && !Equal.equals(one, other) ? `${path}: not equal` : undefined
}

const differenceOf = (compiled: Outcome, interpreted: Outcome): string | undefined => {
  // The compiler stops at the first misfit. The interpreter, which runs then, goes on and may meet a getter that throws.
  if (compiled._tag === "rejected" && interpreted._tag === "thrown") return undefined
  if (compiled._tag !== interpreted._tag) return `${compiled._tag} instead of ${interpreted._tag}`
  if (compiled._tag === "thrown" && interpreted._tag === "thrown") {
    return compiled.text === interpreted.text ? undefined : `${compiled.text} and ${interpreted.text}`
  }
  return compiled._tag === "value" && interpreted._tag === "value"
    ? difference(compiled.value, interpreted.value)
    : undefined
}

interface Compared {
  readonly compiled: Outcome
  readonly problem: string | undefined
}

const modes: ReadonlyArray<Mode> = ["decode", "decodeStrict", "encode"]

/** Compares both implementations of a mode for one value. */
const comparison = (schema: Dialect.AnyCodec, mode: Mode) => {
  const convert = compile(schema.ast, mode)
  const interpret = interpreterOf(schema, mode)
  return (value: unknown): Compared => {
    const compiled = outcomeOf(() => convert(value))
    const interpreted = outcomeOf(() => Either.getOrElse(interpret(value), () => misfit))
    return { compiled, problem: differenceOf(compiled, interpreted) }
  }
}

const show = (value: unknown): string => {
  try {
    return JSON.stringify(value)?.slice(0, 300) ?? String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}

/** Valid values of both sides of a schema. */
const samples = (schema: Dialect.AnyCodec, next: Next, count: number) => {
  const encode = ParseResult.encodeUnknownEither(schema)
  const decode = ParseResult.decodeUnknownEither(schema)
  const inner = Array.from({ length: count }, () => valueOf(AST.typeAST(schema.ast), next))
  const wire = inner.map((value) => encode(value)).filter(Either.isRight)
  // A transformation may write more than it reads: a negative number where a quantity is expected.
  const readable = wire.map(({ right }) => right).filter((value) => Either.isRight(decode(value)))
  return { inner, wire: readable }
}

const rounds = Number(process.env["CODEC_ROUNDS"] ?? 6)

const damagedOnceOrTwice = (value: unknown, next: Next): unknown => {
  const once = damaged(value, next)
  if (next() < 0.7) return once
  try {
    return damaged(once, next)
  } catch {
    // The first change made the value impossible to copy.
    return once
  }
}

/** Each difference found for a schema, with the value that shows it. */
const problemsOf = (schema: Dialect.AnyCodec, seed: number): ReadonlyArray<string> => {
  const next = generator(seed)
  const { inner, wire } = samples(schema, next, rounds)
  const found: Array<string> = []
  for (const mode of modes) {
    const compare = comparison(schema, mode)
    const valid = mode === "encode" ? inner : wire
    if (valid.length === 0) found.push(`${mode}: there is no valid sample`)
    for (const value of valid) {
      const { compiled, problem } = compare(value)
      if (problem !== undefined) found.push(`${mode} of the valid ${show(value)}: ${problem}`)
      else if (compiled._tag !== "value") found.push(`${mode} of the valid ${show(value)}: ${compiled._tag}`)
      for (let index = 0; index < 40; index++) {
        const hostile = damagedOnceOrTwice(value, next)
        const { problem } = compare(hostile)
        if (problem !== undefined) found.push(`${mode} of ${show(hostile)}: ${problem}`)
      }
    }
  }
  return [...new Set(found)].slice(0, 5)
}

/** The nodes of a schema that the compiler leaves to the interpreter. */
const uncompiled = (schema: Dialect.AnyCodec): ReadonlyArray<string> => {
  const found: Array<string> = []
  const compileAnew = makeCompiler((ast, mode) => found.push(`${mode} of ${ast._tag} ${String(ast)}`))
  for (const mode of modes) compileAnew(schema.ast, mode)
  return found
}

describe("compiled codecs of the operations", () => {
  it("cover the input and the data of every operation without the interpreter", () => {
    expect(operations.size).toBe(118)
    expect(
      Object.fromEntries(
        subjects
          .map(({ schema, title }) => [title, uncompiled(schema)] as const)
          .filter(([, nodes]) => nodes.length > 0)
      )
    ).toEqual({})
  })

  for (const [index, { schema, title }] of subjects.entries()) {
    it(`convert ${title} as the interpreter does, hostile values included`, () => {
      expect(problemsOf(schema, index + 1)).toEqual([])
    })
  }

  it("report the issues of the interpreter", () => {
    const next = generator(99)
    let rejected = 0
    for (const { schema, title } of subjects) {
      const encode = Dialect.encoder(schema)
      const interpret = interpreterOf(schema, "encode")
      for (const value of samples(schema, next, 2).inner) {
        for (let index = 0; index < 5; index++) {
          const hostile = damaged(value, next)
          const compiled = outcomeOf(() => encode(hostile))
          const interpreted = outcomeOf(() =>
            Either.match(interpret(hostile), {
              onLeft: (issue) => ({ ok: false, issues: issuesOf(issue) }),
              onRight: (value) => ({ ok: true, value })
            })
          )
          expect(differenceOf(compiled, interpreted), title).toBeUndefined()
          if (compiled._tag === "value" && JSON.stringify(compiled.value)?.includes('"issues"')) rejected++
        }
      }
    }
    expect(rejected).toBeGreaterThan(100)
  })
})
