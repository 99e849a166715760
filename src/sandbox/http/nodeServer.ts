/**
 * Requests that the HTTP server of Node rejects before an app sees them. By default their responses have no body.
 */
import { ApiFailure, type FailureCode, failureResponse } from "../exchange.js"
import { makeIds } from "../state/ids.js"

/** The part of a socket that `nodeServer` uses. */
interface NodeSocket {
  readonly writable: boolean
  end(text: string): unknown
  destroy(): unknown
}

/** The part of a request that `nodeServer` uses. */
interface NodeRequest {
  readonly socket: NodeSocket
}

/**
 * The part of the server of `node:http` that `nodeServer` uses.
 *
 * @since 0.2.0
 * @category models
 */
export interface NodeServer {
  on(event: "clientError", listener: (error: Error, socket: NodeSocket) => void): unknown
  on(event: "connect", listener: (request: NodeRequest, socket: NodeSocket) => void): unknown
  on(event: "checkExpectation", listener: (request: NodeRequest) => void): unknown
}

interface Refusal {
  readonly status: number
  readonly code: FailureCode
  readonly message: string
}

const malformed: Refusal = {
  status: 400,
  code: "invalid_parameter",
  message: "The request is not valid HTTP"
}

const refusals: ReadonlyMap<unknown, Refusal> = new Map<unknown, Refusal>([
  [
    "HPE_HEADER_OVERFLOW",
    {
      status: 431,
      code: "invalid_parameter",
      message: "The headers of the request are larger than the server accepts"
    }
  ],
  [
    "HPE_CHUNK_EXTENSIONS_OVERFLOW",
    {
      status: 413,
      code: "payload_too_large",
      message: "The chunk extensions of the request body are larger than the server accepts"
    }
  ],
  [
    "ERR_HTTP_REQUEST_TIMEOUT",
    { status: 408, code: "request_timeout", message: "The request did not arrive in time" }
  ]
])

const texts: Readonly<Record<number, string>> = {
  400: "Bad Request",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large"
}

/** Sends a response in the envelope of the API, and closes the connection. */
const refuse = (socket: NodeSocket, { code, message, status }: Refusal, requestId: string): void => {
  const { body, headers } = failureResponse(new ApiFailure(code, message), requestId)
  const text = typeof body === "string" ? body : ""
  const lines = [
    `HTTP/1.1 ${status} ${texts[status] ?? ""}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `x-request-id: ${requestId}`,
    `content-length: ${new TextEncoder().encode(text).byteLength}`,
    "connection: close"
  ]
  socket.end(`${lines.join("\r\n")}\r\n\r\n${text}`)
}

/** Whether a response to an earlier part of the request is being sent on the socket. */
const isResponding = (socket: NodeSocket): boolean => {
  const response: unknown = Reflect.get(socket, "_httpMessage")
  return typeof response === "object" && response !== null && Reflect.get(response, "headersSent") === true
}

/** Prepares a server of `node:http`: to requests that Node rejects itself, it responds in the envelope of the API. */
export const nodeServer = <S extends NodeServer>(server: S): S => {
  // Ids of their own, so that a malformed request does not change the ids of the API.
  const makeId = makeIds(0xbad)
  // The app decides about requests without a host.
  Reflect.set(server, "requireHostHeader", false)
  server.on("clientError", (error, socket) => {
    if (!socket.writable || isResponding(socket)) socket.destroy()
    else refuse(socket, refusals.get(Reflect.get(error, "code")) ?? malformed, makeId("req"))
  })
  server.on("connect", (_, socket) => {
    const message = "The server is no proxy, so that it does not accept CONNECT"
    refuse(socket, { status: 405, code: "invalid_parameter", message }, makeId("req"))
  })
  server.on("checkExpectation", ({ socket }) => {
    const message = "The server does not support the expectation in the header Expect"
    refuse(socket, { status: 417, code: "invalid_parameter", message }, makeId("req"))
  })
  return server
}
