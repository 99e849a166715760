import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Sending } from "../../src/Sending.js"
import { email, mockClient, ok, sendingOver } from "../support/http.js"

const attachment = {
  attachment_id: "att_1",
  filename: "a.bin",
  content_type: "application/octet-stream",
  size_bytes: 5,
  expires_at: "2027-01-01T00:00:00Z"
}

const grant = (extra: Record<string, unknown> = {}) => ({
  upload_id: "upl_1",
  upload_url: "https://smtp.sendmux.ai/api/v1/emails/attachment-uploads/upl_1",
  method: "PUT",
  expires_at: "2027-01-01T00:00:00Z",
  max_size_bytes: 18_874_368,
  headers: { "X-Sendmux-Upload-Token": "upload-token-0123456789" },
  ...extra
})

const server = (extra: Record<string, unknown> = {}) =>
  mockClient(({ method, url }) =>
    method === "POST" && url.pathname.endsWith("/attachment-uploads")
      ? ok(grant(extra), { status: 201 })
      : ok(attachment, { status: 201 })
  )

const large = new Uint8Array(18_874_369)

const requestsOf = (seen: ReadonlyArray<{ readonly method: string; readonly url: URL }>) =>
  seen.map(({ method, url }) => `${method} ${url.pathname.slice("/api/v1/emails/".length)}`)

describe("sending.attachments", () => {
  it.effect("uploads a file of more than 18 MiB when the API has raised its limit", () => {
    const { client, seen } = server({ max_size_bytes: 20_000_000 })
    return Effect.gen(function* () {
      const { attachments } = yield* Sending
      const file = { filename: "a.bin", content: large }
      expect((yield* attachments.upload(file)).attachment_id).toBe("att_1")
      expect((yield* attachments.upload.withResponse(file)).meta.requestId).toBe("req_ok")
      yield* attachments.uploadDelegated(file)
      yield* attachments.createUpload({ filename: "a.bin", size_bytes: large.byteLength })
      expect(requestsOf(seen)).toEqual([
        "POST attachment-uploads",
        "POST attachments",
        "POST attachment-uploads",
        "POST attachments",
        "POST attachment-uploads",
        "POST attachment-uploads",
        "PUT attachment-uploads/upl_1",
        "POST attachment-uploads"
      ])
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("sends no byte of a file that is larger than the current limit of the API", () => {
    const { client, seen } = server()
    return Effect.gen(function* () {
      const { attachments } = yield* Sending
      for (const file of [large, new Blob([large])]) {
        for (const method of ["upload", "uploadDelegated"] as const) {
          const error = yield* Effect.flip(attachments[method]({ filename: "a.bin", content: file }))
          expect(error).toMatchObject({
            _tag: "InvalidRequestError",
            issue: "content has 18874369 bytes, and the API accepts at most 18874368"
          })
        }
      }
      expect(new Set(requestsOf(seen))).toEqual(new Set(["POST attachment-uploads"]))
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("reads the limit for no file that is known to be small enough", () => {
    const { client, seen } = server()
    return Effect.gen(function* () {
      const { attachments } = yield* Sending
      yield* attachments.upload({ filename: "a.bin", content: large.subarray(1) })
      expect(requestsOf(seen)).toEqual(["POST attachments"])
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("returns a grant with an unknown method, to which uploadDelegated sends nothing", () => {
    const { client, seen } = server({ method: "POST" })
    return Effect.gen(function* () {
      const { attachments } = yield* Sending
      const created = yield* attachments.createUpload({ filename: "a.bin", size_bytes: 5 })
      expect(created.method).toBe("POST")
      const error = yield* Effect.flip(
        attachments.uploadDelegated({ filename: "a.bin", content: new Uint8Array(5) })
      )
      expect(error).toMatchObject({
        _tag: "ResponseDecodeError",
        operation: "sending.attachments.uploadDelegated",
        status: 201,
        requestId: "req_ok"
      })
      expect(requestsOf(seen)).toEqual(["POST attachment-uploads", "POST attachment-uploads"])
    }).pipe(Effect.provide(sendingOver(client)))
  })

  it.effect("rejects a filename with a line break in uploads and in inline attachments", () => {
    const { client, seen } = server()
    return Effect.gen(function* () {
      const { attachments, emails } = yield* Sending
      for (const filename of ["a\r\nb.txt", "a\nb.txt", "a\rb.txt"]) {
        for (const refused of [
          Effect.asVoid(attachments.upload({ filename, content: new Uint8Array(5) })),
          Effect.asVoid(attachments.createUpload({ filename, size_bytes: 5 })),
          Effect.asVoid(attachments.uploadDelegated({ filename, content: new Uint8Array(5) })),
          Effect.asVoid(emails.send({ ...email, attachments: [{ filename, content: new Uint8Array(5) }] }))
        ]) {
          const error = yield* Effect.flip(refused)
          expect(error._tag).toBe("InvalidRequestError")
          expect(error.message).toContain("filename must not contain a line break")
        }
      }
      expect(seen).toHaveLength(0)
    }).pipe(Effect.provide(sendingOver(client)))
  })
})
