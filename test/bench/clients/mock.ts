/**
 * An `HttpClient` that returns prepared responses. Its responses cost next to nothing, so that what is measured above it
 * is the library's own share.
 */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as bodies from "../server/bodies.js"

type Read<A> = Effect.Effect<A, HttpClientError.ResponseError>

const encoder = new TextEncoder()

class MockResponse implements HttpClientResponse.HttpClientResponse {
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly status = 200
  readonly cookies = Cookies.empty
  readonly remoteAddress = Option.none()

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    readonly headers: Headers.Headers,
    private readonly body: string
  ) {}

  get text(): Read<string> {
    return Effect.succeed(this.body)
  }

  get json(): Read<unknown> {
    return Effect.sync(() => JSON.parse(this.body))
  }

  get stream(): Stream.Stream<Uint8Array> {
    return Stream.make(encoder.encode(this.body))
  }

  get urlParamsBody(): Read<never> {
    return this.unsupported
  }

  get formData(): Read<never> {
    return this.unsupported
  }

  get arrayBuffer(): Read<never> {
    return this.unsupported
  }

  private get unsupported(): Read<never> {
    return Effect.fail(
      new HttpClientError.ResponseError({
        request: this.request,
        response: this,
        reason: "Decode",
        description: "the mock client has text, JSON and streams only"
      })
    )
  }

  toJSON(): unknown {
    return { _id: "MockResponse", status: this.status }
  }

  toString(): string {
    return Inspectable.format(this.toJSON())
  }

  [Inspectable.NodeInspectSymbol](): unknown {
    return this.toJSON()
  }
}

interface Prepared {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const prepare = (body: string): Prepared => ({
  body,
  headers: { ...bodies.responseHeaders, "content-length": String(Buffer.byteLength(body)) }
})

const responses: ReadonlyMap<string, Prepared> = new Map([
  ["/emails/send", prepare(bodies.sent)],
  ["/emails/send/batch", prepare(bodies.batchSent)],
  ["/emails/logs", prepare(bodies.logsPage())],
  ["/mailbox/messages", prepare(bodies.messagesPage())]
])

export const mock = HttpClient.make((request, url) => {
  const prepared = responses.get(url.pathname)
  if (prepared === undefined) throw new Error(`the mock client has no response for ${url.pathname}`)
  return Effect.succeed(new MockResponse(request, Headers.fromInput(prepared.headers), prepared.body))
})
