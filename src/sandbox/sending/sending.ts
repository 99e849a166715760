/**
 * The Sending room: mail is taken, checked and put into the outbox; attachments are kept for a day.
 */

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import mime from "mime/lite"
import { decodeBase64, requestDecoder } from "../../internal/dialect/schema.js"
import { maxMessageBytes } from "../../internal/model/limits.js"
import { sha256Hex } from "../../internal/request/content.js"
import { ListOf } from "../../internal/schema/schema.js"
import { type Attachment, attachmentOperations } from "../../sending/attachments.js"
import { connectionOperations } from "../../sending/connection.js"
import { emailOperations } from "../../sending/emails/emails.js"
import { type AddressInput, EmailInput } from "../../sending/emails/schemas.js"
import { metaOperations } from "../../sending/meta.js"
import { type FieldFault, found, Refusal, refuse, refuseField, reply } from "../exchange.js"
import { replyConnection } from "../http/connection.js"
import { fieldFault, type RawCall, type Route, route, routeReading } from "../http/routes.js"
import { iso } from "../state/team.js"
import { type Address, dispatch, type SentAttachment, type World } from "../state/world.js"

const maxFileBytes = 18_874_368
const attachmentLifeMillis = 24 * 60 * 60 * 1000
const uploadLifeMillis = 15 * 60 * 1000

interface StoredFile extends SentAttachment {
  readonly id: string
  readonly expiresAt: number
}

interface Upload {
  readonly id: string
  readonly token: string
  readonly filename: string
  readonly content_type: string
  readonly size: number
  readonly sha256: string | undefined
  readonly expiresAt: number
  completed: StoredFile | undefined
}

