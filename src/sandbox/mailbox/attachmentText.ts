/**
 * The text of attachments: asked for, worked on for a moment, then there.
 */
import { attachmentTextOperations } from "../../mailbox/attachments/text.js"
import { found, reply } from "../exchange.js"
import type { Route } from "../http/routes.js"
import { entityTagOf } from "../state/ids.js"
import { iso } from "../state/team.js"
import { attachmentOf } from "./attachments.js"
import { firstBytes } from "./mail/arrivals.js"
import { textOfHtml } from "./mail/plainText.js"
import type { AttachmentRecord } from "./state/records.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const defaultBytes = 262_144
const pendingMillis = 100
const workMillis = 200
const lifeMillis = 60 * 60_000

/** What can be read of a file, or why nothing can. */
const extract = ({
  blob,
  contentType
}: AttachmentRecord): { readonly outcome: string; readonly text: string | null } => {
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

export const textRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const startedAt = new Map<string, number>()

  const answer = (attachment: AttachmentRecord, started: number, now: number, maxBytes = defaultBytes) => {
    const status =
      now - started < pendingMillis ? "pending" : now - started < workMillis ? "running" : "complete"
    const { outcome, text } = extract(attachment)
    const shown = text === null ? null : firstBytes(text, maxBytes)
    const done = status === "complete"
    const data = {
      id: attachment.blob.id,
      status,
      outcome: done ? outcome : null,
      text: done ? shown : null,
      format: "markdown",
      truncated: done && shown !== text,
      expires_at: iso(started + lifeMillis)
    }
    return reply(data, { status: done ? 200 : 202, headers: { etag: entityTagOf(data) } })
  }

  const live = (key: string, now: number): number | undefined => {
    const started = startedAt.get(key)
    return started !== undefined && now < started + lifeMillis ? started : undefined
  }

  return [
    mailboxRoute(stores, attachmentTextOperations.requestText, (call, store) => {
      const [messageId, id] = call.ids
      const attachment = attachmentOf(store, messageId, id)
      const key = `${messageId} ${id}`
      const started = live(key, call.now) ?? call.now
      startedAt.set(key, started)
      return answer(attachment, started, call.now, call.input?.max_bytes)
    }),
    mailboxRoute(stores, attachmentTextOperations.getText, (call, store) => {
      const [messageId, id] = call.ids
      const attachment = attachmentOf(store, messageId, id)
      const started = found(live(`${messageId} ${id}`, call.now), "text: request it first")
      return answer(attachment, started, call.now, call.input?.max_bytes)
    })
  ]
}
