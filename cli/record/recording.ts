/**
 * A recording: a folder with one JSON file for each exchange, in order, and a file that describes it.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { ArrayFormatter } from "effect/ParseResult"
import { version } from "../../src/internal/values/version.js"
import { Problem, reasonOf } from "../support/problem.js"

const Body = Schema.Union(
  Schema.Struct({ kind: Schema.Literal("json"), value: Schema.Unknown }),
  /** Text, or JSON that could not be read. */
  Schema.Struct({ kind: Schema.Literal("text"), text: Schema.String }),
  /** A file, with its content in base64 if the recording keeps content. */
  Schema.Struct({
    kind: Schema.Literal("bytes"),
    size: Schema.Number,
    base64: Schema.optional(Schema.String)
  }),
  Schema.Struct({
    kind: Schema.Literal("events"),
    events: Schema.Array(Schema.Struct({ id: Schema.String, event: Schema.String, data: Schema.Unknown }))
  })
)

/** The body of a request or a response. */
export type Body = typeof Body.Type

const Headers = Schema.Record({ key: Schema.String, value: Schema.String })

const Exchange = Schema.Struct({
  /** The operation of the request, or `null` if the sandbox has no such operation. */
  operation: Schema.NullOr(Schema.String),
  /** When the request arrived. */
  at: Schema.String,
  request: Schema.Struct({
    host: Schema.Literal("sending", "app"),
    method: Schema.String,
    /** Below the base URL of the host. */
    path: Schema.String,
    query: Schema.Array(Schema.Tuple(Schema.String, Schema.String)),
    /** What kind of credential the request carried, and a name for it. */
    credential: Schema.NullOr(
      Schema.Struct({ kind: Schema.Literal("root", "mailbox", "agent", "other"), name: Schema.String })
    ),
    headers: Headers,
    /** Whether the length of the body was not announced. */
    chunked: Schema.optional(Schema.Boolean),
    body: Schema.optional(Body)
  }),
  response: Schema.Struct({
    status: Schema.Number,
    headers: Headers,
    body: Schema.optional(Body)
  })
})

/** A request and its response, without what a recording must not contain. */
export type Exchange = typeof Exchange.Type

/** An exchange with the name of its file. */
export interface RecordedExchange {
  readonly file: string
  readonly exchange: Exchange
}

/** Increases when an earlier version of the program cannot read a recording. */
const format = 1

const Manifest = Schema.Struct({
  format: Schema.Number,
  version: Schema.String,
  started_at: Schema.String,
  keeps_content: Schema.Boolean
})

export type Manifest = typeof Manifest.Type

const manifestFile = "recording.json"

const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Makes the folder of a new recording. */
export const createRecording = (folder: string, keepsContent: boolean): void => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (readdirSync(folder).length > 0) {
      throw new Problem(`${folder} is not empty; choose a new folder with --to`)
    }
    const manifest: Manifest = {
      format,
      version,
      started_at: new Date().toISOString(),
      keeps_content: keepsContent
    }
    writeFileSync(join(folder, manifestFile), text(manifest), { mode: 0o600, flag: "wx" })
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(`cannot write to ${folder}: ${reasonOf(error)}`)
  }
}

/** Writes an exchange, and returns the name of its file. `protect` is applied to the text of the file. */
export const writeExchange = (
  folder: string,
  index: number,
  exchange: Exchange,
  protect: (text: string) => string
): string => {
  const name = exchange.operation ?? exchange.request.method.toLowerCase()
  const file = `${String(index).padStart(4, "0")}-${name}.json`
  writeFileSync(join(folder, file), protect(text(exchange)), { mode: 0o600, flag: "wx" })
  return file
}

const readJson = <A, I>(folder: string, file: string, schema: Schema.Schema<A, I>): A => {
  const path = join(folder, file)
  const problem = (why: string) => new Problem(`cannot read the recording: ${path}: ${why}`)
  let content: string
  try {
    content = readFileSync(path, "utf8")
  } catch (error) {
    throw problem(reasonOf(error))
  }
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch {
    throw problem("it is not valid JSON")
  }
  const decoded = Schema.decodeUnknownEither(schema)(json)
  if (Either.isRight(decoded)) return decoded.right
  const [first] = ArrayFormatter.formatErrorSync(decoded.left)
  throw problem(first === undefined ? "it is no recording" : `${first.path.join(".")}: ${first.message}`)
}

/** Reads a recording, with its exchanges in order. */
export const readRecording = (
  folder: string
): { readonly manifest: Manifest; readonly exchanges: ReadonlyArray<RecordedExchange> } => {
  const manifest = readJson(folder, manifestFile, Manifest)
  if (manifest.format !== format) {
    throw new Problem(
      `${folder} has the format ${manifest.format}, and this version of the program reads the format ${format}`
    )
  }
  const files = readdirSync(folder)
    .filter((file) => /^\d{4,}-.+\.json$/.test(file))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  return { manifest, exchanges: files.map((file) => ({ file, exchange: readJson(folder, file, Exchange) })) }
}
