/**
 * Records what passes through the proxy in a folder.
 */
import { once } from "node:events"
import type { Server } from "node:http"
import { codeOf, Problem, reasonOf } from "../support/problem.js"
import { exchangeOf } from "./exchange.js"
import { Names } from "./names.js"
import { makeProxy, type Upstream } from "./proxy.js"
import { createRecording, type Exchange, writeExchange } from "./recording.js"

export interface RecorderOptions {
  readonly folder: string
  readonly port: number
  readonly upstream: Upstream
  readonly keepContent: boolean
  /** Is called after an exchange was written. */
  readonly onRecorded?: (file: string, exchange: Exchange) => void
  /** Is called with the reason if an exchange could not be written. */
  readonly onFailure?: (reason: string) => void
}

export interface Recorder {
  readonly origin: string
  /** The number of exchanges that were written. */
  readonly count: () => number
  /** Stops the recorder. Open event streams are closed, and recorded as far as they came. */
  readonly close: () => Promise<void>
}

/** Starts a recorder on a port of the loopback interface. Rejects with a `Problem`. */
export const startRecorder = async (options: RecorderOptions): Promise<Recorder> => {
  const { folder, keepContent, onFailure, onRecorded, port, upstream } = options
  const names = new Names()
  let written = 0
  const server = makeProxy({
    upstream,
    onExchange: (raw) => {
      try {
        const exchange = exchangeOf({ names, keepContent }, raw)
        const file = writeExchange(folder, raw.index, exchange, (text) => names.withoutSecrets(text))
        written++
        onRecorded?.(file, exchange)
      } catch (error) {
        onFailure?.(reasonOf(error))
      }
    }
  })
  const bound = await listen(server, port)
  createRecordingOrClose(server, folder, keepContent)
  return {
    origin: `http://127.0.0.1:${bound}`,
    count: () => written,
    close: async () => {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, "127.0.0.1")
  try {
    await once(server, "listening")
  } catch (error) {
    throw codeOf(error) === "EADDRINUSE"
      ? new Problem(`port ${port} is in use; choose another one with --port, or a free one with --port 0`)
      : new Problem(`cannot listen on port ${port}: ${reasonOf(error)}`)
  }
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : port
}

/** The folder is made last, so that a busy port leaves nothing behind. */
const createRecordingOrClose = (server: Server, folder: string, keepContent: boolean): void => {
  try {
    createRecording(folder, keepContent)
  } catch (error) {
    server.close()
    throw error
  }
}
