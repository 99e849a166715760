import { failure, ok, type Seen } from "./http.js"

/** What is done to a fake mailbox: `at` is how far from the front. */
export type Mutation =
  | { readonly do: "create"; readonly at: number }
  | { readonly do: "update"; readonly at: number }
  | { readonly do: "destroy"; readonly at: number }

interface Held {
  readonly id: string
  version: number
}

type Kind = "created" | "updated" | "destroyed"

/** A message on the wire; its version shows in the subject. */
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
 * A small server of one mailbox, at its nastiest within the contract: cursors are offsets, pages and changes come in
 * small pieces, what was created and destroyed between two states is not named, and states expire.
 */
export class FakeMailbox {
  readonly messages: Array<Held> = []
  private log: Array<{ readonly kind: Kind; readonly id: string }> = []
  private oldest = 0
  private nextId = 1
  /** How an expired state is told. */
  expiry: "refused" | "sync_required" = "sync_required"
  pageSize = 3
  changesSize = 4
  /** What happens before each request is answered. */
  before: (request: Seen) => void = () => {}

  get state(): string {
    return `s${this.log.length}`
  }

  /** Everything there is, by id. */
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
    const held = this.messages[at]
    if (held === undefined) return
    if (mutation.do === "update") held.version++
    else this.messages.splice(at, 1)
    this.log.push({ kind: mutation.do === "update" ? "updated" : "destroyed", id: held.id })
  }

  /** No state up to now is known any more. */
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
    const held = this.messages.filter(({ id }) => ids.includes(id))
    return ok({
      messages: held.map(({ id, version }) => ({
        message: wireMessage(id, version),
        content: null,
        raw_body: null
      })),
      not_found: ids.filter((id) => !held.some((message) => message.id === id)),
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
    const named = (wanted: Kind) =>
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
          created: named("created"),
          updated: named("updated"),
          destroyed: named("destroyed")
        }
      }
    })
  }
}
