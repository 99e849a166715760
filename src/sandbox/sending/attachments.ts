/**
 * Uploads of attachments, with the API key or with an upload grant.
 */
import * as Effect from "effect/Effect"
import { sha256Hex } from "../../internal/request/content.js"
import { attachmentOperations } from "../../sending/attachments.js"
import { ApiFailure, fail, found, reply } from "../exchange.js"
import { checkContentLength, type RawCall, type Route, route } from "../http/routes.js"
import { UploadGrants } from "../http/uploadGrants.js"
import { iso } from "../state/team.js"
import type { World } from "../state/world.js"
import { type FileStore, type StoredFile, showFile, typeOf } from "./files.js"

const maxFileBytes = 18_874_368
/** What a grant is for. */
interface Upload {
  readonly filename: string
  readonly content_type: string
  readonly size: number
  readonly sha256: string | undefined
  /** The id of the file. The grant does not keep its bytes. */
  completed: string | undefined
}

const checkSize = (bytes: number): void => {
  if (bytes === 0) fail("validation_error", "The file is empty")
  if (bytes > maxFileBytes) fail("payload_too_large", `A file can have at most ${maxFileBytes} bytes`)
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index])

const created = (call: RawCall, file: StoredFile) =>
  reply(showFile(file), {
    status: 201,
    location: `${new URL(call.base).pathname}/emails/attachments/${file.id}`
  })

export const attachmentRoutes = (world: World, files: FileStore): ReadonlyArray<Route> => {
  const grants = new UploadGrants<Upload>(world.id)
  world.saved.add("sendingUploads", grants)
  world.listeners.uploadsExpired.push((at) => grants.expire(at))
  return [
    route(attachmentOperations.upload, (call) => {
      checkContentLength(call)
      const { filename, content_type } = call.input
      checkSize(call.request.body.byteLength)
      return created(call, files.add(call, filename, content_type, call.request.body))
    }),
    route(attachmentOperations.createUpload, (call) => {
      const { filename, content_type, sha256, size_bytes } = call.input
      checkSize(size_bytes)
      const type = content_type ?? typeOf(filename)
      const grant = grants.add(
        { filename, content_type: type, size: size_bytes, sha256, completed: undefined },
        call.now
      )
      const path = `/emails/attachment-uploads/${grant.id}`
      return reply(
        {
          upload_id: grant.id,
          upload_url: `${call.base}${path}`,
          method: "PUT",
          expires_at: iso(grant.expiresAt),
          max_size_bytes: maxFileBytes,
          headers: {
            "X-Sendmux-Upload-Token": grant.token,
            "Content-Type": grant.content_type,
            "Content-Length": String(grant.size)
          }
        },
        { status: 201, location: `${new URL(call.base).pathname}${path}` }
      )
    }),
    route(attachmentOperations.completeUpload, (call) => {
      checkContentLength(call)
      const grant = grants.open(call.ids[0], call.input.upload_token, call.now)
      const bytes = call.request.body
      const completed = (id: string) => {
        const file = found(files.get(id, call.now), "attachment")
        return sameBytes(file.bytes, bytes)
          ? created(call, file)
          : fail("conflict", "The upload was already completed with different bytes")
      }
      if (grant.completed !== undefined) return completed(grant.completed)
      if (bytes.byteLength !== grant.size) {
        return fail("payload_too_large", `The upload was created for ${grant.size} bytes`)
      }
      return Effect.gen(function* () {
        const digest = yield* sha256Hex(bytes)
        if (grant.sha256 !== undefined && digest !== undefined && digest !== grant.sha256) {
          return yield* Effect.fail(
            new ApiFailure("validation_error", "The bytes do not match the SHA-256 digest of the upload")
          )
        }
        // Another request may have completed the upload while the digest was computed.
        if (grant.completed !== undefined) return completed(grant.completed)
        const file = files.add(call, grant.filename, grant.content_type, bytes)
        grant.completed = file.id
        return created(call, file)
      })
    }),
    route(attachmentOperations.get, (call) =>
      reply(showFile(found(files.get(call.ids[0], call.now), "attachment")))
    )
  ]
}
