/** A plain HTTP client for the served sandbox: `fetch`, without the SDK and without Effect. */
import { get } from "node:http"
import * as Effect from "effect/Effect"
import type { Sandbox } from "../../../src/index.js"
import type { Surface } from "../../../src/internal/operation/operation.js"
import { serveSandbox } from "../../support/sandbox.js"

/** The keys that every sandbox has. */
export const keys = {
  mailbox: "smx_mbx_sandbox",
  agent: "smx_agent_sandbox",
  root: "smx_root_sandbox"
} as const

/** The paths below which a served sandbox has the surfaces. */
export const bases: Readonly<Record<Surface, string>> = {
  sending: "/sending/api/v1",
  management: "/app/api/v1",
  mailbox: "/app/api/v1"
}

export interface PlainRequest {
  /** Default: the key of the surface. `null` sends no key. */
  readonly key?: string | null
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes and text are sent as they are, and anything else as JSON. */
  readonly body?: unknown
}

export interface PlainResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The parsed body. Reading it fails if the body is not JSON. */
  readonly json: ReturnType<typeof JSON.parse>
}

/** Sends a request such as `GET /mailbox/me?mailbox_id=mbx_1` to a surface. */
export type Call = (line: string, request?: PlainRequest) => Promise<PlainResponse>

export interface Plain extends Readonly<Record<Surface, Call>> {
  /** The URL of the sandbox, without a path. */
  readonly url: string
  /** Sends a request to the control, such as `POST /inbound`. */
  readonly control: Call
  /** Opens an event stream, and returns it after the given number of frames arrived. */
  readonly events: (
    path: string,
    count: number,
    headers?: Readonly<Record<string, string>>
  ) => Promise<PlainResponse>
}

const isRaw = (body: unknown): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === "string" || body instanceof Uint8Array

/** Makes a client for a sandbox, or for anything that has its paths. */
export const plain = (url: string): Plain => {
  const requester =
    (base: string, own: string | null): Call =>
    async (line, { body, headers, key = own } = {}) => {
      const [method = "", path = ""] = line.split(" ")
      const response = await fetch(`${url}${base}${path}`, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { "content-type": contentType(body) }),
          ...lowerCase(headers)
        },
        ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) })
      })
      return read(response, await response.text())
    }
  return {
    url,
    sending: requester(bases.sending, keys.mailbox),
    management: requester(bases.management, keys.root),
    mailbox: requester(bases.mailbox, keys.mailbox),
    control: requester("/__sandbox", null),
    events: (path, count, headers = {}) =>
      firstFrames(
        `${url}${bases.mailbox}${path}`,
        { authorization: `Bearer ${keys.mailbox}`, ...headers },
        count
      )
  }
}

/** Headers by their names in lower case. `fetch` sets the length of a body itself. */
const lowerCase = (headers: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => name !== "content-length")
  )

const contentType = (body: unknown): string =>
  body instanceof Uint8Array ? "application/octet-stream" : "application/json"

const read = (response: Response, text: string): PlainResponse => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: text,
  get json() {
    return JSON.parse(text)
  }
})

/**
 * Reads an event stream until it has the given number of frames with data, and closes its connection. Comments are left
 * out. `fetch` would keep another connection open after it, for which the server waits when it ends.
 */
const firstFrames = (
  url: string,
  headers: Readonly<Record<string, string>>,
  count: number
): Promise<PlainResponse> =>
  new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) => {
      let text = ""
      const end = () => {
        request.destroy()
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)])
          ),
          body: framesIn(text).slice(0, count).join(""),
          json: undefined
        })
      }
      response.setEncoding("utf8")
      response.on("data", (part: string) => {
        text += part
        if (framesIn(text).length >= count) end()
      })
      response.on("end", end)
    })
    request.on("error", reject)
  })

const framesIn = (text: string): ReadonlyArray<string> =>
  text.split(/(?<=\n\n)/).filter((frame) => frame.endsWith("\n\n") && /^data:/m.test(frame))

/** Serves a sandbox, and runs a test with a plain client for it. */
export const onSandbox =
  (run: (api: Plain) => Promise<void>, options: Sandbox.SandboxOptions = {}) =>
  (): Promise<void> =>
    serveSandbox(options).pipe(
      Effect.flatMap((url) => Effect.promise(() => run(plain(url)))),
      Effect.scoped,
      Effect.runPromise
    )
