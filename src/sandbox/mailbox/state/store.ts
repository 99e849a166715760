/**
 * The store of one mailbox: its folders, messages and threads, and a log of every change.
 */
import { found } from "../../exchange.js"
import { BoundedMap, KeyOrder } from "../../state/bounded.js"
import type { MakeId } from "../../state/ids.js"
import type { Saved } from "../../state/saved.js"
import type { MailboxRecord } from "../../state/team.js"
import type { ServerLimits } from "../../state/world.js"
import { Blobs } from "./blobs.js"
import { ChangeLog } from "./changeLog.js"
import type { DraftRecord } from "./draftRecords.js"
import { EventLog } from "./eventLog.js"
import { QueryStates } from "./queryStates.js"
import {
  type FolderRecord,
  type FolderRole,
  type IdentityRecord,
  type MessageContent,
  type MessageRecord,
  type QuotaRecord,
  type SubmissionRecord,
  sizeOf,
  type ThreadRecord
} from "./records.js"

const roles: ReadonlyArray<readonly [role: FolderRole, name: string]> = [
  ["inbox", "Inbox"],
  ["drafts", "Drafts"],
  ["sent", "Sent"],
  ["junk", "Junk"],
  ["trash", "Trash"]
]

const countProperties = ["total_messages", "unread_messages"]

/** The number of `Message-ID`s that are known for each message, because messages also name others. */
const idsPerMessage = 4

/** How much a mailbox keeps. The oldest entries are dropped first. */
type MailboxLimits = Pick<ServerLimits, "maxEmails" | "maxStoredBytes">

/** Where and how a new message is stored. */
interface Placement {
  readonly folder: FolderRole
  readonly keywords: ReadonlyArray<string>
  readonly receivedAt: number
}

type Logs = MailboxStore["logs"]

interface SavedStore {
  readonly folders: ReadonlyArray<FolderRecord>
  readonly messages: ReadonlyArray<MessageRecord>
  readonly threads: ReadonlyArray<ThreadRecord>
  readonly submissions: ReturnType<MailboxStore["submissions"]["snapshot"]>
  readonly drafts: ReturnType<MailboxStore["drafts"]["snapshot"]>
  readonly files: ReturnType<Blobs["snapshot"]>
  readonly identity: IdentityRecord
  readonly events: ReturnType<EventLog["snapshot"]>
  readonly queryStates: ReturnType<QueryStates["snapshot"]>
  readonly logs: { readonly [Name in keyof Logs]: ReturnType<ChangeLog["snapshot"]> }
  readonly lastQuotas: ReadonlyArray<QuotaRecord>
  readonly usedBytes: number
  readonly threadIds: ReadonlyArray<readonly [messageId: string, threadId: string]>
  readonly messageOrder: ReturnType<KeyOrder<string>["snapshot"]>
}

export class MailboxStore implements Saved<SavedStore> {
  readonly folders = new Map<string, FolderRecord>()
  readonly messages = new Map<string, MessageRecord>()
  readonly threads = new Map<string, ThreadRecord>()
  readonly submissions: BoundedMap<string, SubmissionRecord>
  readonly drafts: BoundedMap<string, DraftRecord>
  readonly files: Blobs
  identity: IdentityRecord
  readonly events = new EventLog()
  readonly queryStates = new QueryStates()
  readonly logs = {
    messages: new ChangeLog("msg-"),
    folders: new ChangeLog("fld-"),
    threads: new ChangeLog("thr-"),
    submissions: new ChangeLog("sub-"),
    identities: new ChangeLog("idt-"),
    quotas: new ChangeLog("quo-")
  }
  /** The quotas at the last call, to detect changes. */
  lastQuotas: ReadonlyArray<QuotaRecord> = []
  usedBytes = 0
  /** The thread ids by `Message-ID`. */
  private readonly threadIds: BoundedMap<string, string>
  private readonly messageOrder = new KeyOrder<string>()

