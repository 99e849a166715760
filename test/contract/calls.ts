/** Calls each operation by its name and compares the request with the facts. */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { isStream } from "../../src/internal/dialect/stream.js"
import { type AnyOperation, placeOf, type Surface } from "../../src/internal/operation/operation.js"
import { mockClient, ok } from "../support/http.js"
import type { DocumentedOperation } from "./contract.js"
import { equal, leastInput } from "./requests.js"
import { sample, smallest } from "./samples.js"
import { isObject } from "./shapes.js"

interface Maker {
  readonly make: (options: object) => Effect.Effect<object, unknown, HttpClient.HttpClient>
}

const isMaker = (u: unknown): u is Maker =>
  typeof u === "function" && "make" in u && typeof u.make === "function"

const entries: Readonly<Record<Surface, string>> = {
  sending: "Sending",
  management: "Management",
  mailbox: "Mailbox"
}

/** The service of a surface, or `undefined` where its entry file does not exist. */
export const loadService = async (surface: Surface): Promise<Maker | undefined> => {
  const name = entries[surface]
  const file = fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url))
  if (!existsSync(file)) return undefined
  const module: Readonly<Record<string, unknown>> = await import(/* @vite-ignore */ file)
  const service = module[name]
  return isMaker(service) ? service : undefined
}

/** The service of a surface over a mock client. */
const serviceOf = (surface: Surface, { make }: Maker, layer: Layer.Layer<HttpClient.HttpClient>) =>
  Effect.provide(make({ apiKey: Redacted.make(apiKeys[surface]) }), layer)

/** The names of the methods of a surface, as `group.method`. */
export const methodsOf = (surface: Surface, maker: Maker): Effect.Effect<ReadonlySet<string>, unknown> =>
  Effect.map(
    serviceOf(surface, maker, mockClient(() => "network").layer),
    (service) =>
      new Set(
        Object.entries(service).flatMap(([group, methods]) =>
          Object.keys(Object(methods)).map((method) => `${group}.${method}`)
        )
      )
  )

const apiKeys: Readonly<Record<Surface, string>> = {
  sending: "smx_mbx_contract_0123456789",
  mailbox: "smx_mbx_contract_0123456789",
  management: "smx_root_contract_0123456789"
}

const isRunnable = (u: unknown): u is Effect.Effect<unknown, unknown> => Effect.isEffect(u)

const responseTo = (document: DocumentedOperation): Response => {
  const status = document.success[0] ?? 200
  switch (document.response) {
    case "envelope":
      return ok(document.data === undefined ? {} : sample(document.data, smallest), { status })
    case "document":
      return new Response("{}", { status, headers: { "content-type": "application/json" } })
    default:
      return new Response("text", { status, headers: { "content-type": "text/plain" } })
  }
}

const forms = (document: DocumentedOperation): ReadonlyArray<string> => [
  ...(document.paginated ? ["pages", "page"] : document.response === "events" ? [] : ["withResponse"]),
  ...(document.notModified ? ["ifNoneMatch"] : [])
]

/** Calls a method with the smallest input that it accepts and compares the request with the facts. */
export const callProblems = (
  document: DocumentedOperation,
  operation: AnyOperation,
  maker: Maker
): Effect.Effect<ReadonlyArray<string>, unknown> => {
  const { seen, layer } = mockClient(() => responseTo(document))
  return Effect.gen(function* () {
    const service: unknown = yield* serviceOf(document.surface, maker, layer)
    const group = isObject(service) ? service[operation.group] : undefined
    const method = isObject(group) ? group[operation.method] : undefined
    if (typeof method !== "function") return [`the service has no ${operation.group}.${operation.method}`]
    const absent = forms(document).filter((form) => !(form in method))
    const problems = absent.map((form) => `${operation.group}.${operation.method} has no .${form}`)
    if (document.response === "events") return problems
    const ids = [...document.path.matchAll(/\{\w+\}/g)].map((_, index) => `id ${index}/?`)
    const input = leastInput(document)
    const called: unknown = Reflect.apply(
      method,
      group,
      operation.input === undefined ? ids : [...ids, input]
    )
    const outcome = isStream(called) ? Stream.runDrain(called) : called
    if (!isRunnable(outcome)) return [...problems, "it returns neither an Effect nor a Stream"]
    const exit = yield* Effect.exit(outcome)
    if (exit._tag === "Failure") problems.push(`it fails: ${String(exit.cause).split("\n")[0]}`)
    const request = seen[0]
    if (request === undefined) return [...problems, "it sends no request"]
    const compare = (what: string, documented: unknown, ours: unknown) => {
      if (documented !== ours)
        problems.push(`${what}: expected ${String(documented)}, and it is ${String(ours)}`)
    }
    let index = 0
    const path = document.path.replace(/\{\w+\}/g, () => encodeURIComponent(ids[index++] ?? ""))
    compare("HTTP method", document.http, request.method)
    compare("URL", `${document.server}${path}`, `${request.url.origin}${request.url.pathname}`)
    const query = Object.entries(input).filter(([name]) => placeOf(operation, name) === "query")
    compare(
      "query",
      query.map(([name, value]) => `${name}=${String(value)}`).join("&"),
      [...request.url.searchParams].map(([name, value]) => `${name}=${value}`).join("&")
    )
    if (document.body === "json") {
      const body = Object.entries(input).filter(([name]) => placeOf(operation, name) === "body")
      const sent: unknown = JSON.parse(request.body)
      if (!equal(Object.fromEntries(body), sent)) problems.push(`the body is ${request.body}`)
    }
    compare("Authorization", document.authenticated, request.headers["authorization"] !== undefined)
    compare("Idempotency-Key", document.headers.has("idempotency-key"), "idempotency-key" in request.headers)
    return problems
  })
}
