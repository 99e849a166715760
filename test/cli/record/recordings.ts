/** Recordings of sandboxes, and servers whose responses drifted from them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Comparison, compare } from "../../../cli/compare/compare.js"
import { upstreamAt } from "../../../cli/record/proxy.js"
import { startRecorder } from "../../../cli/record/recorder.js"
import { readRecording } from "../../../cli/record/recording.js"
import { onSandbox, type Plain, plain } from "../../sandbox/http/plain.js"

/** Runs a function with a folder that does not exist yet, and removes it afterwards. */
export const inFolder = async <A>(use: (folder: string) => Promise<A>): Promise<A> => {
  const parent = mkdtempSync(join(tmpdir(), "recording-"))
  try {
    return await use(join(parent, "recording"))
  } finally {
    rmSync(parent, { recursive: true, force: true })
  }
}

/** The texts of the files of a recording, by their names. */
export const filesIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]))

interface RecordOptions {
  readonly keepContent?: boolean
}

/** Records the requests of a function to a server. */
export const recordFrom = async (
  upstream: string,
  folder: string,
  use: (api: Plain) => Promise<void>,
  { keepContent = false }: RecordOptions = {}
): Promise<void> => {
  const failures: Array<string> = []
  const recorder = await startRecorder({
    folder,
    port: 0,
    upstream: upstreamAt(upstream),
    keepContent,
    onFailure: (reason) => failures.push(reason)
  })
  try {
    await use(plain(recorder.origin))
  } finally {
    await recorder.close()
  }
  if (failures.length > 0) throw new Error(failures.join("\n"))
}

/** Replays a recording against a new sandbox. */
export const compareIn = async (folder: string): Promise<Comparison> => {
  let comparison: Comparison | undefined
  await onSandbox(async ({ url }) => {
    comparison = await compare(url, readRecording(folder).exchanges)
  })()
  if (comparison === undefined) throw new Error("the comparison did not run")
  return comparison
}

/** A response that may be changed. */
export interface Drifting {
  status: number
  readonly headers: Headers
  body: ReturnType<typeof JSON.parse>
}

/** Serves the responses of a sandbox after a function has changed them. `line` is such as `GET /mailbox/me`. */
export const onDrifted = async (
  upstream: string,
  change: (line: string, response: Drifting) => void,
  use: (url: string) => Promise<void>
): Promise<void> => {
  const server = createServer(async (request, response) => {
    const parts: Array<Buffer> = []
    for await (const part of request) parts.push(part)
    const headers = new Headers()
    for (const name of ["authorization", "content-type", "if-match", "idempotency-key"]) {
      const value = request.headers[name]
      if (typeof value === "string") headers.set(name, value)
    }
    const method = request.method ?? ""
    const answer = await fetch(`${upstream}${request.url}`, {
      method,
      headers,
      ...(parts.length === 0 ? {} : { body: Buffer.concat(parts) })
    })
    const kept = new Headers([...answer.headers].filter(([name]) => !/^(?:content-length|date)$/.test(name)))
    const drifting: Drifting = { status: answer.status, headers: kept, body: await answer.json() }
    change(`${method} ${request.url?.replace(/^.*\/api\/v1/, "").replace(/\?.*/, "")}`, drifting)
    response.writeHead(drifting.status, Object.fromEntries(drifting.headers))
    response.end(JSON.stringify(drifting.body))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  try {
    await use(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
