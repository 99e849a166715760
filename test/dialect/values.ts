/** Values for the tests of codecs: valid ones made from a schema, and hostile ones made from valid ones. */
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { interpretingEncoder } from "../../src/internal/dialect/schema.js"
import { type AST, nodeOf, schemaOf } from "../support/dialect/ast.js"

/** A number from 0 to 1, exclusive. */
export type Next = () => number

const below = (next: Next, limit: number): number => Math.floor(next() * limit)

const pick = <A>(next: Next, values: ReadonlyArray<A>): A => {
  const value = values[below(next, values.length)]
  if (value === undefined && values.length === 0) throw new Error("there is nothing to pick from")
  return value as A
}

const texts = [
  "ada@example.com",
  "x",
  "",
  "text/plain",
  "https://example.com/a?b=c",
  "mail.example.com",
  "aGVsbG8=",
  "2026-08-01T10:00:00Z",
  "2026-08-01",
  "12.340000",
  "0",
  "line\nbreak",
  "__proto__",
  "constructor",
  "dgrp_a1",
  "allow",
  "allowlist",
  `att_${"a".repeat(24)}`,
  "0123456789abcdef".repeat(4),
  "Grüße, 世界 👋🏽"
]

const numbers = [0, 1, 2, 25, 100, 587, 1_000, 53_687_091_200, 0.25, -1, -0]

const leaves: ReadonlyArray<unknown> = [
  ...texts,
  ...numbers,
  null,
  undefined,
  true,
  false,
  DateTime.unsafeMake(1_780_000_000_123),
  DateTime.unsafeMakeZoned(1_780_000_000_000, { timeZone: "Europe/Berlin" }),
  new Date(1_780_000_000_000),
  BigDecimal.make(1_200n, 3),
  Redacted.make("secret-1"),
  new Uint8Array([1, 2, 3]),
  { anything: ["goes", 1, null] }
]

/** A value of the inner side of a schema. */
export const valueOf = (ast: AST, next: Next): unknown => {
  const node = nodeOf(ast)
  switch (node.kind) {
    case "object": {
      const { fields, values } = node
      const known = fields.flatMap(({ name, optional, type }) =>
        optional && next() < 0.5 ? [] : [[name, valueOf(type, next)] as const]
      )
      const others =
        values === undefined
          ? []
          : Array.from({ length: below(next, 3) }, (_, at) => [`key_${at}`, valueOf(values, next)] as const)
      return Object.fromEntries([...known, ...others])
    }
    case "list": {
      const { item } = node
      return item === undefined ? [] : Array.from({ length: below(next, 4) }, () => valueOf(item, next))
    }
    case "union":
      return valueOf(pick(next, node.types), next)
    case "literal":
      return node.value
    case "declaration": {
      // A value that may be absent, or a secret.
      if (node.parameter !== undefined) {
        const value = next() < 0.7 ? valueOf(node.parameter, next) : absentOf(ast)
        if (isOf(ast)(value)) return value
      }
      return pick(next, leaves.filter(isOf(ast)))
    }
    case "checked": {
      const fits = isOf(ast)
      for (let attempt = 0; attempt < 200; attempt++) {
        const value = valueOf(node.from, next)
        if (fits(value)) return value
      }
      throw new Error(`found no value of ${String(ast)}`)
    }
    default:
      return pick(next, leaves.filter(isOf(ast)))
  }
}

/** `null` or `undefined`, whichever a declaration writes for an absent value. */
const absentOf = (ast: AST): null | undefined =>
  interpretingEncoder(schemaOf(ast))(null).ok ? null : undefined

const isOf = (ast: AST): ((value: unknown) => boolean) => Schema.is(schemaOf(ast))

/** An object whose getters and setters count as own properties of a class instance. */
class Instance {
  readonly own = 1
  get inherited(): string {
    return "x"
  }
}

const withExtra = (): ReadonlyArray<unknown> =>
  Object.assign(["x"], { extra: true, every: () => true, some: () => false, join: () => "y", length: 1 })

class SubArray extends Array<unknown> {}

const inherits = Object.create({ email: "ada@example.com", name: "Ada", id: "1" })

const throwing = {
  get email(): string {
    throw new Error("this getter throws")
  }
}

