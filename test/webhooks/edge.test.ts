import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { createContext, runInContext } from "node:vm"
import { EdgeVM } from "@edge-runtime/vm"
import { build } from "esbuild"
import { beforeAll, describe, expect, it } from "vitest"
import { bodyOf, named, secret, signedV1, signedV2 } from "../support/webhooks.js"

const entry = fileURLToPath(new URL("../../src/Webhooks.ts", import.meta.url))

/** A receiver for an edge runtime, which uses only the entry, `effect` and the web platform. */
const worker = `
  import { sign, toHandler, verify } from ${JSON.stringify(entry)}
  import * as Effect from "effect/Effect"
  import * as Redacted from "effect/Redacted"

  const handled = []
  const secrets = Redacted.make(${JSON.stringify(secret)})
  const receive = toHandler({ secrets }, (event) => Effect.sync(() => handled.push(event.id)))

  globalThis.worker = {
    handled,
    fetch: (request) => receive(request),
    dispose: () => receive.dispose(),
    sign: (body) => Effect.runPromise(sign({ body, secret: secrets })),
    reason: (body, headers) =>
      Effect.runPromise(Effect.map(Effect.flip(verify({ body, headers, secrets })), (error) => error.reason))
  }
`

/** The globals that all kinds of workers share: no \`process\`, no \`Buffer\`, no \`require\`. */
const webGlobals = [
  "AbortController",
  "AbortSignal",
  "Blob",
  "DOMException",
  "Event",
  "EventTarget",
  "FormData",
  "Headers",
  "ReadableStream",
  "Request",
  "Response",
  "TextDecoder",
  "TextEncoder",
  "TransformStream",
  "URL",
  "URLSearchParams",
  "WritableStream",
  "atob",
  "btoa",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "performance",
  "queueMicrotask",
  "setInterval",
  "setTimeout",
  "structuredClone"
] as const

interface Worker {
  readonly handled: ReadonlyArray<string>
  readonly fetch: (request: Request) => Promise<Response>
  readonly dispose: () => Promise<void>
  readonly sign: (body: string) => Promise<Record<string, string>>
  readonly reason: (body: string, headers: Record<string, string>) => Promise<string>
}

/** A runtime that evaluated the worker, with its own \`Request\` class. */
interface Edge {
  readonly worker: Worker
  readonly Request: typeof Request
}

const runtimes: Readonly<Record<string, (code: string) => Edge>> = {
  "with only the globals of the web platform": (code) => {
    const globals: Record<string, unknown> = {}
    for (const name of webGlobals) globals[name] = Reflect.get(globalThis, name)
    const context = createContext(globals)
    runInContext("globalThis.self = globalThis", context)
    runInContext(code, context)
    return { worker: runInContext("worker", context), Request }
  },
  "in an edge runtime": (code) => {
    const vm = new EdgeVM({ initialCode: code })
    return { worker: vm.evaluate("worker"), Request: vm.evaluate("Request") }
  }
}

let code = ""
let inputs: ReadonlyArray<string> = []

beforeAll(async () => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: worker, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "ts" },
    bundle: true,
    platform: "browser",
    format: "iife",
    target: "es2022",
    minify: true,
    metafile: true,
    write: false
  })
  code = outputFiles[0]?.text ?? ""
  inputs = Object.keys(metafile.inputs)
})

describe("the bundle of the webhooks entry", () => {
  it("builds for browsers without a Node module", () => {
    expect(code).not.toMatch(/\b(?:from|import|require)\s*\(?\s*["'`]node:/)
    expect(inputs.some((path) => path.includes("Webhooks.ts"))).toBe(true)
    expect(inputs.filter((path) => path.includes("platform-node"))).toEqual([])
  })

  it("contains no module of another surface", () => {
    const ours = inputs.filter((path) => path.startsWith("src/"))
    expect(ours.filter((path) => /^src\/(sending|mailbox|management|sandbox)\//.test(path))).toEqual([])
    expect(ours).not.toContain("src/internal/pipeline/run.ts")
  })

  it("is built from sources that import no Node module", () => {
    const sources = inputs.filter((path) => path.startsWith("src/"))
    for (const path of sources) {
      const source = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8")
      expect(source, path).not.toMatch(/from "node:|require\(/)
    }
  })
})

for (const [name, start] of Object.entries(runtimes)) {
  describe(`a receiver ${name}`, () => {
    let edge: Edge

    beforeAll(() => {
      edge = start(code)
    })

    it("accepts a genuine delivery and rejects a forged one", async () => {
      const body = bodyOf()
      const timestamp = Math.floor(Date.now() / 1000)
      const headers = { ...signedV1(body), ...signedV2(body, secret, timestamp), ...named() }
      const post = (content: string) =>
        edge.worker.fetch(
          new edge.Request("https://edge.example/hook", { method: "POST", body: content, headers })
        )
      expect((await post(body)).status).toBe(200)
      expect((await post(body)).status).toBe(200)
      expect((await post(body.replace("ada@", "eve@"))).status).toBe(401)
      expect([...edge.worker.handled]).toEqual(["evt_cl0001"])
      expect(await edge.worker.reason(body, signedV2(body, secret, timestamp - 301))).toBe("StaleTimestamp")
      await edge.worker.dispose()
      expect((await post(body)).status).toBe(503)
    })

    it("makes the same signatures as node:crypto", async () => {
      const body = bodyOf()
      const headers = await edge.worker.sign(body)
      expect(headers["x-sendmux-signature"]).toBe(signedV1(body)["X-Sendmux-Signature"])
      const timestamp = headers["x-sendmux-timestamp"] ?? ""
      expect(headers["x-sendmux-signature-v2"]).toBe(
        signedV2(body, secret, timestamp)["X-Sendmux-Signature-V2"]
      )
    })
  })
}
