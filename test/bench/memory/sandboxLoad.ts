/**
 * Sends many requests to a served sandbox, and samples its memory on the way.
 */
import { once } from "node:events"
import { createServer } from "node:http"
import { Pool } from "undici"
import type { MemorySample, SandboxRequest } from "../children/servedSandbox.js"
import { type Shot, serveSandbox, shootAll } from "../harness/served.js"
import { type LoadRequest, loadRequest } from "../../support/load.js"

export interface LoadSample extends MemorySample {
  readonly requests: number
  readonly seconds: number
}

interface LoadOptions extends SandboxRequest {
  readonly requests: number
  readonly samples: number
  readonly onSample?: (sample: LoadSample) => void
}

const concurrency = 32

/** A receiver of webhooks that accepts three of four deliveries, so that the others wait for their next attempt. */
const receiver = async () => {
  let received = 0
  const server = createServer((request, response) => {
    request.resume()
    request.on("end", () => {
      response.writeHead(received++ % 4 === 0 ? 500 : 200)
      response.end("ok")
    })
  })
  server.on("connection", (socket) => socket.on("error", () => undefined))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/hook`, close: () => server.close(), received: () => received }
}

const shotOf = ({ body, headers, key, method, path, status }: LoadRequest): Shot => ({
  method,
  path,
  headers: { authorization: `Bearer ${key}`, ...headers },
  body,
  status
})

/** Sends the requests. The samples are taken while no request is in flight. */
export const runLoad = async ({
  onSample,
  requests,
  samples: count,
  ...options
}: LoadOptions): Promise<ReadonlyArray<LoadSample>> => {
  const { child, close, origin } = await serveSandbox(options)
  const hook = await receiver()
  try {
    const pool = new Pool(origin, { connections: concurrency })
    const shots = [
      shotOf({
        method: "POST",
        path: "/app/api/v1/webhooks",
        key: "smx_root_sandbox",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ url: hook.url, event_types: ["message.received", "message.bounced"] }),
        status: 201
      })
    ]
    await shootAll(pool, 1, () => shots.pop())
    const samples: Array<LoadSample> = []
    const start = performance.now()
    let next = 0
    for (let part = 1; part <= count; part++) {
      const end = Math.round((requests * part) / count)
      await shootAll(pool, concurrency, () => (next < end ? shotOf(loadRequest(next++)) : undefined))
      const taken = once(child, "message")
      child.send("sample")
      const [memory] = (await taken) as [MemorySample]
      const sample = { ...memory, requests: end, seconds: (performance.now() - start) / 1000 }
      samples.push(sample)
      onSample?.(sample)
    }
    await pool.close()
    if (hook.received() === 0) throw new Error("no webhook delivery arrived")
    return samples
  } finally {
    hook.close()
    close()
  }
}
