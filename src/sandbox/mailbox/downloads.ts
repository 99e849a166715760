/**
 * Attachments' bytes: addresses that need no key for a while, and ranges of a file.
 */
import { type Reply, refuse } from "../exchange.js"
import type { RawCall } from "../http/routes.js"
import { digest } from "../state/ids.js"
import type { SignDownload } from "./mail/views.js"
import type { AttachmentRecord, BlobRecord } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"

/** How long a `download_url` works. */
export const downloadLifeMillis = 15 * 60_000

/** What a signature in the sandbox is worth: it keeps nobody out, and tells a wrong token from a right one. */
const signature = (ref: string, expiresAt: number): string => digest(`download ${ref} ${expiresAt}`)

const tokenOf = (ref: string, expiresAt: number): string =>
  `${expiresAt.toString(36)}.${signature(ref, expiresAt)}`

/** Makes the addresses of a call's attachments. */
export const signerOf =
  (call: Pick<RawCall, "base" | "now">, store: MailboxStore): SignDownload =>
  ({ blob }: AttachmentRecord) => {
    const ref = `${store.mailbox.id}~${blob.id}`
    const token = tokenOf(ref, call.now + downloadLifeMillis)
    return `${call.base}/attachment-downloads/${encodeURIComponent(ref)}?download_token=${token}`
  }

/** The mailbox and the file that an address is about. */
export const readRef = (ref: string): readonly [mailboxId: string, blobId: string] => {
  const [mailboxId = "", blobId = ""] = ref.split("~")
  return [mailboxId, blobId]
}

export const checkToken = (ref: string, token: string | null, now: number): void => {
  const [time = "", signed] = (token ?? "").split(".")
  const expiresAt = Number.parseInt(time, 36)
  if (signed !== signature(ref, expiresAt))
    refuse("authentication_required", "The download token does not fit")
  if (expiresAt <= now) refuse("authentication_required", "The download address has expired")
}

/** A file, or the range of it that was asked for. */
export const sendFile = (
  call: Pick<RawCall, "request">,
  { bytes, contentType, filename }: Omit<BlobRecord, "id">
): Reply<never> => {
  const size = bytes.byteLength
  const range = rangeOf(call.request.headers["range"], size)
  const sent = range === undefined ? bytes : bytes.slice(range.start, range.end + 1)
  return {
    status: range === undefined ? 200 : 206,
    body: { kind: "bytes", bytes: sent, contentType },
    headers: {
      "accept-ranges": "bytes",
      "content-length": String(sent.byteLength),
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
      ...(range === undefined ? {} : { "content-range": `bytes ${range.start}-${range.end}/${size}` })
    }
  }
}

const badRange = (message: string): never => refuse("invalid_parameter", message, { param: "Range" })

const rangeOf = (
  header: string | undefined,
  size: number
): { readonly start: number; readonly end: number } | undefined => {
  if (header === undefined) return undefined
  const [whole, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? []
  if (whole === undefined || (first === "" && last === "")) return badRange("The range is not one of bytes")
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1)
  return start > end
    ? badRange(`The file has ${size} bytes, and none of them is in the range`)
    : { start, end }
}
