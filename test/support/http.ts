import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type LayerOptions, Sending } from "../../src/Sending.js"

/** A request as the client received it. */
export interface Seen {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The reaction of the mocked server: a response, an effect that returns it, or a network failure. */
export type Reaction = Response | Effect.Effect<Response> | "network"

/** Makes an `HttpClient` that reacts by a function, and records every request. */
export const mockClient = (react: (request: Seen, index: number) => Reaction) => {
  const seen: Array<Seen> = []
  const client = HttpClient.make((request, url) =>
    Effect.suspend(() => {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      const current: Seen = { method: request.method, url, headers: { ...request.headers }, body }
      const reaction = react(current, seen.push(current) - 1)
      if (reaction === "network") {
        return Effect.fail(
          new HttpClientError.RequestError({ request, reason: "Transport", cause: { code: "ECONNRESET" } })
        )
      }
      const response = Effect.isEffect(reaction) ? reaction : Effect.succeed(reaction)
      return Effect.map(response, (web) => HttpClientResponse.fromWeb(request, web))
    })
  )
  return { client, seen, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

export const apiKey = "smx_mbx_test_0123456789"

/** A successful response in the envelope of the API. */
export const ok = (
  data: unknown,
  init: ResponseInit & { readonly meta?: Record<string, unknown> } = {}
): Response =>
  new Response(JSON.stringify({ ok: true, data, meta: { request_id: "req_ok", ...init.meta } }), {
    headers: { "content-type": "application/json" },
    ...init
  })

/** A failure in the envelope of the API. */
export const failure = (
  status: number,
  code: string,
  options: {
    readonly retryable?: boolean
    readonly headers?: Record<string, string>
    readonly message?: string
  } = {}
): Response =>
  new Response(
    JSON.stringify({
      ok: false,
      error: {
        code,
        message: options.message ?? `It is ${code}`,
        retryable: options.retryable ?? (status === 429 || status >= 500)
      },
      meta: { request_id: "req_failed" }
    }),
    { status, headers: { "content-type": "application/json", ...options.headers } }
  )

/** The Sending layer over a mocked client. */
export const sendingOver = (client: HttpClient.HttpClient, options: Partial<LayerOptions> = {}) =>
  Layer.provide(
    Sending.layer({ apiKey: Redacted.make(apiKey), ...options } as LayerOptions),
    Layer.succeed(HttpClient.HttpClient, client)
  )

export const email = {
  from: { email: "hello@example.com" },
  to: { email: "ada@example.com" },
  subject: "Welcome",
  html_body: "<p>Hi</p>"
}

export const sent = { message_id: "eml_tz4a98xxat96iws9zmbrgj3a", status: "queued" }
