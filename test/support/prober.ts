/**
 * An `HttpClient` between the SDK and the sandbox that checks every raw answer against the documents, and asks around
 * each call what else the contract promises of it: without a key, with a wrong one, once more, under another ETag.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { DocumentedOperation } from "../contract/documents.js"
import { errorProblems, type LoadedDocuments, type RawAnswer, successProblems } from "./answers.js"

type Request = HttpClientRequest.HttpClientRequest

type Change = (request: Request) => Request

/** Finds the operation of a request. */
const finder = ({ operations }: LoadedDocuments) => {
  const compiled = operations
    .map((document) => ({
      document,
      origin: new URL(document.server).origin,
      pattern: new RegExp(
        `^${new URL(document.server).pathname}${document.path.replace(/\{\w+\}/g, "([^/]+)")}$`
      ),
      places: document.path.split("{").length
    }))
    .sort((a, b) => a.places - b.places)
  return (method: string, { origin, pathname }: URL): DocumentedOperation | undefined =>
    compiled.find(
      (one) => one.document.http === method && one.origin === origin && one.pattern.test(pathname)
    )?.document
}

const rebuilt = (request: Request, url: URL, headers: Readonly<Record<string, string>>): Request =>
  HttpClientRequest.make(request.method as "GET")(url, { headers }).pipe(
    HttpClientRequest.setBody(request.body)
  )

const withoutHeader =
  (name: string): Change =>
  (request) =>
    rebuilt(
      request,
      new URL(request.url),
      Object.fromEntries(Object.entries(request.headers).filter(([key]) => key !== name))
    )

const jsonOf = (request: Request): Record<string, unknown> =>
  request.body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(request.body.body)) : {}

const withBody =
  (text: string): Change =>
  (request) =>
    HttpClientRequest.setBody(
      request,
      HttpBody.uint8Array(new TextEncoder().encode(text), "application/json")
    )

export interface Keys {
  readonly mailbox: string
  readonly root: string
}

export interface Prober {
  readonly client: HttpClient.HttpClient
  readonly problems: ReadonlyArray<string>
  /** The operations that were answered well. */
  readonly called: ReadonlySet<string>
  /** The probes that were made, as `probe operation`. */
  readonly probes: ReadonlySet<string>
}