const hostile: ReadonlyArray<unknown> = [
  undefined,
  null,
  Number.NaN,
  -0,
  Number.POSITIVE_INFINITY,
  1e308,
  2 ** 53,
  10n,
  "",
  "not a date",
  "2026-02-30T10:00:00Z",
  "2026-08-01T24:00:00.000Z",
  "1e400",
  "a".repeat(5_000),
  Symbol("x"),
  Symbol.for("effect-sendmux/misfit"),
  () => "x",
  new Date(Number.NaN),
  new Date(0),
  Redacted.make("secret-2"),
  Redacted.make(5),
  DateTime.unsafeMake(0),
  DateTime.unsafeMakeZoned(0, { timeZone: "Europe/Berlin" }),
  BigDecimal.make(100n, -1),
  BigDecimal.make(0n, 4),
  new Map([["email", "ada@example.com"]]),
  new Instance(),
  inherits,
  throwing,
  Object.create(null),
  JSON.parse('{"__proto__": {"email": "ada@example.com"}, "email": "bob@example.com"}'),
  new Proxy({ email: "ada@example.com" }, {}),
  new Proxy(["ada@example.com"], {}),
  Object.freeze(["x"]),
  // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
  ["x", , "y"],
  new Array(3),
  withExtra(),
  SubArray.from(["x"]),
  { length: 1, 0: "x" },
  Object("x"),
  Object(1),
  new Uint8Array([1]),
  {},
  [],
  [[]]
]

type Edit = (object: Readonly<Record<PropertyKey, unknown>>, key: string, next: Next) => unknown

const without = (object: Readonly<Record<PropertyKey, unknown>>, key: string) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))

const edits: ReadonlyArray<Edit> = [
  (object, key) => without(object, key),
  (object, key) => ({ ...object, [key]: undefined }),
  (object, key) => ({ ...object, [key]: null }),
  (object, key, next) => ({ ...object, [key]: pick(next, hostile) }),
  (object) => ({ ...object, field_of_tomorrow: 1 }),
  (object) => ({ field_of_tomorrow: undefined, ...object }),
  (object) => ({ ...object, [Symbol("unknown")]: 1 }),
  (object) => Object.defineProperty({ ...object }, "hidden", { value: 1, enumerable: false }),
  (object) => Object.defineProperty({ ...object }, "__proto__", { value: { id: "1" }, enumerable: true }),
  (object, key) => Object.assign(Object.create({ [key]: object[key] }), without(object, key)),
  (object, key) =>
    Object.defineProperty({ ...object }, key, {
      get: () => object[key],
      enumerable: true,
      configurable: true
    }),
  (object, key) => Object.defineProperty({ ...object }, key, { enumerable: false }),
  (object, key) =>
    Object.defineProperty({ ...object }, key, {
      get: () => {
        throw new Error("this getter throws")
      },
      enumerable: true
    }),
  (object) => Object.fromEntries(Object.entries(object).reverse()),
  (object) => Object.assign(Object.create(null), object),
  (object) => Object.assign(new Instance(), object),
  (object) => new Proxy({ ...object }, {}),
  (object) => Object.freeze({ ...object }),
  (object) => Object.values(object)
]

type ListEdit = (list: ReadonlyArray<unknown>, next: Next) => unknown

const listEdits: ReadonlyArray<ListEdit> = [
  (list) => [...list, undefined],
  (list) => Object.assign([...list], { length: list.length + 1 }),
  (list, next) => [...list, pick(next, hostile)],
  (list) => list.slice(1),
  (list) => [...list, ...list],
  (list) => [list],
  (list) => Object.assign([...list], { extra: 1, every: () => true, join: () => "y" }),
  (list) => SubArray.from(list),
  (list) => new Proxy([...list], {}),
  (list) => ({ ...list, length: list.length }),
  (list) => Array.from({ length: 120 }, (_, index) => list[index % Math.max(list.length, 1)])
]

const isPlainObject = (value: unknown): value is Readonly<Record<PropertyKey, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** A value with one node, chosen at random, changed in a hostile way. */
export const damaged = (value: unknown, next: Next): unknown => {
  if (next() < 0.08) return pick(next, hostile)
  if (Array.isArray(value)) {
    if (value.length === 0 || next() < 0.3) return pick(next, listEdits)(value, next)
    const at = below(next, value.length)
    return value.map((item, index) => (index === at ? damaged(item, next) : item))
  }
  if (isPlainObject(value)) {
    const keys = Object.keys(value)
    const key = keys.length === 0 ? "id" : pick(next, keys)
    return next() < 0.4 ? pick(next, edits)(value, key, next) : { ...value, [key]: damaged(value[key], next) }
  }
  return pick(next, hostile)
}
