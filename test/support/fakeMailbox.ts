import { failure, ok, type Seen } from "./http.js"

/** A change of a fake mailbox. `at` is the index of the message. */
export type Mutation =
  | { readonly do: "create"; readonly at: number }
  | { readonly do: "update"; readonly at: number }
  | { readonly do: "destroy"; readonly at: number }

interface StoredMessage {
  readonly id: string
  version: number
}

type Kind = "created" | "updated" | "destroyed"

/** A message as the server sends it. Its subject contains its version. */
export const wireMessage = (id: string, version = 0) => ({
  id,
  thread_id: null,
  folder_ids: ["inbox"],
  subject: `v${version}`,
  from: null,
  to: [],
  cc: [],
  bcc: [],
  preview: null,
  flags: { seen: false, flagged: false, answered: false, draft: false },
  keywords: [],
  has_attachments: false,
  size_bytes: null,
  received_at: null,
  sent_at: null
})

/**
 * A server with one mailbox that behaves as inconveniently as the contract allows: cursors are offsets, pages and change
 * lists are short, messages that were created and destroyed between two states are not reported, and states expire.
 */
export class FakeMailbox {
  readonly messages: Array<StoredMessage> = []
  private log: Array<{ readonly kind: Kind; readonly id: string }> = []
  private oldest = 0
  private nextId = 1
  /** How the server responds to an expired state. */
  expiry: "refused" | "sync_required" = "sync_required"
  pageSize = 3
  changesSize = 4
  /** Runs before each response. */
  before: (request: Seen) => void = () => {}

  get state(): string {
    return `s${this.log.length}`
  }

  /** The subject of every message, by id. */
  get contents(): Record<string, string> {
    return Object.fromEntries(this.messages.map(({ id, version }) => [id, `v${version}`]))
  }

  mutate(mutation: Mutation): void {
    const at = Math.min(mutation.at, this.messages.length - (mutation.do === "create" ? 0 : 1))
    if (mutation.do === "create") {
      const id = `m${this.nextId++}`
      this.messages.splice(at, 0, { id, version: 0 })
      this.log.push({ kind: "created", id })
      return
    }
    const stored = this.messages[at]
    if (stored === undefined) return
    if (mutation.do === "update") stored.version++
    else this.messages.splice(at, 1)
    this.log.push({ kind: mutation.do === "update" ? "updated" : "destroyed", id: stored.id })
  }

  /** Makes all states up to now expire. */
  expire(): void {
    this.oldest = this.log.length
  }

  readonly react = (request: Seen): Response => {
    this.before(request)
    const { pathname, searchParams } = request.url
    if (pathname.endsWith("/mailbox/messages")) return this.list(searchParams)
    if (pathname.endsWith("/mailbox/messages:batch-get")) return this.batchGet(request.body)
    if (pathname.endsWith("/mailbox/changes")) return this.changes(searchParams)
    return failure(404, "not_found")
  }

  private list(query: URLSearchParams): Response {
    const offset = Number(query.get("cursor") ?? "0")
    const end = offset + this.pageSize
    const pagination =
      end < this.messages.length ? { has_more: true, next_cursor: String(end) } : { has_more: false }
    const data = this.messages.slice(offset, end).map(({ id, version }) => wireMessage(id, version))
    return new Response(JSON.stringify({ ok: true, data, meta: { request_id: "req" }, pagination }))
  }

  private batchGet(body: string): Response {
    const ids: ReadonlyArray<string> = JSON.parse(body).ids
    const stored = this.messages.filter(({ id }) => ids.includes(id))
    return ok({
      messages: stored.map(({ id, version }) => ({
        message: wireMessage(id, version),
        content: null,
        raw_body: null
      })),
      not_found: ids.filter((id) => !stored.some((message) => message.id === id)),
      states: { email_state: this.state }
    })
  }

  private changes(query: URLSearchParams): Response {
    const since = query.get("messages_since_state")
    const none = { created: [], updated: [], destroyed: [], has_more: false }
    if (since === null)
      return ok({ types: { messages: { ...none, old_state: null, new_state: this.state } } })
    const from = Number(since.slice(1))
    if (from < this.oldest) {
      return this.expiry === "refused"
        ? failure(400, "invalid_parameter")
        : ok({
            types: { messages: { ...none, sync_required: true, old_state: since, new_state: this.state } }
          })
    }
    const to = Math.min(this.log.length, from + this.changesSize)
    const first = new Map<string, Kind>()
    const last = new Map<string, Kind>()
    for (const { id, kind } of this.log.slice(from, to)) {
      if (!first.has(id)) first.set(id, kind)
      last.set(id, kind)
    }
    const reported = (wanted: Kind) =>
      [...first].flatMap(([id, kind]) => {
        const wasThere = kind !== "created"
        const isThere = last.get(id) !== "destroyed"
        const now = wasThere ? (isThere ? "updated" : "destroyed") : isThere ? "created" : undefined
        return now === wanted ? [id] : []
      })
    return ok({
      types: {
        messages: {
          old_state: since,
          new_state: `s${to}`,
          has_more: to < this.log.length,
          created: reported("created"),
          updated: reported("updated"),
          destroyed: reported("destroyed")
        }
      }
    })
  }
}
