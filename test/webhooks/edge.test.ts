import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { createContext, runInContext } from "node:vm"
import { EdgeVM } from "@edge-runtime/vm"
import { build } from "esbuild"
import { beforeAll, describe, expect, it } from "vitest"
import { bodyOf, named, secret, signedV1, signedV2 } from "../support/webhooks.js"

const entry = fileURLToPath(new URL("../../src/Webhooks.ts", import.meta.url))

/** What a receiver on the edge writes: nothing but the entry, `effect` and what the web offers. */
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

/** The globals that workers of every kind share: no \`process\`, no \`Buffer\`, no \`require\`. */
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

/** A place to run a worker: what it made of the code, and its own \`Request\`. */
interface Edge {
  readonly worker: Worker
  readonly Request: typeof Request
}

const runtimes: Readonly<Record<string, (code: string) => Edge>> = {
  "with the globals of the web alone": (code) => {
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
    stdin: { contents: worker, resolveDir: fileURLToPath(new URL("../..", import.meta.url)), loader: "ts" },
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

describe("the bundle", () => {
  it("builds for browsers without anything of Node", () => {
    expect(code).not.toMatch(/["'`]node:/)
    expect(inputs.some((path) => path.includes("Webhooks.ts"))).toBe(true)
    expect(inputs.filter((path) => path.includes("platform-node"))).toEqual([])
  })

  it("loads no other surface", () => {
    const ours = inputs.filter((path) => path.startsWith("src/"))
    expect(ours.filter((path) => /^src\/(sending|mailbox|management|sandbox)\//.test(path))).toEqual([])
    expect(ours).not.toContain("src/internal/pipeline/run.ts")
  })

  it("has no import of Node in its sources", () => {
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

    it("receives a delivery and refuses a forged one", async () => {
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

    it("signs as node:crypto does", async () => {
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
