/**
 * An `HttpClient` between the SDK and the sandbox. It checks every raw response against the contract, and sends variants
 * of each request, called probes: without a key, with a wrong key, a second time, with another ETag and others.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Contract, DocumentedOperation } from "../contract/contract.js"
import { timestampInputs } from "../contract/intended.js"
import { errorProblems, type RawResponse, successProblems } from "./rawResponses.js"

type Request = HttpClientRequest.HttpClientRequest

type Change = (request: Request) => Request

/** Returns a function that finds the operation of a request. */
const finder = ({ operations }: Contract, documented: (url: URL) => URL) => {
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
  return (method: string, url: URL): DocumentedOperation | undefined => {
    const { origin, pathname } = documented(url)
    return compiled.find(
      (one) => one.document.http === method && one.origin === origin && one.pattern.test(pathname)
    )?.document
  }
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

const reading = HttpClientRequest.get("http://127.0.0.1")

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

export interface ProberOptions {
  /** Whether to send probes. Default: `true`. */
  readonly probing?: boolean
  /** Maps the URL of a request to the URL in the contract. Default: the same URL. */
  readonly documented?: (url: URL) => URL
}

export interface Prober {
  readonly client: HttpClient.HttpClient
  readonly problems: ReadonlyArray<string>
  /** The operations that were called successfully. */
  readonly called: ReadonlySet<string>
  /** The probes that were sent, as `probe operation`. */
  readonly probes: ReadonlySet<string>
}

/** Sends a request and reads its response, except for the body of an event stream. */
export const ask = (
  client: HttpClient.HttpClient,
  request: Request
): Effect.Effect<RawResponse, HttpClientError.HttpClientError> =>
  Effect.scoped(
    Effect.flatMap(HttpClient.withScope(client).execute(request), (response) =>
      Effect.map(
        response.headers["content-type"]?.startsWith("text/event-stream")
          ? Effect.succeed("")
          : response.text,
        (body) => ({ status: response.status, headers: { ...response.headers }, body })
      )
    )
  )

export const prober = (
  sandbox: HttpClient.HttpClient,
  documents: Contract,
  keys: Keys,
  { probing = true, documented = (url) => url }: ProberOptions = {}
): Prober => {
  const find = finder(documents, documented)
  const problems: Array<string> = []
  const called = new Set<string>()
  const probes = new Set<string>()

  const probe = (
    name: string,
    document: DocumentedOperation,
    request: Request,
    check: (response: RawResponse) => ReadonlyArray<string>
  ) => {
    const key = `${name} ${document.name}`
    if (probes.has(key)) return Effect.void
    probes.add(key)
    return Effect.map(ask(sandbox, request), (response) => {
      problems.push(...check(response).map((problem) => `${document.name}, ${name}: ${problem}`))
    })
  }

  const refusals = (document: DocumentedOperation, request: Request, url: URL) => {
    const host = document.surface === "sending" ? "sending" : "app"
    const refused = (name: string, change: Change, ...codes: ReadonlyArray<string>) =>
      probe(name, document, change(request), (response) => errorProblems(documents, host, response, ...codes))
    const { headers } = request
    const withQuery =
      (name: string, value: string): Change =>
      () => {
        const changed = new URL(url)
        changed.searchParams.set(name, value)
        return rebuilt(request, changed, headers)
      }
    const sent: Array<Effect.Effect<void, HttpClientError.HttpClientError>> = []
    if (document.authenticated) {
      const wrong = document.surface === "management" ? keys.mailbox : keys.root
      sent.push(
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
      const places = document.path.split("/").length - 1
      const unknown = new URL(url)
      unknown.pathname = `${url.pathname.split("/").slice(0, -places).join("/")}${ids}`
      sent.push(refused("unknown id", () => rebuilt(request, unknown, headers), "not_found"))
    }
    if (document.query.has("mailbox_id") && document.surface === "mailbox") {
      sent.push(
        refused(
          "foreign mailbox",
          withQuery("mailbox_id", "mbx_none"),
          "insufficient_permissions",
          "not_found"
        )
      )
    }
    if (document.paginated) {
      sent.push(refused("cursor nonsense", withQuery("cursor", "nonsense"), "invalid_parameter"))
    }
    for (const [name, { required, shape }] of document.query) {
      const bad =
        shape.kind === "number"
          ? [
              "nonsense",
              shape.min === undefined ? "1.5" : String(shape.min - 1),
              String((shape.max ?? 1) + 0.5)
            ]
          : shape.kind === "boolean" ||
              (shape.kind === "text" && shape.values !== undefined) ||
              timestampInputs.has(name)
            ? ["nonsense"]
            : []
      for (const value of bad) {
        const change = withQuery(name, value)
        sent.push(refused(`${name} ${value}`, change, "invalid_parameter", "validation_error"))
      }
      if (!required) continue
      const changed = new URL(url)
      changed.searchParams.delete(name)
      sent.push(
        refused(
          `no ${name}`,
          () => rebuilt(request, changed, headers),
          "missing_parameter",
          "validation_error"
        )
      )
    }
    if (document.body === "json") {
      sent.push(
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
        sent.push(refused("nothing", withBody("{}"), "validation_error", "missing_parameter"))
      }
    }
    if (document.headers.has("if-match")) {
      sent.push(refused("stale ETag", HttpClientRequest.setHeader("if-match", 'W/"stale"'), "conflict"))
      if (document.headers.get("if-match") === true) {
        sent.push(refused("no ETag", withoutHeader("if-match"), "missing_parameter"))
      }
    }
    if (document.headers.has("idempotency-key")) {
      sent.push(
        refused(
          "long key",
          HttpClientRequest.setHeader("idempotency-key", "k".repeat(256)),
          "invalid_parameter",
          "validation_error"
        )
      )
    }
    return Effect.all(sent, { discard: true })
  }

  /** Reads the current ETag of the resource that a write changes. */
  const tagFor = (url: URL, headers: Request["headers"]) => {
    const path = url.pathname
    const resource = [path, path.slice(0, path.lastIndexOf("/"))]
      .map((pathname) => new URL(pathname, url))
      .find((read) => find("GET", read)?.notModified === true)
    const { authorization = "" } = headers
    return resource === undefined
      ? Effect.succeed(undefined)
      : Effect.map(
          ask(sandbox, rebuilt(reading, resource, { authorization })),
          (response) => response.headers["etag"]
        )
  }

  const repeats = (document: DocumentedOperation, request: Request, response: RawResponse) => {
    const host = document.surface === "sending" ? "sending" : "app"
    const sent: Array<Effect.Effect<void, HttpClientError.HttpClientError>> = []
    const { etag } = response.headers
    // A resource that is still being processed (202) may have another ETag by the time of the next request.
    if (document.notModified && etag !== undefined && response.status !== 202) {
      const strong = etag.replace(/^W\//, "")
      for (const [name, tags] of [
        ["same ETag", etag],
        ["ETag among others", `"other", ${etag}`],
        ["strong ETag", strong],
        ["any ETag", "*"]
      ] as const) {
        sent.push(
          probe(name, document, HttpClientRequest.setHeader(request, "if-none-match", tags), (again) => [
            ...(again.status === 304 ? [] : [`is ${again.status}`]),
            ...(again.body === "" ? [] : ["has a body"]),
            ...(again.headers["etag"] === etag ? [] : ["has another ETag"]),
            ...(again.headers["content-type"] === undefined ? [] : ["has a content type"]),
            ...["x-request-id", ...(document.responses.get(304) ?? [])]
              .filter((header) => again.headers[header] === undefined)
              .map((header) => `has no ${header}`)
          ])
        )
      }
      sent.push(
        probe(
          "other ETag",
          document,
          HttpClientRequest.setHeader(request, "if-none-match", 'W/"other"'),
          ({ status }) => (status === response.status ? [] : [`is ${status}`])
        )
      )
    }
    if (document.headers.has("idempotency-key") && request.headers["idempotency-key"] !== undefined) {
      const bare = ({ headers }: RawResponse) => {
        // These two headers depend on when the response was sent.
        const { date: _date, "x-ratelimit-remaining": _remaining, ...rest } = headers
        return JSON.stringify(Object.entries(rest).sort())
      }
      sent.push(
        probe("replay", document, request, (again) => [
          ...(again.status === response.status ? [] : [`is ${again.status} and was ${response.status}`]),
          ...(again.body === response.body ? [] : ["has another body"]),
          ...(bare(again) === bare(response) ? [] : [`has headers ${bare(again)} and had ${bare(response)}`])
        ]),
        probe("key of another body", document, withBody(" {} ")(request), (again) =>
          errorProblems(documents, host, again, "idempotency_conflict")
        )
      )
    }
    const { location } = response.headers
    const created = location === undefined ? undefined : new URL(location, request.url)
    if (created !== undefined && find("GET", created) !== undefined) {
      const key = document.surface === "management" ? keys.root : keys.mailbox
      const headers = { authorization: `Bearer ${key}` }
      sent.push(
        probe("created", document, rebuilt(reading, created, headers), ({ status }) =>
          status === 200 ? [] : [`is ${status} at its Location`]
        )
      )
    }
    if (document.http === "DELETE" && etag !== undefined) problems.push(`${document.name}: has an ETag`)
    else if (etag !== undefined && document.headers.has("if-match")) {
      sent.push(
        Effect.map(tagFor(new URL(request.url), request.headers), (read) => {
          if (read !== etag)
            problems.push(`${document.name}: has an ETag that differs from that of a later read`)
        })
      )
    }
    return Effect.all(sent, { discard: true })
  }

  const client = HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const document = find(request.method, url)
      if (document === undefined) return yield* sandbox.execute(request)
      const plain = rebuilt(request, url, request.headers)
      if (probing) yield* refusals(document, plain, url)
      // A write with the current ETag must succeed.
      const ifMatch =
        probing && document.headers.has("if-match") && request.headers["if-match"] === undefined
          ? yield* tagFor(url, request.headers)
          : undefined
      const response = yield* sandbox.execute(
        ifMatch === undefined ? request : HttpClientRequest.setHeader(request, "if-match", ifMatch)
      )
      const keep = (response: RawResponse) => {
        if (response.status >= 400) return
        if (response.status !== 304) called.add(document.name)
        problems.push(
          ...(response.status === 304 ? [] : successProblems(document, response)).map(
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
      const complete = { status, headers, body: new TextDecoder().decode(bytes) }
      keep(complete)
      if (probing && status < 300) yield* repeats(document, plain, complete)
      const body = status === 304 || bytes.byteLength === 0 ? null : bytes
      return HttpClientResponse.fromWeb(request, new Response(body, { status, headers }))
    })
  )
  return { client, problems, called, probes }
}
