/** Schemas that no operation needs and that are written differently for each major version of Effect. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Dialect from "../../../src/internal/dialect/schema.js"

export type SchemaCase = readonly [title: string, schema: Dialect.AnyCodec, values: ReadonlyArray<unknown>]

class Person extends Schema.Class<Person>("Person")({ name: Schema.String }) {}

export const schemaCases: ReadonlyArray<SchemaCase> = [
  ["a literal that equals no value", Dialect.literals("a", Number.NaN), ["a", Number.NaN]],
  [
    "an object with a default",
    Schema.Struct({ a: Schema.optionalWith(Schema.Number, { default: () => 1 }) }),
    [{}, { a: 2 }, { a: undefined }]
  ],
  [
    "an object with keys and an index",
    Schema.Struct({ a: Schema.String }, { key: Schema.String, value: Schema.String }),
    [{ a: "x", b: "y" }]
  ],
  [
    "a record with a pattern of keys",
    Schema.Record({ key: Schema.TemplateLiteral("x-", Schema.String), value: Schema.Number }),
    [{ "x-a": 1 }, { a: 1 }]
  ],
  [
    "a tuple",
    Schema.Tuple(Schema.String, Schema.optionalElement(Schema.Number)),
    [["a"], ["a", 1], ["a", 1, 2]]
  ],
  [
    "a schema that keeps unknown keys",
    Schema.Struct({ a: Schema.String }).annotations({ parseOptions: { onExcessProperty: "preserve" } }),
    [{ a: "x", b: 1 }]
  ],
  [
    "a schema with a fallback",
    Schema.Array(Schema.Number.annotations({ decodingFallback: () => Either.right(7) })),
    [[1, "x"]]
  ],
  ["a class", Person, [{ name: "Ada" }, new Person({ name: "Ada" })]],
  [
    "a union of tuples",
    Dialect.union(Schema.Tuple(Schema.Literal("a"), Schema.String), Schema.Tuple(Schema.Literal("b"))),
    [["a", "x"], ["b"], ["b", 1]]
  ]
]
