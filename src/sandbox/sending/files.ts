/**
 * The files that were uploaded for messages. A file is stored for one day, and a message that names it keeps it.
 */
import mime from "mime/lite"
import type { Attachment } from "../../sending/attachments.js"
import type { RawCall } from "../http/routes.js"
import { BoundedMap } from "../state/bounded.js"
import { day, iso } from "../state/team.js"
import type { SentAttachment, World } from "../state/world.js"

/** A stored file. */
export interface StoredFile extends SentAttachment {
  readonly id: string
  expiresAt: number
}

export class FileStore {
  private readonly files: BoundedMap<string, StoredFile>

  constructor(private readonly world: World) {
    const { maxEmails, maxStoredBytes } = world.server
    this.files = new BoundedMap({
      maxEntries: maxEmails,
      maxWeight: maxStoredBytes,
      weightOf: ({ bytes }) => bytes.byteLength
    })
    world.saved.add("sendingFiles", this.files)
    world.listeners.uploadsExpired.push((at) => {
      for (const file of this.files.values()) file.expiresAt = at
    })
  }

  /** Returns a file that has not expired. */
  get(id: string, now: number): StoredFile | undefined {
    const file = this.files.get(id)
    return file !== undefined && file.expiresAt > now ? file : undefined
  }

  add(call: RawCall, filename: string, contentType: string | undefined, bytes: Uint8Array): StoredFile {
    const file: StoredFile = {
      id: this.world.id("att"),
      filename,
      content_type: contentType ?? typeOf(filename),
      bytes,
      expiresAt: call.now + day
    }
    this.files.dropWhile(({ expiresAt }) => expiresAt <= call.now)
    this.files.set(file.id, file)
    return file
  }
}

/** The MIME type that a file name suggests. */
export const typeOf = (filename: string): string => mime.getType(filename) ?? "application/octet-stream"

export const showFile = (file: StoredFile): typeof Attachment.Encoded => ({
  attachment_id: file.id,
  filename: file.filename,
  content_type: file.content_type,
  size_bytes: file.bytes.byteLength,
  expires_at: iso(file.expiresAt)
})
