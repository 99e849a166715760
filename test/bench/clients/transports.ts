/**
 * The transports below Effect's client and the SDK: `fetch`, undici, and a mock that returns prepared responses.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as bodies from "../server/bodies.js"

export type TransportLayer = Layer.Layer<HttpClient.HttpClient>

const responses: Readonly<Record<string, string>> = {
  "/emails/send": bodies.sent,
  "/emails/send/batch": bodies.batchSent,
  "/emails/logs": bodies.logsPage(),
  "/mailbox/messages": bodies.messagesPage()
}

const mock = HttpClient.make((request, url) => {
  const body = responses[url.pathname]
  if (body === undefined) throw new Error(`the mock client has no response for ${url.pathname}`)
  const headers = { ...bodies.responseHeaders, "content-length": String(Buffer.byteLength(body)) }
  return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(body, { headers })))
})

export const loadTransport = async (name: "fetch" | "undici" | "mock"): Promise<TransportLayer> => {
  switch (name) {
    case "fetch":
      return (await import("@effect/platform/FetchHttpClient")).layer
    case "undici":
      return (await import("@effect/platform-node/NodeHttpClient")).layerUndici
    case "mock":
      return Layer.succeed(HttpClient.HttpClient, mock)
  }
}