  constructor(
    readonly mailbox: MailboxRecord,
    readonly id: MakeId,
    private readonly limits: MailboxLimits
  ) {
    const { maxEmails, maxStoredBytes } = limits
    this.submissions = new BoundedMap({ maxEntries: maxEmails })
    this.drafts = new BoundedMap({
      maxEntries: maxEmails,
      maxWeight: maxStoredBytes,
      weightOf: ({ content }) => sizeOf(content)
    })
    this.files = new Blobs({ maxEntries: maxEmails, maxBytes: maxStoredBytes })
    this.threadIds = new BoundedMap({ maxEntries: maxEmails * idsPerMessage })
    roles.forEach(([role, name], index) => {
      const folder: FolderRecord = { id: id("fld"), name, role, parentId: null, sortOrder: index + 1 }
      this.folders.set(folder.id, folder)
    })
    this.identity = { id: id("idt"), name: mailbox.display_name ?? "", textSignature: "", htmlSignature: "" }
  }

  folder(id: string): FolderRecord {
    return found(this.folders.get(id), "folder")
  }

  folderOf(role: FolderRole): FolderRecord {
    return found(
      [...this.folders.values()].find((folder) => folder.role === role),
      "folder"
    )
  }

  /** The folders in the order in which the API lists them. */
  sortedFolders(): ReadonlyArray<FolderRecord> {
    return [...this.folders.values()].sort(
      (a, b) => a.sortOrder - b.sortOrder || compare(a.name, b.name) || compare(a.id, b.id)
    )
  }

  messagesIn(folderId: string): ReadonlyArray<MessageRecord> {
    return [...this.messages.values()].filter((message) => message.folderId === folderId)
  }

  message(id: string): MessageRecord {
    return found(this.messages.get(id), "message")
  }

  /** Adds a message to a folder and to its thread. */
  add(content: MessageContent, { folder, keywords, receivedAt }: Placement): MessageRecord {
    const id = this.id("msg")
    const message: MessageRecord = {
      ...content,
      id,
      threadId: this.threadOf(content),
      folderId: this.folderOf(folder).id,
      keywords: new Set(keywords),
      size: sizeOf(content),
      receivedAt,
      order: this.messageOrder.add(id)
    }
    this.files.hold(message)
    this.messages.set(id, message)
    this.usedBytes += message.size
    this.logs.messages.record(message.id, "created")
    this.touchThread(message.threadId, message.id)
    this.logs.folders.record(message.folderId, "updated", countProperties)
    this.dropOldMessages()
    return message
  }

  /** Removes the oldest messages while there are too many. The newest message stays. */
  private dropOldMessages(): void {
    const { maxEmails, maxStoredBytes } = this.limits
    while (this.messages.size > 1 && (this.messages.size > maxEmails || this.usedBytes > maxStoredBytes)) {
      this.remove(this.message(this.messageOrder.oldest() ?? ""))
    }
  }

  /** Changes the keywords, the folder or the content of a message. Nothing is logged if nothing changes. */
  change(
    message: MessageRecord,
    change: Partial<Omit<MessageRecord, "id" | "threadId" | "order">>
  ): MessageRecord {
    const next: MessageRecord = { ...message, ...change }
    const properties = changedProperties(message, next)
    if (properties !== undefined && properties.length === 0) return message
    const changed = { ...next, size: sizeOf(next) }
    this.messages.set(changed.id, changed)
    this.usedBytes += changed.size - message.size
    this.files.hold(changed)
    this.files.release(message)
    this.logs.messages.record(changed.id, "updated", properties)
    this.touchThread(changed.threadId)
    if (message.folderId !== changed.folderId || isUnread(message) !== isUnread(changed)) {
      for (const id of new Set([message.folderId, changed.folderId])) {
        this.logs.folders.record(id, "updated", countProperties)
      }
    }
    return changed
  }

  /** Deletes a message permanently. */
  remove(message: MessageRecord): void {
    this.messages.delete(message.id)
    this.messageOrder.remove(message.order)
    this.usedBytes -= message.size
    this.files.release(message)
    this.logs.messages.record(message.id, "destroyed")
    this.logs.folders.record(message.folderId, "updated", countProperties)
    const thread = this.threads.get(message.threadId)
    thread?.messageIds.delete(message.id)
    this.touchThread(message.threadId)
  }

  /** The messages of a thread, oldest first. */
  messagesOf(thread: ThreadRecord): ReadonlyArray<MessageRecord> {
    return [...thread.messageIds]
      .flatMap((id) => this.messages.get(id) ?? [])
      .sort((a, b) => a.receivedAt - b.receivedAt || a.order - b.order)
  }

