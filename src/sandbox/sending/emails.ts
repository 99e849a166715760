/**
 * Messages: one at a time or in a batch.
 */
import * as Schema from "effect/Schema"
import { decodeBase64, requestDecoder } from "../../internal/dialect/schema.js"
import { maxMessageBytes } from "../../internal/model/limits.js"
import { ListOf } from "../../internal/schema/schema.js"
import { isRecord } from "../../internal/values/json.js"
import { emailOperations } from "../../sending/emails/emails.js"
import { type AddressInput, EmailInput } from "../../sending/emails/schemas.js"
import { ApiFailure, type FieldError, fail, failField, reply } from "../exchange.js"
import { fieldError, type RawCall, type Route, routeWithInput } from "../http/routes.js"
import { canSend, dispatch } from "../state/mail.js"
import { checkDailyLimit, deliveryGroupsOf } from "../state/sendingChecks.js"
import type { Address, SentAttachment } from "../state/world.js"
import { type FileStore, typeOf } from "./files.js"

/** The messages of a batch are decoded one by one, so that an invalid message does not fail the batch. */
const LooseBatch = Schema.Struct({ messages: ListOf(Schema.Unknown, 1, 100) })

const decodeEmail = requestDecoder(EmailInput)

/** A message, and its delivery group as it was sent, which has errors of its own. */
interface GivenEmail {
  readonly email: Omit<EmailInput, "delivery_group">
  readonly deliveryGroup: unknown
}

const readEmail = (message: unknown): GivenEmail => {
  const { delivery_group: deliveryGroup, ...rest } = isRecord(message) ? message : {}
  const coded = decodeEmail(isRecord(message) ? rest : message)
  if (coded.ok) return { email: coded.value, deliveryGroup }
  const errors = coded.issues.map(fieldError)
  return fail("validation_error", "The message has invalid fields", { param: errors[0]?.field, errors })
}

export const emailRoutes = (files: FileStore): ReadonlyArray<Route> => [
  // A record would drop a field with the name `__proto__`, which has to be reported as unknown.
  routeWithInput(emailOperations.send, Schema.Unknown, (call) =>
    reply({ message_id: sendEmail(call, readEmail(call.input), files), status: "queued" })
  ),
  routeWithInput(emailOperations.sendBatch, LooseBatch, (call) => {
    const results = call.input.messages.map((message, index) => sendOne(call, message, index, files))
    const failed = results.flatMap(({ error, index, retryAfter }) =>
      error === undefined ? [] : [{ error, index, retryAfter }]
    )
    if (failed.length === results.length) failBatch(failed)
    return reply({
      results: results.map(({ retryAfter: _, ...result }) => result),
      summary: { total: results.length, queued: results.length - failed.length, failed: failed.length }
    })
  })
]

const sendOne = (call: RawCall, message: unknown, index: number, files: FileStore) => {
  try {
    return {
      index,
      message_id: sendEmail(call, readEmail(message), files),
      status: "queued",
      retryAfter: undefined
    }
  } catch (thrown) {
    if (!(thrown instanceof ApiFailure)) throw thrown
    const { code, message, retryable } = thrown
    const { retryAfter, ...details } = thrown.details
    const error = { code, message, retryable, ...details }
    return { index, message_id: null, status: "failed", error, retryAfter }
  }
}

type FailedMessage = {
  readonly index: number
  readonly retryAfter: number | undefined
  readonly error: NonNullable<ReturnType<typeof sendOne>["error"]>
}

/**
 * Fails a batch without a valid message. A batch with both transient and permanent failures does not fail, nor does one with
 * a refused delivery group, whose error stays at the index of its message.
 */
const failBatch = (failed: ReadonlyArray<FailedMessage>): void => {
  const [first] = failed
  if (first === undefined || failed.some(({ error }) => error.code.includes("delivery_group"))) return
  const { error, retryAfter } = first
  if (failed.every(({ error }) => error.retryable)) fail(error.code, error.message, { retryAfter })
  if (failed.every(({ error }) => !error.retryable)) {
    fail("validation_error", "No message of the batch is valid", { errors: failed.flatMap(batchErrors) })
  }
}

const batchErrors = ({ index, error }: FailedMessage): ReadonlyArray<FieldError> => {
  const field = `messages[${index}]`
  return error.errors === undefined
    ? [{ field, code: error.code, message: error.message }]
    : error.errors.map((nested) => ({ ...nested, field: `${field}.${nested.field}` }))
}

/** Sends one message and returns its id. */
const sendEmail = (call: RawCall, { deliveryGroup, email }: GivenEmail, files: FileStore): string => {
  if (!canSend(call.world)) {
    return fail("no_active_providers", "The team has no active provider. Activate a provider")
  }
  const { from, to, cc = [], bcc = [], reply_to } = email
  checkAddresses({ from: [from], to: [to], cc, bcc, reply_to: reply_to === undefined ? [] : [reply_to] })
  const attachments = (email.attachments ?? []).map((attachment, index) =>
    sentAttachment(call, attachment, index, files)
  )
  const size = attachments.reduce((sum, { bytes }) => sum + bytes.byteLength, email.html_body.length)
  if (size > maxMessageBytes) {
    return fail("payload_too_large", `A message can have at most ${maxMessageBytes} bytes`)
  }
  const delivery_group = deliveryGroupsOf(call.world, call.actor, from.email, deliveryGroup)
  checkDailyLimit(call.world, 1 + cc.length + bcc.length, call.now)
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
    delivery_group,
    idempotencyKey: call.request.headers["idempotency-key"],
    rfc5322_message_id: `<${id}@sandbox.test>`,
    sentAt: call.now,
    mailboxId: call.actor.mailboxId
  })
  return id
}

const sentAttachment = (
  call: RawCall,
  attachment: NonNullable<EmailInput["attachments"]>[number],
  index: number,
  files: FileStore
): SentAttachment => {
  if ("attachment_id" in attachment) {
    return (
      files.get(attachment.attachment_id, call.now) ??
      failField(`attachments[${index}].attachment_id`, "does not exist or has expired")
    )
  }
  return {
    filename: attachment.filename,
    content_type: attachment.type ?? typeOf(attachment.filename),
    bytes: bytesOf(attachment.content, index)
  }
}

const bytesOf = (content: string | Uint8Array, index: number): Uint8Array => {
  if (typeof content !== "string") return content
  return (
    decodeBase64(content.replace(/[\r\n]/g, "")) ??
    failField(`attachments[${index}].content`, "is not valid base64")
  )
}

const addressOf = ({ email, name }: AddressInput): Address => ({ email, name: name ?? null })

const deliverable = /^[^\s@,;:<>()[\]"\\]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i

const singleAddressFields: ReadonlySet<string> = new Set(["from", "to", "reply_to"])

const checkAddresses = (fields: Readonly<Record<string, ReadonlyArray<AddressInput>>>): void => {
  const errors = Object.entries(fields).flatMap(([field, addresses]) =>
    addresses.flatMap(({ email }, index): ReadonlyArray<FieldError> => {
      if (deliverable.test(email)) return []
      const path = singleAddressFields.has(field) ? field : `${field}[${index}]`
      return [{ field: `${path}.email`, code: "invalid_email", message: "is not a valid email address" }]
    })
  )
  if (errors.length > 0) {
    fail("validation_error", "The message has invalid addresses", { param: errors[0]?.field, errors })
  }
}
