/**
 * Counts the bytes that the SDK copies. A mock client sees the bytes of an upload where they leave the SDK, and provides
 * those of a download; bytes in the same `ArrayBuffer` on both sides were not copied.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Mailbox } from "../../../src/Mailbox.js"
import { Sending } from "../../../src/Sending.js"
import { fileBytes, mailboxKey } from "../fixtures.js"
import { report } from "../harness/child.js"
import { responseHeaders, uploaded } from "../server/bodies.js"

export interface CopiesResult {
  readonly label: string
  /** Bytes that have another buffer on the other side, for each byte of the file. */
  readonly copied: number
  /** Bytes of buffers that were allocated when the request is sent, for each byte of the file. */
  readonly allocated: number | undefined
}

const options = { apiKey: Redacted.make(mailboxKey), baseUrl: "http://127.0.0.1:1" }

const chunkBytes = 64 * 1024

const file = new Uint8Array(fileBytes).fill(7)

const chunks = Array.from({ length: fileBytes / chunkBytes }, (_, index) =>
  file.subarray(index * chunkBytes, (index + 1) * chunkBytes)
)

const bufferBytes = (): number => process.memoryUsage().arrayBuffers

type Content = Uint8Array | Blob | Stream.Stream<Uint8Array>

const upload = async (label: string, content: Content): Promise<CopiesResult> => {
  globalThis.gc?.()
  const before = bufferBytes()
  let copied = 0
  let allocated = 0
  const client = HttpClient.make((request) => {
    const { body } = request
    if (body._tag !== "Uint8Array" || body.body.byteLength !== fileBytes) {
      throw new Error(`the upload of ${label} does not have the bytes of the file`)
    }
    copied = body.body.buffer === file.buffer ? 0 : body.body.byteLength
    allocated = bufferBytes() - before
    const response = new Response(uploaded(fileBytes), { status: 201, headers: responseHeaders })
    return Effect.succeed(HttpClientResponse.fromWeb(request, response))
  })
  const program = Effect.flatMap(Sending.make(options), ({ attachments }) =>
    attachments.upload({ filename: "report.bin", content, size: fileBytes })
  )
  await Effect.runPromise(Effect.provideService(program, HttpClient.HttpClient, client))
  return { label, copied: copied / fileBytes, allocated: allocated / fileBytes }
}

const download = async (label: string): Promise<CopiesResult> => {
  const client = HttpClient.make((request) => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const chunk of chunks) controller.enqueue(chunk)
        controller.close()
      }
    })
    return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(body)))
  })
  let received = 0
  let copied = 0
  const program = Effect.flatMap(Mailbox.make(options), ({ attachments }) =>
    Stream.runForEach(attachments.download("msg_1", "att_1"), (chunk) =>
      Effect.sync(() => {
        received += chunk.byteLength
        if (chunk.buffer !== file.buffer) copied += chunk.byteLength
      })
    )
  )
  await Effect.runPromise(Effect.provideService(program, HttpClient.HttpClient, client))
  if (received !== fileBytes) throw new Error(`the download has ${received} bytes`)
  return { label, copied: copied / fileBytes, allocated: undefined }
}

const results: ReadonlyArray<CopiesResult> = [
  await upload("upload of a Uint8Array", file),
  await upload("upload of a Blob", new Blob(chunks)),
  await upload("upload of a Stream", Stream.fromIterable(chunks)),
  await download("download")
]
report(results)