/** The routes of the Sending surface, over files of their own. */
export const sendingRoom = (world: World): ReadonlyArray<Route> => {
  const files = new Map<string, StoredFile>()
  const uploads = new Map<string, Upload>()

  const liveFile = (id: string, now: number): StoredFile | undefined => {
    const file = files.get(id)
    return file !== undefined && file.expiresAt > now ? file : undefined
  }

  const keepFile = (call: RawCall, filename: string, type: string | undefined, bytes: Uint8Array) => {
    const file: StoredFile = {
      id: world.id("att"),
      filename,
      content_type: type ?? typeOf(filename),
      bytes,
      expiresAt: call.now + attachmentLifeMillis
    }
    files.set(file.id, file)
    return file
  }

  const created = (call: RawCall, file: StoredFile) =>
    reply(showFile(file), {
      status: 201,
      location: `${new URL(call.base).pathname}/emails/attachments/${file.id}`
    })

  return [
    route(attachmentOperations.upload, (call) => {
      const { filename, content_type } = call.input
      checkSize(call.request.body.byteLength)
      return created(call, keepFile(call, filename, content_type, call.request.body))
    }),
    route(attachmentOperations.createUpload, (call) => {
      const { filename, content_type, sha256, size_bytes } = call.input
      const upload: Upload = {
        id: world.id("upl"),
        token: world.id("uptok", 48),
        filename,
        content_type: content_type ?? typeOf(filename),
        size: size_bytes,
        sha256,
        expiresAt: call.now + uploadLifeMillis,
        completed: undefined
      }
      uploads.set(upload.id, upload)
      const path = `/emails/attachment-uploads/${upload.id}`
      return reply(
        {
          upload_id: upload.id,
          upload_url: `${call.base}${path}`,
          method: "PUT",
          expires_at: iso(upload.expiresAt),
          max_size_bytes: maxFileBytes,
          headers: {
            "X-Sendmux-Upload-Token": upload.token,
            "Content-Type": upload.content_type,
            "Content-Length": String(upload.size)
          }
        },
        { status: 201, location: `${new URL(call.base).pathname}${path}` }
      )
    }),
    route(attachmentOperations.completeUpload, (call) => {
      const upload = found(uploads.get(call.ids[0]), "upload")
      if (call.input.upload_token !== upload.token) {
        return refuse("authentication_required", "The upload token does not fit this upload")
      }
      if (upload.expiresAt <= call.now) return refuse("not_found", "The upload has expired")
      const bytes = call.request.body
      if (upload.completed !== undefined) {
        return sameBytes(upload.completed.bytes, bytes)
          ? created(call, upload.completed)
          : refuse("conflict", "Other bytes were uploaded already")
      }
      if (bytes.byteLength !== upload.size) {
        return refuse("payload_too_large", `The upload was created for ${upload.size} bytes`)
      }
      return Effect.flatMap(sha256Hex(bytes), (digest) => {
        if (upload.sha256 !== undefined && digest !== undefined && digest !== upload.sha256) {
          return Effect.fail(
            new Refusal("validation_error", "The bytes do not have the SHA-256 that was announced")
          )
        }
        upload.completed ??= keepFile(call, upload.filename, upload.content_type, bytes)
        return Effect.succeed(created(call, upload.completed))
      })
    }),
    route(attachmentOperations.get, (call) =>
      reply(showFile(found(liveFile(call.ids[0], call.now), "attachment")))
    ),
    route(emailOperations.send, (call) =>
      reply({ message_id: takeEmail(call, call.input, liveFile), status: "queued" })
    ),
    routeReading(emailOperations.sendBatch, LooseBatch, (call) => {
      const results = call.input.messages.map((message, index) => {
        try {
          return { index, message_id: takeEmail(call, readEmail(message), liveFile), status: "queued" }
        } catch (thrown) {
          if (!(thrown instanceof Refusal)) throw thrown
          const { code, details, message, retryable } = thrown
          return {
            index,
            message_id: null,
            status: "failed",
            error: { code, message, retryable, ...details }
          }
        }
      })
      const failed = results.flatMap(({ error, index }) => (error === undefined ? [] : [{ error, index }]))
      const [first] = failed
      if (first !== undefined && failed.length === results.length) {
        // What is refused for now may be sent later: such a batch fails like one message of it.
        if (failed.every(({ error }) => error.retryable)) return refuse(first.error.code, first.error.message)
        if (failed.every(({ error }) => !error.retryable)) {
          return refuse("validation_error", "No message of the batch is valid", {
            errors: failed.flatMap(({ index, error: { code, errors, message } }) =>
              errors === undefined
                ? [{ field: `messages[${index}]`, code, message }]
                : errors.map((fault) => ({ ...fault, field: `messages[${index}].${fault.field}` }))
            )
          })
        }
      }
      return reply({
        results,
        summary: { total: results.length, queued: results.length - failed.length, failed: failed.length }
      })
    }),
    route(connectionOperations.get, replyConnection),
    route(metaOperations.getOpenApiSpec, () => ({
      headers: { "cache-control": "public, max-age=300" },
      body: { kind: "document", data: describeRoom() }
    }))
  ]
}

// -----------------------------------------------------------------------------
// mail
// -----------------------------------------------------------------------------

/** Messages are read one by one, so that one bad message does not spoil the batch. */
const LooseBatch = Schema.Struct({ messages: ListOf(Schema.Unknown, 1, 100) })

const decodeEmail = requestDecoder(EmailInput)

const readEmail = (message: unknown): EmailInput => {
  const coded = decodeEmail(message)
  if (coded.ok) return coded.value
  return refuse("validation_error", "The message has fields that are not valid", {
    errors: coded.issues.map(fieldFault)
  })
}

type FindFile = (id: string, now: number) => StoredFile | undefined

