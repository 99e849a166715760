/**
 * The sandbox that the probe runs against: the command line program of the built package, in a process of its own.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { root } from "../support/blocks.js"

/** Ends a process that this program started, and waits until it is gone. */
export const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, "exit")
  child.kill("SIGKILL")
  await gone
}

export interface Served {
  readonly origin: string
  /** Forgets everything that an earlier probe left. */
  readonly reset: () => Promise<void>
  readonly close: () => Promise<void>
}

export const serveSandbox = async (): Promise<Served> => {
  const program = join(root, "dist", "cli", "effect-sendmux.js")
  const child = spawn(process.execPath, [program, "sandbox", "--port", "0", "--quiet"], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const origin = /listening on (\S+)/.exec(line)?.[1]
    if (origin === undefined) continue
    child.stdout.resume()
    const reset = async (): Promise<void> => {
      const response = await fetch(`${origin}/__sandbox/reset`, { method: "POST" })
      if (!response.ok) throw new Error(`The sandbox could not be reset: ${await response.text()}`)
    }
    return { origin, reset, close: () => end(child) }
  }
  throw new Error(`The sandbox did not start. Has the package been built? (npm run build)`)
}

export interface Site {
  readonly origin: string
  readonly close: () => Promise<void>
}

/**
 * A web site on a port of its own with an empty page and scripts. Its pages use the API of the sandbox across origins, but must
 * not use the control, so the site forwards requests for the control.
 */
export const serveSite = async (
  scripts: Readonly<Record<string, () => string>>,
  sandbox: string
): Promise<Site> => {
  const server = createServer(async (request, response) => {
    const url = request.url ?? "/"
    try {
      if (url.startsWith("/__sandbox/")) {
        const body: Array<Uint8Array> = []
        for await (const chunk of request) body.push(chunk)
        const forwarded = await fetch(`${sandbox}${url}`, {
          method: request.method ?? "GET",
          headers: { "content-type": "application/json" },
          ...(body.length === 0 ? {} : { body: Buffer.concat(body) })
        })
        response
          .writeHead(forwarded.status, { "content-type": "application/json" })
          .end(await forwarded.text())
        return
      }
      const script = scripts[url]
      if (script !== undefined) response.writeHead(200, { "content-type": "text/javascript" }).end(script())
      else response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Probe</title>")
    } catch (error) {
      response.writeHead(502).end(String(error))
    }
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("The site has no port")
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    }
  }
}
