/**
 * The transports below Effect's client and the SDK.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"

export type TransportLayer = Layer.Layer<HttpClient.HttpClient>

export const loadTransport = async (name: "fetch" | "undici" | "mock"): Promise<TransportLayer> => {
  switch (name) {
    case "fetch":
      return (await import("@effect/platform/FetchHttpClient")).layer
    case "undici":
      return (await import("@effect/platform-node/NodeHttpClient")).layerUndici
    case "mock":
      return Layer.succeed(HttpClient.HttpClient, (await import("./mock.js")).mock)
  }
}
