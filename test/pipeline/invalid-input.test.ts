/**
 * The messages about invalid input, of every operation.
 */
import { describe, expect, it } from "@effect/vitest"
import type { AnyOperation } from "../../src/internal/operation/operation.js"
import { prepare } from "../../src/internal/request/prepare.js"
import { discover } from "../contract/discover.js"
import { generator } from "../contract/samples.js"
import { valueOf } from "../dialect/values.js"
import { type AST, nodeOf, typeSide } from "../support/dialect/ast.js"

const { operations } = await discover()

/** Values of every type. Each contains a mark, as far as its type allows. */
const mark = "smx_mbx_VALUE"
const misfits: ReadonlyArray<unknown> = [
  mark,
  `${mark}\n${"x".repeat(2000)}`,
  "",
  -987654321.5,
  Number.NaN,
  true,
  null,
  [mark],
  [],
  { [mark.toLowerCase()]: mark },
  {},
  new Date(Number.NaN),
  Symbol.for(mark),
  987654321n,
  () => mark
]

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** A value with each of its parts replaced by each misfit, one at a time, and with each key left out. */
const replaced = function* (value: unknown): Generator<unknown> {
  yield* misfits
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      for (const part of replaced(item)) yield value.map((one, index) => (index === at ? part : one))
    }
  } else if (isPlain(value)) {
    for (const [key, item] of Object.entries(value)) {
      for (const part of replaced(item)) yield { ...value, [key]: part }
      const { [key]: _, ...others } = value
      yield others
    }
    yield { ...value, field_of_tomorrow: mark }
  }
}

const settings = {
  baseUrl: "https://example.com/api/v1",
  timeout: 1000,
  maxResponseBytes: 1000,
  allowInsecure: false,
  mailboxId: undefined
}

/** The problems that a call with an input is refused with. */
const issuesOf = (operation: AnyOperation, input: unknown) => {
  const ids = Array.from({ length: operation.idCount }, () => "id_1")
  const prepared = prepare(operation, settings, undefined, { ids, input, options: undefined })
  return "_tag" in prepared ? prepared.issues : []
}

const inputs = [...operations].flatMap(([name, definitions]) =>
  definitions.flatMap(({ operation }) => (operation.input === undefined ? [] : [[name, operation] as const]))
)

const jargon =
  /expected|actual|union|refinement|transformation|declar|type side|encoded|readonly|\b(min|max)(Length|Items)\b|filter\(|parse|schema|fromself|[<>{}|]|DateTimeUtc|undefined,|\bint\b|annotation|another value/i

/** The names of the fields of an input. */
const namesOf = (ast: AST): ReadonlyArray<string> => {
  const node = nodeOf(ast)
  if (node.kind === "checked") return namesOf(node.from)
  return node.kind === "object" ? node.fields.map(({ name }) => name) : []
}

describe("the problems of an invalid input", () => {
  it("are found for every operation that has an input", () => {
    expect(inputs.length).toBeGreaterThan(60)
  })

  for (const [name, operation] of inputs) {
    it(`of ${name} name the path and what is required in words, without the value`, () => {
      const next = generator(name.length + 7)
      const ast = operation.input?.ast
      if (ast === undefined) return
      const keys = new Set(namesOf(typeSide(ast)))
      let refused = 0
      for (let times = 0; times < 3; times++) {
        for (const input of replaced(valueOf(ast, next))) {
          for (const { message, path } of issuesOf(operation, input)) {
            refused++
            expect(message).not.toMatch(jargon)
            // A rule about several fields has no path, and names the fields.
            const named = path === "" ? message.split(/[ ,]/).filter((word) => keys.has(word)) : [path]
            if (!message.startsWith("the input must ")) expect(named).not.toEqual([])
            if (path !== "") expect(message).toMatch(/^(must |is missing$|is not a known field$)/)
            expect(`${path} ${message}`).not.toMatch(/smx_mbx_VALUE|987654321/)
          }
        }
      }
      expect(refused).toBeGreaterThan(0)
    })
  }
})

describe("the problem of a value of another type names both types", () => {
  const send = inputs.find(([name]) => name === "sending.emails.send")?.[1]
  const message = {
    from: { email: "hello@example.com" },
    to: { email: "ada@example.com" },
    subject: "Hi",
    html_body: "<p>Hi</p>"
  }
  for (const [change, expected] of [
    [{ to: "ada@example.com" }, "to must be an address object, got a string"],
    [{ to: [{ email: "ada@example.com" }] }, "to must be an address object, got a list"],
    [{ cc: { email: "ada@example.com" } }, "cc must be a list, got an object"],
    [{ cc: ["ada@example.com"] }, "cc[0] must be an address object, got a string"],
    [{ subject: 7 }, "subject must be a string, got a number"],
    [{ attachments: ["a.txt"] }, "attachments[0] must be an attachment object, got a string"],
    [{ attachments: [{ attachment_id: 7 }] }, "attachments[0].attachment_id must be a string, got a number"],
    [
      { attachments: [{ filename: "a.txt", content: 7 }] },
      "attachments[0].content must be base64 text or a Uint8Array, got a number"
    ],
    [
      { attachments: [{ filename: "a.txt", content: "aGk=", encoding: "hex" }] },
      'attachments[0].encoding must be "base64"'
    ]
  ] as const) {
    it(expected, () => {
      const issues = send === undefined ? [] : issuesOf(send, { ...message, ...change })
      expect(issues.map(({ message, path }) => `${path} ${message}`)).toEqual([expected])
    })
  }
})
