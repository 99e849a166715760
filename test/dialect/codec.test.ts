import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { compile, type Mode, makeCompiler } from "../../src/internal/dialect/codec.js"
import { misfit } from "../../src/internal/values/codecValues.js"
import * as Dialect from "../../src/internal/dialect/schema.js"
import { parseTimestamp } from "../../src/internal/values/isoTimestamp.js"
import { discover } from "../contract/discover.js"
import { generator } from "../contract/samples.js"
import { typeSide } from "../support/dialect/ast.js"
import { type SchemaCase, schemaCases } from "../support/dialect/schemaCases.js"
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
  | { readonly _tag: "thrown" }

const outcomeOf = (run: () => unknown): Outcome => {
  try {
    const value = run()
    return value === misfit ? { _tag: "rejected" } : { _tag: "value", value }
  } catch {
    // A getter that throws. Effect 4 wraps its error.
    return { _tag: "thrown" }
  }
}

type Interpret = (value: unknown) => Dialect.Coded<unknown>

const interpreterOf = (schema: Dialect.AnyCodec, mode: Mode): Interpret =>
  mode === "decode"
    ? Dialect.interpretingDecoder(schema)
    : mode === "decodeStrict"
      ? Dialect.interpretingRequestDecoder(schema)
      : Dialect.interpretingEncoder(schema)

/** The value of a `Redacted`, or `undefined` for an object that only inherits from one. */
const secretIn = (redacted: Redacted.Redacted<unknown>): unknown => {
  try {
    return Redacted.value(redacted)
  } catch {
    return undefined
  }
}

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
    return difference(secretIn(one), secretIn(other), `${path}<secret>`, seen)
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
    const interpreted = outcomeOf(() => {
      const coded = interpret(value)
      return coded.ok ? coded.value : misfit
    })
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
  const encode = Dialect.interpretingEncoder(schema)
  const decode = Dialect.interpretingDecoder(schema)
  const inner = Array.from({ length: count }, () => valueOf(typeSide(schema.ast), next))
  const wire = inner.map((value) => encode(value)).flatMap((coded) => (coded.ok ? [coded.value] : []))
  // A transformation may write more than it reads: a negative number where a quantity is expected.
  const readable = wire.filter((value) => decode(value).ok)
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
          const interpreted = outcomeOf(() => interpret(hostile))
          expect(differenceOf(compiled, interpreted), title).toBeUndefined()
          if (compiled._tag === "value" && JSON.stringify(compiled.value)?.includes('"issues"')) rejected++
        }
      }
    }
    expect(rejected).toBeGreaterThan(100)
  })
})

interface Tree {
  readonly name: string
  readonly children: ReadonlyArray<Tree>
}

const Tree: Dialect.Codec<Tree, Tree> = Schema.Struct({
  name: Schema.String,
  children: Schema.Array(Schema.suspend(() => Tree))
})

const range = Dialect.check(
  Schema.Struct({ from: Dialect.utcTimestamp, to: Dialect.optionalInput(Dialect.utcTimestamp) }),
  ({ from, to }) =>
    to === undefined || DateTime.toEpochMillis(to) >= DateTime.toEpochMillis(from)
      ? undefined
      : "must not be before"
)

const dog = Schema.Struct({ kind: Schema.Literal("dog"), name: Schema.String })
const cat = Schema.Struct({ kind: Schema.Literal("cat"), name: Schema.Number })
const toy = Schema.Struct({ kind: Schema.Literal("dog"), toy: Schema.Literal(1), name: Schema.String })
const any = Schema.Struct({ kind: Schema.String })
const aDog = { kind: "dog", name: "x", toy: 1 }
const anInstant = DateTime.unsafeMake(1_780_000_000_000)

/** Schemas that no operation needs today, and values that fit them or nearly do. */
const others: ReadonlyArray<SchemaCase> = [
  ...schemaCases,
  ["a union with a literal field", Dialect.union(dog, cat), [aDog, { kind: "cat", name: 1 }]],
  [
    "a union whose general member comes first",
    Dialect.union(any, dog, cat),
    [aDog, { kind: "cow" }, { kind: "cat" }]
  ],
  ["a union with two literal fields", Dialect.union(dog, toy, cat, any), [aDog, { kind: "dog", toy: 1 }]],
  [
    "a union with a number as literal",
    Dialect.union(toy, Schema.Struct({ toy: Schema.Literal(2) })),
    [{ toy: "2" }, { toy: 2 }, aDog]
  ],
  [
    "a union with integer keys",
    Dialect.union(Schema.Struct({ b: Schema.Literal(1) }), Schema.Struct({ 1: Schema.Literal(1) })),
    [{ b: 1, 1: 1 }]
  ],
  [
    "a union with a checked literal",
    Dialect.union(
      Schema.Struct({ a: Dialect.check(Schema.Literal("x"), () => undefined) }),
      Schema.Struct({ a: Schema.String, b: Schema.Undefined })
    ),
    [{ a: "x" }, { a: "y" }, { a: "x", b: undefined }]
  ],
  ["literals", Dialect.literals("a", 1, true), ["a", 1, true, Number.NaN, "1"]],
  [
    "a check of converted fields",
    range,
    [
      { from: "2026-08-01T10:00:00Z", to: "2026-08-01T09:00:00Z" },
      { from: "2026-08-01T10:00:00Z" },
      { from: anInstant, to: anInstant },
      { from: anInstant, to: undefined }
    ]
  ],
  [
    "a list of checks",
    Dialect.check(Schema.Array(range), (list) => (list.length > 0 ? undefined : "is empty")),
    [[], [{ from: "2026-08-01T10:00:00Z" }], [{ from: anInstant }]]
  ],
  [
    "a record of instants",
    Dialect.record(Dialect.utcTimestamp),
    [{ a: "2026-08-01T10:00:00Z" }, { a: anInstant }, {}]
  ],
  ["an object without keys", Schema.Struct({}), [{}, { a: 1 }, "x", 0]],
  [
    "an object with a key named __proto__",
    Schema.Struct({ ["__proto__"]: Schema.Unknown, a: Schema.String }),
    [{ a: "x" }, JSON.parse('{"__proto__": {"b": 1}, "a": "x"}')]
  ],
  ["a recursive schema", Tree, [{ name: "a", children: [{ name: "b", children: [] }] }]],
  [
    "a lenient list in a nullable value",
    Dialect.nullable(Schema.Array(Dialect.nullableLenient(Dialect.utcTimestamp))),
    [["x", null, "2026-08-01T10:00:00+02:00"], null, [anInstant]]
  ],
  ["a length of time", Dialect.durationFromMillis, [5, -1, Number.NaN]],
  [
    "a secret of a caller",
    Dialect.check(Dialect.secretInput(Schema.String), () => undefined),
    ["x", Redacted.make("x"), Redacted.make(1)]
  ]
]

