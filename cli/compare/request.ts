/**
 * Sends the request of an exchange to the sandbox.
 */
import { request as httpRequest } from "node:http"
import { joined, type RawHeaders } from "../record/headers.js"
import { fileOf } from "../record/names.js"
import type { Body, Exchange } from "../record/recording.js"
import { type Mapping, translateJson } from "./mapping.js"

/** The keys of the sandbox. */
export const sandboxKeys = {
  root: "smx_root_sandbox",
  mailbox: "smx_mbx_sandbox",
  agent: "smx_agent_sandbox"
} as const

const unknownKey = "smx_mbx_unknown"

/** A request that can be sent to the sandbox. */
export interface Translation {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
  readonly chunked: boolean
  /** Names in the request of things that no response of the sandbox contained. */
  readonly unknown: ReadonlyArray<string>
}

const prefixes = { sending: "/sending/api/v1", app: "/app/api/v1" } as const

/** Translates a request of a recording. */
export const translateRequest = (
  { at, operation, request, response }: Exchange,
  mapping: Mapping,
  now: Date
): Translation => {
  const unknown: Array<string> = []
  const shift = now.getTime() - Date.parse(at)
  const translate = (text: string): string => {
    const { unknown: isUnknown, value } = mapping.translate(text, shift)
    if (isUnknown) unknown.push(text)
    return value
  }
  const path = request.path
    .split("/")
    .map((segment) => encodeURIComponent(translate(decodeURIComponent(segment))).replaceAll("%3A", ":"))
    .join("/")
  const query = new URLSearchParams(
    request.query.map(([name, value]) => [
      name,
      name === "mailbox_id" && !mapping.known(value) && operation?.startsWith("mailbox.") === true
        ? "mbx_sandbox"
        : value.split(",").map(translate).join(",")
    ])
  )
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] =
      name === "idempotency-key"
        ? value
        : value.replace(/(?:W\/)?"[^"]*"|[^",\s]+/g, (part) => translate(part))
  }
  const key = keyFor({ operation, request, response }, mapping)
  if (key !== undefined) headers["authorization"] = `Bearer ${key}`
  return {
    method: request.method,
    target: `${prefixes[request.host]}${path}${query.size === 0 ? "" : `?${query}`}`,
    headers,
    body: bytesOf(request.body, translate),
    chunked: request.chunked === true,
    unknown
  }
}

const keyFor = (
  { operation, request, response }: Pick<Exchange, "operation" | "request" | "response">,
  mapping: Mapping
): string | undefined => {
  const { credential } = request
  if (credential === null) return undefined
  if (response.status === 401) return unknownKey
  const known = mapping.known(credential.name)
  if (known !== undefined) return known
  if (credential.kind !== "other") return sandboxKeys[credential.kind]
  return operation?.startsWith("management.") === true ? sandboxKeys.root : sandboxKeys.mailbox
}

const bytesOf = (body: Body | undefined, translate: (text: string) => string): Buffer | undefined => {
  switch (body?.kind) {
    case "json":
      return Buffer.from(JSON.stringify(translateJson(body.value, translate)))
    case "text":
      return Buffer.from(body.text)
    case "bytes":
      return body.base64 === undefined ? fileOf(body.size) : Buffer.from(body.base64, "base64")
    default:
      return undefined
  }
}

export interface SandboxResponse {
  readonly status: number
  readonly headers: RawHeaders
  readonly body: Buffer
}

/** How long the events of a stream are awaited. */
const eventMillis = 1000

/** Sends a request. An event stream is read until it has the given number of events, or until no more arrive. */
export const sendRequest = (
  origin: string,
  { body, chunked, headers, method, target }: Translation,
  events: number
): Promise<SandboxResponse> =>
  new Promise((resolve, reject) => {
    const length = chunked || body === undefined ? {} : { "content-length": String(body.byteLength) }
    const sent = httpRequest(
      `${origin}${target}`,
      { method, headers: { ...headers, ...length }, agent: false },
      (response) => {
        const parts: Array<Buffer> = []
        const isStream = joined(response.headers["content-type"])?.startsWith("text/event-stream") === true
        const end = () => {
          clearTimeout(timer)
          sent.destroy()
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts)
          })
        }
        const timer = isStream ? setTimeout(end, eventMillis) : undefined
        response.on("data", (part: Buffer) => {
          parts.push(part)
          if (isStream && countEvents(parts) >= events) end()
        })
        response.on("end", end)
        response.on("error", reject)
      }
    )
    sent.on("error", reject)
    if (chunked && body !== undefined) sent.write(body)
    sent.end(chunked ? undefined : body)
  })

const countEvents = (parts: ReadonlyArray<Buffer>): number =>
  Buffer.concat(parts)
    .toString()
    .match(/^data:/gm)?.length ?? 0
