/**
 * The text of attachments. A request starts the extraction, and the text is available shortly after.
 */
import { attachmentTextOperations } from "../../mailbox/attachments/text.js"
import { fail, reply } from "../exchange.js"
import type { Route } from "../http/routes.js"
import { entityTagOf } from "../state/ids.js"
import { savedMap } from "../state/saved.js"
import { iso } from "../state/team.js"
import { attachmentOf } from "./attachments.js"
import { firstBytes } from "./mail/arrivals.js"
import { textOfHtml } from "./mail/plainText.js"
import type { AttachmentRecord } from "./state/records.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const defaultBytes = 262_144
/** The extraction is `running` after this time, in milliseconds. */
const runningAfter = 100
/** The extraction is `complete` after this time, in milliseconds. */
const completeAfter = 200
const lifeMillis = 60 * 60_000

interface Extraction {
  readonly outcome: "ready" | "unsupported" | "malformed"
  readonly text: string | null
}

const extract = ({ blob, contentType }: AttachmentRecord): Extraction => {
  const [type = ""] = contentType.toLowerCase().split(";")
  if (!/^text\/|^application\/(json|xml|x-yaml|yaml)$|\+(json|xml)$/.test(type)) {
    return { outcome: "unsupported", text: null }
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(blob.bytes)
    return { outcome: "ready", text: type === "text/html" ? textOfHtml(text) : text }
  } catch {
    return { outcome: "malformed", text: null }
  }
}

const statusAfter = (elapsed: number): "pending" | "running" | "complete" => {
  if (elapsed < runningAfter) return "pending"
  return elapsed < completeAfter ? "running" : "complete"
}

const replyText = (attachment: AttachmentRecord, startedAt: number, now: number, maxBytes = defaultBytes) => {
  const status = statusAfter(now - startedAt)
  const complete = status === "complete"
  const { outcome, text } = extract(attachment)
  const shown = text === null ? null : firstBytes(text, maxBytes)
  const data = {
    id: attachment.blob.id,
    status,
    outcome: complete ? outcome : null,
    text: complete ? shown : null,
    format: "markdown",
    truncated: complete && shown !== text,
    expires_at: iso(startedAt + lifeMillis)
  }
  return reply(data, { status: complete ? 200 : 202, headers: { etag: entityTagOf(data) } })
}

export const textRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  /** When the extractions started, by message and blob. */
  const startTimes = new Map<string, number>()
  stores.world.saved.add("textExtractions", savedMap(startTimes))

  /** Returns when an extraction started, unless its result has expired. */
  const startOf = (key: string, now: number): number | undefined => {
    const startedAt = startTimes.get(key)
    return startedAt !== undefined && now < startedAt + lifeMillis ? startedAt : undefined
  }

  return [
    mailboxRoute(stores, attachmentTextOperations.requestText, (call, store) => {
      const [messageId, id] = call.ids
      const attachment = attachmentOf(store, messageId, id)
      const key = `${messageId} ${id}`
      const startedAt = startOf(key, call.now) ?? call.now
      startTimes.set(key, startedAt)
      return replyText(attachment, startedAt, call.now, call.input?.max_bytes)
    }),
    mailboxRoute(stores, attachmentTextOperations.getText, (call, store) => {
      const [messageId, id] = call.ids
      const attachment = attachmentOf(store, messageId, id)
      const startedAt = startOf(`${messageId} ${id}`, call.now)
      return startedAt === undefined
        ? fail("not_found", "The text of this attachment was not requested or has expired")
        : replyText(attachment, startedAt, call.now, call.input?.max_bytes)
    })
  ]
}
