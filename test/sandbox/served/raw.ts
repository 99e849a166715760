/** Raw requests over a socket, including those that an HTTP client would not send. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"

/** Sends text to a server on loopback, and returns everything that the server sends until it closes the connection. */
export const exchange = (
  origin: string,
  ...parts: ReadonlyArray<string | Uint8Array>
): Effect.Effect<string> =>
  Effect.async((resume) => {
    const received: Array<Buffer> = []
    const socket = Net.connect(Number(new URL(origin).port), "127.0.0.1", () => {
      for (const part of parts) socket.write(part)
    })
    socket.on("data", (data) => received.push(data))
    socket.on("error", () => undefined)
    socket.on("close", () => resume(Effect.succeed(Buffer.concat(received).toString())))
    return Effect.sync(() => socket.destroy())
  })

/** A request as text. The server closes the connection after the response. */
export const requestText = (line: string, headers: Readonly<Record<string, string>>, body = ""): string =>
  [
    `${line} HTTP/1.1`,
    ...Object.entries({ connection: "close", ...headers }).map(([name, value]) => `${name}: ${value}`),
    "",
    body
  ].join("\r\n")

/** The status, the headers and the JSON of a response. */
export const readResponse = (text: string) => {
  const [head = "", ...rest] = text.split("\r\n\r\n")
  const body = rest.join("\r\n\r\n")
  return {
    status: Number(head.split(" ")[1] ?? Number.NaN),
    head: head.toLowerCase(),
    json: body === "" ? undefined : JSON.parse(body)
  }
}

/** Sends one request and reads its response. */
export const send = (
  origin: string,
  line: string,
  headers: Readonly<Record<string, string>> = { host: new URL(origin).host },
  body = ""
) => Effect.map(exchange(origin, requestText(line, headers, body)), readResponse)
