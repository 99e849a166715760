/** Schemas that no operation needs, as Effect 4 writes them. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Dialect from "../../../src/internal/dialect/schema.js"

export type SchemaCase = readonly [title: string, schema: Dialect.AnyCodec, values: ReadonlyArray<unknown>]

class Person extends Schema.Class<Person>("Person")({ name: Schema.String }) {}

export const schemaCases: ReadonlyArray<SchemaCase> = [
  [
    "an object with keys and an index",
    Schema.StructWithRest(Schema.Struct({ a: Schema.String }), [Schema.Record(Schema.String, Schema.String)]),
    [{ a: "x", b: "y" }]
  ],
  [
    "a record with a pattern of keys",
    Schema.Record(Schema.TemplateLiteral(["x-", Schema.String]), Schema.Number),
    [{ "x-a": 1 }, { a: 1 }]
  ],
  [
    "a tuple",
    Schema.Tuple([Schema.String, Schema.optionalKey(Schema.Number)]),
    [["a"], ["a", 1], ["a", 1, 2]]
  ],
  [
    "a union of tuples",
    Dialect.union(Schema.Tuple([Schema.Literal("a"), Schema.String]), Schema.Tuple([Schema.Literal("b")])),
    [["a", "x"], ["b"], ["b", 1]]
  ],
  ["a class", Person, [{ name: "Ada" }, new Person({ name: "Ada" })]],
  [
    "an object with a default",
    Schema.Struct({ a: Schema.Number.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))) }),
    [{}, { a: 2 }, { a: undefined }]
  ],
  [
    "a union of which one member only may match",
    Schema.Union([Schema.String, Schema.Number], { mode: "oneOf" }),
    ["a", 1, true]
  ]
]