describe("compiled codecs", () => {
  for (const [title, schema, values] of others) {
    it(`convert ${title} as the interpreter does`, () => {
      const next = generator(title.length)
      const found: Array<string> = []
      for (const mode of modes) {
        const compare = comparison(schema, mode)
        const tried = values.flatMap((value) => [
          value,
          ...Array.from({ length: 60 }, () => damagedOnceOrTwice(value, next))
        ])
        for (const value of tried) {
          const { problem } = compare(value)
          if (problem !== undefined) found.push(`${mode} of ${show(value)}: ${problem}`)
        }
      }
      expect(found).toEqual([])
    })
  }

  it("encode the value that was checked, and not what a getter returns later", () => {
    const schema = Dialect.check(
      Schema.Struct({ size: Schema.Number, at: Dialect.optionalInput(Dialect.utcTimestamp) }),
      ({ size }) => (size < 10 ? undefined : "is too large")
    )
    let reads = 0
    const input = {
      get size() {
        reads++
        return reads === 1 ? 1 : 99
      }
    }
    expect(Dialect.encoder(schema)(input)).toEqual({ ok: true, value: { size: 1 } })
  })

  it("decode a frozen value without sharing its objects", () => {
    const schema = Schema.Struct({ list: Schema.Array(Schema.Struct({ at: Dialect.utcTimestamp })) })
    const input = Object.freeze({
      list: Object.freeze([Object.freeze({ at: "2026-08-01T10:00:00Z", more: 1 })])
    })
    const coded = Dialect.decoder(schema)(input)
    expect(coded.ok && Object.isFrozen(coded.value.list)).toBe(false)
    expect(coded.ok && Object.keys(coded.value.list[0] ?? {})).toEqual(["at"])
    expect(input.list[0]?.at).toBe("2026-08-01T10:00:00Z")
  })
})

describe("parseTimestamp", () => {
  const odd = [
    "",
    "x",
    "2026-08-01",
    "2026-08-01T10:00Z",
    "2026-08-01T10:00:00",
    "2026-08-01T10:00:00+02:00",
    "2026-08-01T10:00:00.1Z",
    "2026-08-01T10:00:00.123456Z",
    "2026-08-01t10:00:00z",
    "2026-08-01 10:00:00Z",
    "2026-02-29T10:00:00Z",
    "2028-02-29T10:00:00.999Z",
    "2026-04-31T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-00-01T10:00:00Z",
    "2026-01-00T10:00:00Z",
    "2026-01-32T10:00:00Z",
    "2026-08-01T24:00:00Z",
    "2026-08-01T24:00:00.000Z",
    "2026-08-01T25:00:00Z",
    "2026-08-01T10:60:00Z",
    "2026-08-01T10:00:60Z",
    "0000-01-01T00:00:00Z",
    "0099-03-01T00:00:00.001Z",
    "1900-02-28T23:59:59.999Z",
    "9999-12-28T23:59:59Z",
    "+02026-08-01T10:00:00.0Z",
    "-000001-01-01T00:00:00Z",
    "２026-08-01T10:00:00Z",
    "2026-08-01T10:00:00.12xZ",
    "2026/08/01T10:00:00Z"
  ]

  it.each(odd)("reads %j as Date.parse does", (text) => {
    expect(parseTimestamp(text)).toBe(Date.parse(text))
  })

  it("reads instants of every month of 10,000 years as Date.parse does", () => {
    const next = generator(7)
    for (let index = 0; index < 20_000; index++) {
      const millis = Math.floor(-62_167_219_200_000 + next() * 315_569_519_999_999)
      const text = new Date(millis).toISOString()
      const whole = `${text.slice(0, 19)}Z`
      if (parseTimestamp(text) !== millis || parseTimestamp(whole) !== Date.parse(whole)) {
        expect(text).toBe("read correctly")
      }
    }
  })
})