export const prober = (
  sandbox: HttpClient.HttpClient,
  documents: LoadedDocuments,
  keys: Keys,
  { around = true }: { readonly around?: boolean } = {}
): Prober => {
  const find = finder(documents)
  const problems: Array<string> = []
  const called = new Set<string>()
  const probes = new Set<string>()

  /** Sends a request and keeps its answer; a stream of events is left unread. */
  const ask = (request: Request): Effect.Effect<RawAnswer, HttpClientError.HttpClientError> =>
    Effect.scoped(
      Effect.flatMap(sandbox.execute(request), (response) =>
        Effect.map(
          response.headers["content-type"]?.startsWith("text/event-stream")
            ? Effect.succeed("")
            : response.text,
          (body) => ({ status: response.status, headers: { ...response.headers }, body })
        )
      )
    )

  const probe = (
    name: string,
    document: DocumentedOperation,
    request: Request,
    check: (answer: RawAnswer) => ReadonlyArray<string>
  ) => {
    const key = `${name} ${document.name}`
    if (probes.has(key)) return Effect.void
    probes.add(key)
    return Effect.map(ask(request), (answer) => {
      problems.push(...check(answer).map((problem) => `${document.name}, ${name}: ${problem}`))
    })
  }

  const refusals = (document: DocumentedOperation, request: Request, url: URL) => {
    const host = document.surface === "sending" ? "sending" : "app"
    const refused = (name: string, change: Change, ...codes: ReadonlyArray<string>) =>
      probe(name, document, change(request), (answer) => errorProblems(documents, host, answer, ...codes))
    const { headers } = request
    const withQuery =
      (name: string, value: string): Change =>
      () => {
        const changed = new URL(url)
        changed.searchParams.set(name, value)
        return rebuilt(request, changed, headers)
      }
    const asked: Array<Effect.Effect<void, HttpClientError.HttpClientError>> = []
    if (document.authenticated) {
      const wrong = document.surface === "management" ? keys.mailbox : keys.root
      asked.push(
        refused("no key", withoutHeader("authorization"), "authentication_required"),
        refused(
          "unknown key",
          HttpClientRequest.setHeader("authorization", "Bearer smx_none"),
          "authentication_required"
        ),
        refused("wrong key", HttpClientRequest.bearerToken(wrong), "insufficient_permissions")
      )
    }
    if (document.path.includes("{") && document.authenticated) {
      const ids = document.path.replace(/\{\w+\}/g, "no-such-thing")
      const stranger = new URL(`${document.server}${ids}${url.search}`)
      asked.push(refused("unknown id", () => rebuilt(request, stranger, headers), "not_found"))
    }
    if (document.query.has("mailbox_id") && document.surface === "mailbox") {
      asked.push(
        refused("foreign mailbox", withQuery("mailbox_id", "mbx_none"), "insufficient_permissions", "not_found")
      )
    }
    if (document.paginated) {
      for (const [name, value] of [
        ["cursor", "nonsense"],
        ["limit", "0"],
        ["limit", "101"]
      ] as const) {
        asked.push(refused(`${name} ${value}`, withQuery(name, value), "invalid_parameter"))
      }
    }
    for (const [name, { required }] of document.query) {
      if (!required) continue
      const changed = new URL(url)
      changed.searchParams.delete(name)
      asked.push(
        refused(`no ${name}`, () => rebuilt(request, changed, headers), "missing_parameter", "validation_error")
      )
    }
    if (document.body === "json") {
      asked.push(
        refused("no JSON", withBody("{"), "invalid_parameter", "validation_error"),
        refused("a list", withBody("[]"), "invalid_parameter", "validation_error"),
        refused(
          "unknown field",
          withBody(JSON.stringify({ ...jsonOf(request), no_such_field: 1 })),
          "validation_error",
          "invalid_parameter"
        )
      )
      const shape = document.bodyShape
      const required = shape?.kind === "object" ? [...shape.fields].filter(([, field]) => field.required) : []
      if (required.length > 0) {
        asked.push(refused("nothing", withBody("{}"), "validation_error", "missing_parameter"))
      }
    }
    if (document.headers.has("if-match")) {
      asked.push(refused("stale ETag", HttpClientRequest.setHeader("if-match", 'W/"stale"'), "conflict"))
      if (document.headers.get("if-match") === true) {
        asked.push(refused("no ETag", withoutHeader("if-match"), "missing_parameter"))
      }
    }
    if (document.headers.has("idempotency-key")) {
      asked.push(
        refused(
          "long key",
          HttpClientRequest.setHeader("idempotency-key", "k".repeat(256)),
          "invalid_parameter",
          "validation_error"
        )
      )
    }
    return Effect.all(asked, { discard: true })
  }

  const repeats = (document: DocumentedOperation, request: Request, answer: RawAnswer) => {
    const host = document.surface === "sending" ? "sending" : "app"
    const asked: Array<Effect.Effect<void, HttpClientError.HttpClientError>> = []
    const { etag } = answer.headers
    if (document.notModified && etag !== undefined) {
      const strong = etag.replace(/^W\//, "")
      for (const [name, tags] of [
        ["same ETag", etag],
        ["ETag among others", `"other", ${etag}`],
        ["strong ETag", strong],
        ["any ETag", "*"]
      ] as const) {
        asked.push(
          probe(name, document, HttpClientRequest.setHeader(request, "if-none-match", tags), (again) => [
            ...(again.status === 304 ? [] : [`is ${again.status}`]),
            ...(again.body === "" ? [] : ["has a body"]),
            ...(again.headers["etag"] === etag ? [] : ["has another ETag"]),
            ...(again.headers["content-type"] === undefined ? [] : ["has a content type"]),
            ...["x-request-id", ...(documents.answers.get(document.operationId)?.headers.get(304) ?? [])]
              .filter((header) => again.headers[header] === undefined)
              .map((header) => `has no ${header}`)
          ])
        )
      }
      asked.push(
        probe(
          "other ETag",
          document,
          HttpClientRequest.setHeader(request, "if-none-match", 'W/"other"'),
          ({ status }) => (status === answer.status ? [] : [`is ${status}`])
        )
      )
    }
    if (document.headers.has("idempotency-key") && request.headers["idempotency-key"] !== undefined) {
      const bare = ({ headers }: RawAnswer) => {
        const { "x-ratelimit-remaining": _, ...rest } = headers
        return JSON.stringify(Object.entries(rest).sort())
      }
      asked.push(
        probe("replay", document, request, (again) => [
          ...(again.status === answer.status ? [] : [`is ${again.status} and was ${answer.status}`]),
          ...(again.body === answer.body ? [] : ["has another body"]),
          ...(bare(again) === bare(answer) ? [] : [`has headers ${bare(again)} and had ${bare(answer)}`])
        ]),
        probe("key of another body", document, withBody(" {} ")(request), (again) =>
          errorProblems(documents, host, again, "idempotency_conflict")
        )
      )
    }
    return Effect.all(asked, { discard: true })
  }

  const client = HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const document = find(request.method, url)
      if (document === undefined) return yield* sandbox.execute(request)
      const plain = rebuilt(request, url, request.headers)
      if (around) yield* refusals(document, plain, url)
      const response = yield* sandbox.execute(request)
      const keep = (answer: RawAnswer) => {
        if (answer.status >= 400) return
        if (answer.status !== 304) called.add(document.name)
        problems.push(
          ...(answer.status === 304 ? [] : successProblems(documents, document, answer)).map(
            (problem) => `${document.name}: ${problem}`
          )
        )
      }
      const headers = { ...response.headers }
      const { status } = response
      if (headers["content-type"]?.startsWith("text/event-stream")) {
        let body = ""
        const read = Stream.tap(response.stream, (bytes) =>
          Effect.sync(() => {
            body += new TextDecoder().decode(bytes)
          })
        )
        const ended = Effect.sync(() => keep({ status, headers, body }))
        return Object.create(response, { stream: { value: Stream.ensuring(read, ended) } })
      }
      const bytes = new Uint8Array(yield* response.arrayBuffer)
      const answer = { status, headers, body: new TextDecoder().decode(bytes) }
      keep(answer)
      if (around && status < 300) yield* repeats(document, plain, answer)
      const body = status === 304 || bytes.byteLength === 0 ? null : bytes
      return HttpClientResponse.fromWeb(request, new Response(body, { status, headers }))
    })
  )
  return { client, problems, called, probes }
}
