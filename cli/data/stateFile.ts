/**
 * The format of the file that keeps a state: one line of JSON that describes it, and the state as Node serializes it.
 */
import { webcrypto } from "node:crypto"
import { deserialize, serialize } from "node:v8"
import { parseJson } from "../../src/internal/values/json.js"
import { version } from "../../src/internal/values/version.js"
import type { SavedData } from "../../src/sandbox/state/saved.js"
import { Problem } from "../support/problem.js"

/** Raise it when a part of the state changes, so that a state of another version is not misread. */
const formatVersion = 1

const formatName = "effect-sendmux sandbox"

interface Header {
  readonly format: string
  readonly formatVersion: number
  /** The version of the package that wrote the file. */
  readonly version: string
  /** An ISO 8601 timestamp. */
  readonly savedAt: string
  readonly sha256: string
}

/** A state that was read from a file. */
export interface ReadState {
  readonly data: SavedData
  readonly savedAt: string
  readonly version: string
}

const digestOf = async (bytes: Uint8Array): Promise<string> =>
  Buffer.from(await webcrypto.subtle.digest("SHA-256", bytes)).toString("hex")

/** Returns the parts of the content of a file. The state is copied before this returns its promise. */
export const encodeState = async (data: SavedData, savedAt: Date): Promise<ReadonlyArray<Buffer>> => {
  const state = serialize(data)
  const header: Header = {
    format: formatName,
    formatVersion,
    version,
    savedAt: savedAt.toISOString(),
    sha256: await digestOf(state)
  }
  return [Buffer.from(`${JSON.stringify(header)}\n`), state]
}

/** The first line has at most this length, so that a large foreign file is not searched for its end. */
const maxHeaderBytes = 4096

const isHeader = (value: unknown): value is Header =>
  typeof value === "object" && value !== null && Reflect.get(value, "format") === formatName

const leftAsItIs = "The file is left as it is"

const another = "choose another folder with --data"

/** The problem of a state of another format. */
export const otherFormat = (path: string, writer: string): Problem =>
  new Problem(
    `${path} is a state of version ${writer}, which this version cannot read. ${leftAsItIs}: use the version that wrote it, or ${another}`
  )

/** Reads the content of a file. Rejects with a `Problem` if it is not a state that this version can continue. */
export const decodeState = async (path: string, content: Buffer): Promise<ReadState> => {
  const end = content.subarray(0, maxHeaderBytes).indexOf("\n")
  const header = end < 0 ? undefined : parseJson(content.subarray(0, end).toString("utf8"))
  if (!isHeader(header)) {
    throw new Problem(`${path} is damaged, or not a state of a sandbox. ${leftAsItIs}: ${another}`)
  }
  if (header.formatVersion !== formatVersion) throw otherFormat(path, header.version)
  const state = content.subarray(end + 1)
  if ((await digestOf(state)) !== header.sha256) {
    throw new Problem(`${path} is damaged. ${leftAsItIs}: restore it from a copy, or ${another}`)
  }
  const { savedAt, version: writer } = header
  try {
    return { data: deserialize(state), savedAt, version: writer }
  } catch {
    throw new Problem(
      `${path} cannot be read by this version of Node (${process.version}). ${leftAsItIs}: use the version that wrote it, or a newer one`
    )
  }
}