/** Takes one message into the outbox and gives its id. */
const takeEmail = (call: RawCall, email: EmailInput, liveFile: FindFile): string => {
  if (![...call.world.team.providers.values()].some(({ active }) => active)) {
    return refuse("no_active_providers", "No provider is active: activate one")
  }
  const { from, to, cc = [], bcc = [], reply_to } = email
  checkAddresses({ from: [from], to: [to], cc, bcc, reply_to: reply_to === undefined ? [] : [reply_to] })
  const attachments = (email.attachments ?? []).map((attachment, index): SentAttachment => {
    if ("attachment_id" in attachment) {
      return (
        liveFile(attachment.attachment_id, call.now) ??
        refuseField(`attachments[${index}].attachment_id`, "There is no such attachment, or it has expired")
      )
    }
    return {
      filename: attachment.filename,
      content_type: attachment.type ?? typeOf(attachment.filename),
      bytes: bytesOf(attachment.content, index)
    }
  })
  const size = attachments.reduce((sum, { bytes }) => sum + bytes.byteLength, email.html_body.length)
  if (size > maxMessageBytes) return refuse("payload_too_large", "The message has more than 25 MB")
  const id = call.world.id("eml")
  dispatch(call.world, {
    id,
    via: "sending",
    from: addressOf(from),
    to: [addressOf(to)],
    cc: cc.map(addressOf),
    bcc: bcc.map(addressOf),
    reply_to: reply_to === undefined ? [] : [addressOf(reply_to)],
    subject: email.subject,
    html: email.html_body,
    text: email.text_body ?? null,
    headers: email.custom_headers ?? {},
    attachments,
    delivery_group:
      email.delivery_group === undefined
        ? null
        : typeof email.delivery_group === "string"
          ? [email.delivery_group]
          : email.delivery_group,
    idempotencyKey: call.request.headers["idempotency-key"],
    rfc5322_message_id: `<${id}@sandbox.test>`,
    sentAt: call.now,
    mailboxId: call.actor.mailboxId
  })
  return id
}

const addressOf = ({ email, name }: AddressInput): Address => ({ email, name: name ?? null })

const deliverable = /^[^\s@,;:<>()[\]"\\]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i

const checkAddresses = (fields: Readonly<Record<string, ReadonlyArray<AddressInput>>>): void => {
  const errors = Object.entries(fields).flatMap(([field, addresses]) =>
    addresses.flatMap(({ email }, index): ReadonlyArray<FieldFault> => {
      const single = field === "from" || field === "to" || field === "reply_to"
      return deliverable.test(email)
        ? []
        : [
            {
              field: single ? `${field}.email` : `${field}[${index}].email`,
              code: "invalid_email",
              message: "is not an address that mail can go to"
            }
          ]
    })
  )
  if (errors.length > 0) {
    refuse("validation_error", "The message has addresses that are not valid", {
      param: errors[0]?.field,
      errors
    })
  }
}

const bytesOf = (content: string | Uint8Array, index: number): Uint8Array => {
  if (typeof content !== "string") return content
  return (
    decodeBase64(content.replace(/[\r\n]/g, "")) ??
    refuseField(`attachments[${index}].content`, "is not base64")
  )
}

// -----------------------------------------------------------------------------
// files
// -----------------------------------------------------------------------------

const typeOf = (filename: string): string => mime.getType(filename) ?? "application/octet-stream"

const showFile = (file: StoredFile): typeof Attachment.Encoded => ({
  attachment_id: file.id,
  filename: file.filename,
  content_type: file.content_type,
  size_bytes: file.bytes.byteLength,
  expires_at: iso(file.expiresAt)
})

const checkSize = (bytes: number): void => {
  if (bytes === 0) refuse("validation_error", "The file is empty")
  if (bytes > maxFileBytes) refuse("payload_too_large", `A file may have ${maxFileBytes} bytes`)
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index])

// -----------------------------------------------------------------------------
// the room's own description
// -----------------------------------------------------------------------------

const describeRoom = () => {
  const operations = [attachmentOperations, emailOperations, connectionOperations, metaOperations]
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { group, http, method, path } of operations.flatMap((group) => Object.values(group))) {
    paths[path] = {
      ...paths[path],
      [http.toLowerCase()]: { operationId: `${group}.${method}`, responses: {} }
    }
  }
  return { openapi: "3.1.0", info: { title: "Sendmux sandbox, Sending", version: "1" }, paths }
}
