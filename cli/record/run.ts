/**
 * Runs the command `record` until the process is told to end.
 */
import { isLoopback } from "../../src/internal/values/loopback.js"
import { Problem } from "../support/problem.js"
import { sendmux, type Upstream, upstreamAt } from "./proxy.js"
import { startRecorder } from "./recorder.js"

export interface RecordOptions {
  readonly to: string
  readonly port: number
  readonly upstream?: string | undefined
  readonly keepContent?: true | undefined
  readonly quiet?: true | undefined
}

/** Only a server on this machine may take the place of the API, because it receives the API keys. */
const readUpstream = (text: string | undefined): Upstream => {
  if (text === undefined) return sendmux
  if (isLoopback(text) && /^http:\/\/[^/]+\/?$/.test(text)) return upstreamAt(new URL(text).origin)
  throw new Problem(
    `--upstream must be the origin of a server on this machine, such as http://127.0.0.1:4700`
  )
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Records until the process receives a signal. Rejects with a `Problem`. */
export const runRecord = async ({ keepContent, port, quiet, to, upstream }: RecordOptions): Promise<void> => {
  const recorder = await startRecorder({
    folder: to,
    port,
    upstream: readUpstream(upstream),
    keepContent: keepContent === true,
    onRecorded: (file, { at, response }) => {
      if (quiet !== true) console.error(`${at} ${response.status} ${file}`)
    },
    onFailure: (reason) => console.error(`warning: an exchange was not recorded: ${reason}`)
  })
  console.log(
    [
      `recording on ${recorder.origin} to ${to}`,
      "  Sending              /sending/api/v1",
      "  Mailbox, Management  /app/api/v1"
    ].join("\n")
  )
  await new Promise<void>((resolve) => {
    const stop = () => {
      for (const signal of signals) process.off(signal, stop)
      resolve()
    }
    for (const signal of signals) process.on(signal, stop)
  })
  await recorder.close()
  console.log(`${recorder.count()} exchanges were recorded in ${to}`)
}
