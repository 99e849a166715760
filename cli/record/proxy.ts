/**
 * The recorder: a server on loopback that forwards requests to the API, and hands each exchange to a function.
 */
import {
  Agent as HttpAgent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type Server,
  type ServerResponse
} from "node:http"
import { Agent as HttpsAgent, request as httpsRequest } from "node:https"
import { isLoopback } from "../../src/internal/values/loopback.js"
import type { Host } from "../../src/sandbox/http/routes.js"
import { reasonOf } from "../support/problem.js"
import type { RawExchange } from "./exchange.js"

/** Where requests are forwarded to: the base URL of each host of the API. */
export type Upstream = Readonly<Record<Host, string>>

/** The API itself. */
export const sendmux: Upstream = {
  sending: "https://smtp.sendmux.ai/api/v1",
  app: "https://app.sendmux.ai/api/v1"
}

/** Anything that has the paths of a served sandbox. */
export const upstreamAt = (origin: string): Upstream => ({
  sending: `${origin}/sending/api/v1`,
  app: `${origin}/app/api/v1`
})

export interface ProxyOptions {
  readonly upstream: Upstream
  readonly onExchange: (exchange: RawExchange) => void
}

const prefixes: ReadonlyArray<readonly [prefix: string, host: Host]> = [
  ["/sending/api/v1", "sending"],
  ["/app/api/v1", "app"]
]

/** The largest body of a request that is forwarded, and of a response that is recorded. */
const maxBodyBytes = 33_554_432

/** Headers that belong to one connection, and those that the request to the API sets itself. */
const ownHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "host",
  "accept-encoding"
])

/** Makes the recorder, which does not listen yet. Its response to what it cannot forward has the envelope of the API. */
export const makeProxy = ({ onExchange, upstream }: ProxyOptions): Server => {
  let count = 0
  const agents = {
    "http:": new HttpAgent({ keepAlive: true }),
    "https:": new HttpsAgent({ keepAlive: true })
  }
  const server = createServer((incoming, outgoing) => {
    const target = incoming.url ?? ""
    const found = prefixes.find(([prefix]) => target.startsWith(`${prefix}/`))
    // A web page must not reach the API through the recorder.
    if (!isLoopback(`http://${incoming.headers.host ?? ""}`) || incoming.headers.origin !== undefined) {
      return refuse(
        outgoing,
        403,
        "insufficient_permissions",
        "The recorder serves programs of this machine only"
      )
    }
    if (found === undefined) {
      const paths = prefixes.map(([prefix]) => prefix).join(" and ")
      return refuse(outgoing, 404, "not_found", `The recorder has only paths below ${paths}`)
    }
    const [prefix, host] = found
    const exchange = {
      index: ++count,
      incoming,
      outgoing,
      host,
      target: target.slice(prefix.length),
      at: new Date()
    }
    return readBody(incoming, outgoing, (body) => forward(exchange, body, { agents, upstream, onExchange }))
  })
  server.on("close", () => {
    for (const agent of Object.values(agents)) agent.destroy()
  })
  return server
}

interface Forwarded {
  readonly index: number
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly host: Host
  readonly target: string
  readonly at: Date
}

interface ForwardOptions extends ProxyOptions {
  readonly agents: { readonly "http:": HttpAgent; readonly "https:": HttpsAgent }
}

const refuse = (outgoing: ServerResponse, status: number, code: string, message: string): void => {
  outgoing.writeHead(status, { "content-type": "application/json", connection: "close" })
  outgoing.end(
    JSON.stringify({ ok: false, error: { code, message, retryable: false }, meta: { request_id: "" } })
  )
}

const readBody = (incoming: IncomingMessage, outgoing: ServerResponse, use: (body: Buffer) => void): void => {
  const parts: Array<Buffer> = []
  let size = 0
  incoming.on("data", (part: Buffer) => {
    size += part.byteLength
    if (size <= maxBodyBytes) parts.push(part)
  })
  incoming.on("end", () => {
    if (size <= maxBodyBytes) use(Buffer.concat(parts))
    else
      refuse(
        outgoing,
        413,
        "payload_too_large",
        `The recorder forwards bodies of at most ${maxBodyBytes} bytes`
      )
  })
  // The client is gone, so that there is nobody to respond to.
  incoming.on("error", () => undefined)
}

const forward = (
  exchange: Forwarded,
  body: Buffer,
  { agents, onExchange, upstream }: ForwardOptions
): void => {
  const { at, host, incoming, index, outgoing, target } = exchange
  const url = new URL(`${upstream[host]}${target}`)
  const isChunked = incoming.headers["transfer-encoding"] !== undefined
  const options: RequestOptions = {
    method: incoming.method,
    headers: {
      ...Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !ownHeaders.has(name))),
      "accept-encoding": "identity",
      ...(isChunked ? { "transfer-encoding": "chunked" } : {})
    }
  }
  const onResponse = (response: IncomingMessage) => {
    const parts: Array<Buffer> = []
    let size = 0
    outgoing.writeHead(response.statusCode ?? 502, endToEnd(response))
    response.on("data", (part: Buffer) => {
      size += part.byteLength
      if (size <= maxBodyBytes) parts.push(part)
    })
    // An event stream ends when the client closes it, so that its response is not complete.
    response.on("close", () =>
      onExchange({
        index,
        host,
        at,
        method: incoming.method ?? "",
        target,
        requestHeaders: incoming.headers,
        requestBody: body,
        status: response.statusCode ?? 0,
        responseHeaders: response.headers,
        responseBody: size <= maxBodyBytes ? Buffer.concat(parts) : size
      })
    )
    response.on("error", () => outgoing.destroy())
    response.pipe(outgoing)
    outgoing.flushHeaders()
  }
  const sent =
    url.protocol === "https:"
      ? httpsRequest(url, { ...options, agent: agents["https:"] }, onResponse)
      : httpRequest(url, { ...options, agent: agents["http:"] }, onResponse)
  sent.on("error", (error) => {
    if (outgoing.headersSent) outgoing.destroy()
    else refuse(outgoing, 502, "service_unavailable", `The API cannot be reached: ${reasonOf(error)}`)
  })
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) sent.destroy()
  })
  sent.end(body)
}

/** The headers of a response without those of its connection. */
const endToEnd = ({ headers }: IncomingMessage) =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => name !== "connection" && name !== "keep-alive" && name !== "transfer-encoding"
    )
  )
