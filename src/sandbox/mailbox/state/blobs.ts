/**
 * The files of a mailbox: those of its messages, and those that were stored and may become part of a message.
 */
import { BoundedMap } from "../../state/bounded.js"
import type { Saved } from "../../state/saved.js"
import type { BlobRecord, MessageContent } from "./records.js"

type Content = Pick<MessageContent, "attachments">

/** A file of messages, and the number of messages that have it. */
interface Held {
  readonly blob: BlobRecord
  count: number
}

interface SavedBlobs {
  readonly stored: ReadonlyArray<readonly [id: string, blob: BlobRecord]>
  readonly held: ReadonlyArray<readonly [id: string, held: Held]>
}

export class Blobs implements Saved<SavedBlobs> {
  /** The newest files that were stored, whether or not a message has them. */
  private readonly stored: BoundedMap<string, BlobRecord>
  private readonly held = new Map<string, Held>()

  constructor({ maxEntries, maxBytes }: { readonly maxEntries: number; readonly maxBytes: number }) {
    this.stored = new BoundedMap({
      maxEntries,
      maxWeight: maxBytes,
      weightOf: ({ bytes }) => bytes.byteLength
    })
  }

  get(id: string): BlobRecord | undefined {
    return this.held.get(id)?.blob ?? this.stored.get(id)
  }

  add(blob: BlobRecord): void {
    this.stored.set(blob.id, blob)
  }

  /** Keeps the files of a message until the message is removed. */
  hold({ attachments }: Content): void {
    for (const { blob } of attachments) {
      const held = this.held.get(blob.id)
      if (held === undefined) this.held.set(blob.id, { blob, count: 1 })
      else held.count++
    }
  }

  snapshot(): SavedBlobs {
    return { stored: this.stored.snapshot(), held: [...this.held] }
  }

  restore({ held, stored }: SavedBlobs): void {
    this.stored.restore(stored)
    this.held.clear()
    for (const [id, entry] of held) this.held.set(id, entry)
  }

  /** Undoes one `hold` of the same files. */
  release({ attachments }: Content): void {
    for (const { blob } of attachments) {
      const held = this.held.get(blob.id)
      if (held === undefined) continue
      held.count--
      if (held.count === 0) this.held.delete(blob.id)
    }
  }
}