  /** The thread that a message belongs to by its `Message-ID`, `In-Reply-To` and `References`, or a new one. */
  private threadOf({ inReplyTo, messageId, references }: MessageContent): string {
    const relatives = [messageId, ...inReplyTo, ...references]
    const known = relatives
      .flatMap((relative) => this.threadIds.get(relative) ?? [])
      .find((id) => this.threads.has(id))
    const id = known ?? this.id("thr")
    for (const relative of relatives) this.threadIds.set(relative, id)
    return id
  }

  private touchThread(id: string, messageId?: string): void {
    const known = this.threads.get(id)
    if (known !== undefined && known.messageIds.size === 0 && messageId === undefined) {
      this.threads.delete(id)
      this.logs.threads.record(id, "destroyed")
      return
    }
    const thread = known ?? { id, messageIds: new Set<string>(), threadState: "", messageState: "" }
    if (messageId !== undefined) thread.messageIds.add(messageId)
    this.threads.set(id, thread)
    thread.threadState = this.logs.threads.record(id, known === undefined ? "created" : "updated")
    thread.messageState = this.logs.messages.state
  }

  /** Forgets every state and event id that was issued before, and of the next `unknown` changes, which may have been issued. */
  forget(unknown = 0): void {
    for (const log of Object.values(this.logs)) log.forget(unknown)
    this.queryStates.forget()
    this.events.forget(unknown)
  }

  snapshot(): SavedStore {
    const { folders, identity, lastQuotas, logs, messages, threads, usedBytes } = this
    return {
      folders: [...folders.values()],
      messages: [...messages.values()],
      threads: [...threads.values()],
      submissions: this.submissions.snapshot(),
      drafts: this.drafts.snapshot(),
      files: this.files.snapshot(),
      identity,
      events: this.events.snapshot(),
      queryStates: this.queryStates.snapshot(),
      logs: {
        messages: logs.messages.snapshot(),
        folders: logs.folders.snapshot(),
        threads: logs.threads.snapshot(),
        submissions: logs.submissions.snapshot(),
        identities: logs.identities.snapshot(),
        quotas: logs.quotas.snapshot()
      },
      lastQuotas,
      usedBytes,
      threadIds: this.threadIds.snapshot(),
      messageOrder: this.messageOrder.snapshot()
    }
  }

  restore(saved: SavedStore): void {
    replaceAll(this.folders, saved.folders)
    replaceAll(this.messages, saved.messages)
    replaceAll(this.threads, saved.threads)
    this.submissions.restore(saved.submissions)
    this.drafts.restore(saved.drafts)
    this.files.restore(saved.files)
    this.identity = saved.identity
    this.events.restore(saved.events)
    this.queryStates.restore(saved.queryStates)
    const { logs } = this
    logs.messages.restore(saved.logs.messages)
    logs.folders.restore(saved.logs.folders)
    logs.threads.restore(saved.logs.threads)
    logs.submissions.restore(saved.logs.submissions)
    logs.identities.restore(saved.logs.identities)
    logs.quotas.restore(saved.logs.quotas)
    this.lastQuotas = saved.lastQuotas
    this.usedBytes = saved.usedBytes
    this.threadIds.restore(saved.threadIds)
    this.messageOrder.restore(saved.messageOrder)
    this.dropOldMessages()
  }
}

const replaceAll = <A extends { readonly id: string }>(
  map: Map<string, A>,
  items: ReadonlyArray<A>
): void => {
  map.clear()
  for (const item of items) map.set(item.id, item)
}

export const isUnread = ({ keywords }: MessageRecord): boolean => !keywords.has("$seen")

/** Compares strings by code units, which does not depend on the locale. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The properties that a change affects, or `undefined` if it affects the content. */
const changedProperties = (
  before: MessageRecord,
  after: MessageRecord
): ReadonlyArray<string> | undefined => {
  const keywords = sameSet(before.keywords, after.keywords) ? [] : ["flags", "keywords"]
  const folder = before.folderId === after.folderId ? [] : ["folder_ids"]
  const { folderId: _, keywords: __, ...rest } = before
  const same = Object.entries(rest).every(([key, value]) => Object.is(value, Reflect.get(after, key)))
  return same ? [...folder, ...keywords] : undefined
}

const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((value) => b.has(value))
