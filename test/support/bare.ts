/** Requests to a sandbox that do not use the SDK. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Sandbox } from "../../src/index.js"
import type { Surface } from "../../src/internal/operation/operation.js"
import type { Contract } from "../contract/contract.js"
import { ask } from "./prober.js"
import { errorProblems } from "./rawResponses.js"

export const keys = { mailbox: Redacted.value(Sandbox.mailboxKey), root: Redacted.value(Sandbox.rootKey) }

export const servers: Readonly<Record<Surface, string>> = {
  sending: "https://smtp.sendmux.ai/api/v1",
  management: "https://app.sendmux.ai/api/v1",
  mailbox: "https://app.sendmux.ai/api/v1"
}

interface RequestParts {
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Makes a sandbox. `send` sends a raw request, and `refused` returns the problems of a response that must be an error. */
export const bare = (documents: Contract, options: Sandbox.SandboxOptions = {}) =>
  Effect.map(Sandbox.make(options), ({ client, control }) => {
    const send = (surface: Surface, line: string, { body, headers, key }: RequestParts = {}) => {
      const [method, path] = line.split(" ")
      const request = HttpClientRequest.make(method as "GET")(`${servers[surface]}${path}`, {
        headers: {
          authorization: `Bearer ${key ?? (surface === "management" ? keys.root : keys.mailbox)}`,
          ...headers
        }
      })
      const bytes =
        body instanceof Uint8Array
          ? body
          : new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body))
      return ask(client, HttpClientRequest.setBody(request, HttpBody.uint8Array(bytes, "application/json")))
    }
    const refused = (surface: Surface, line: string, parts: RequestParts, ...codes: ReadonlyArray<string>) =>
      Effect.map(send(surface, line, parts), (response) =>
        errorProblems(documents, surface === "sending" ? "sending" : "app", response, ...codes).map(
          (problem) => `${line}: ${problem}`
        )
      )
    return { send, refused, control }
  })
