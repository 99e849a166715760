import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"

export * from "effect/http/HttpServer"

export const addressWith = <A, E, R>(
  use: (address: {
    readonly _tag: "TcpAddress"
    readonly hostname: string
    readonly port: number
  }) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | HttpServer.HttpServer> =>
  Effect.flatMap(HttpServer.HttpServer, ({ address }) =>
    "port" in address
      ? use({ _tag: "TcpAddress", hostname: "127.0.0.1", port: address.port })
      : Effect.die(new Error("the server has no port"))
  )
