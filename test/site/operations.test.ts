import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import ts from "typescript"
import { beforeAll, describe, expect, it } from "vitest"
import { meanings } from "../../site/content/operations/errors.js"
import { exampleOf } from "../../site/content/operations/examples.js"
import { labelsOf, section } from "../../site/content/operations/pages.js"
import { type Method, readSource } from "../../site/content/operations/source.js"
import { Mailbox, Management, Retry, Sandbox, Sending } from "../../src/index.js"
import { allOperations } from "../../src/testing/operations.js"
import { root } from "../support/blocks.js"

const source = readSource()
const folder = join(root, "test/.examples")
const generated = source.methods.filter(({ example }) => example === undefined)

/** Without dots, because the runner takes `management.webhooks.test.ts` for a test. */
const fileOf = ({ operation }: Method): string => join(folder, `${operation.name.replaceAll(".", "-")}.ts`)

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const method of generated) writeFileSync(fileOf(method), `${exampleOf(source.checker, method)}\n`)
})

describe("the entry of an operation", () => {
  it("exists for every operation", () => {
    expect(source.methods.map(({ operation }) => operation.name).sort()).toEqual(
      allOperations.map(({ name }) => name).sort()
    )
  })

  for (const method of source.methods) {
    const { operation } = method
    it(`of ${operation.name} has its method, path, flags, errors, limits and an example`, () => {
      const text = section(source, method, () => undefined)
      expect(text).toContain(`\`${operation.name}\``)
      expect(text).toContain(`\`${operation.http}\``)
      expect(text).toContain(`\`${operation.path}\``)
      for (const label of labelsOf(operation)) expect(text).toContain(`[${label}](`)
      const errors = /^### Errors .*\n\n([\s\S]*?)\n\n/m.exec(text)?.[1] ?? ""
      expect(errors.split("\n").slice(2).length).toBeGreaterThan(operation.authenticated ? 2 : -1)
      expect(text).toMatch(/^### Limits .*\n\n\S/m)
      expect(text).toMatch(/^### Example .*\n\n```ts\nimport /m)
      expect(text).not.toContain("undefined of")
    })
  }
})

describe("the errors of the operations", () => {
  it("contain every code that a docstring names", () => {
    for (const { description, operation } of source.methods) {
      for (const [, code = ""] of description.matchAll(/[Ff]ails? with `([a-z]+(?:_[a-z]+)*)`/g)) {
        expect(Object.keys(meanings), operation.name).toContain(code)
      }
    }
  })
})

/** Arguments for the parameters of an example. */
const argumentsOf = (code: string): ReadonlyArray<unknown> => {
  const parameters = /^export const program = \((.*)\) =>$/m.exec(code)?.[1]
  return (parameters?.split(", ") ?? []).map((parameter) => {
    if (parameter.endsWith(": number")) return 1
    return parameter.endsWith(": string") ? "id_1" : ["id_1"]
  })
}

const layer = Layer.mergeAll(
  Sending.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
  Mailbox.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
  Management.layer({ apiKey: Sandbox.rootKey, retry: Retry.none })
).pipe(Layer.provideMerge(Sandbox.layer))

type Services = Sending | Mailbox | Management

const isProgram = (value: unknown): value is Effect.Effect<unknown, { readonly _tag: string }, Services> =>
  Effect.isEffect(value)

describe("the generated examples", () => {
  it("compile", { timeout: 300_000 }, () => {
    const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
    const program = ts.createProgram(generated.map(fileOf), { ...options, incremental: false })
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`
      )
    expect(generated.length).toBeGreaterThan(50)
    expect(problems).toEqual([])
  })

  for (const method of generated) {
    it(`of ${method.operation.name} sends what the sandbox understands`, async () => {
      const { program }: { readonly program: unknown } = await import(pathToFileURL(fileOf(method)).href)
      const made: unknown =
        typeof program === "function" ? program(...argumentsOf(exampleOf(source.checker, method))) : program
      if (!isProgram(made)) throw new Error("The example is not an effect")
      const result = await Effect.runPromise(Effect.either(made).pipe(Effect.provide(layer)))
      // The ids are invented, so the sandbox may respond that there is no such resource.
      if (Either.isLeft(result)) {
        expect(result.left).toMatchObject({ _tag: "APIError" })
        expect(["not_found", "conflict", "invalid_parameter"]).toContain(Object(result.left).code)
      }
    })
  }
})
