/**
 * Downloads of attachments: signed URLs that expire, and ranges of a file.
 */
import { fail, type Reply } from "../exchange.js"
import type { RawCall } from "../http/routes.js"
import { digest } from "../state/ids.js"
import type { SignDownload } from "./mail/views.js"
import type { AttachmentRecord, BlobRecord } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"

/** How long a `download_url` is valid. */
export const downloadLifeMillis = 15 * 60_000

/** Detects a wrong token. It offers no security, because the digest has no secret. */
const signature = (ref: string, expiresAt: number, generation: number): string =>
  digest(`download ${ref} ${expiresAt} ${generation}`)

const tokenOf = (ref: string, expiresAt: number, generation: number): string =>
  [expiresAt.toString(36), generation.toString(36), signature(ref, expiresAt, generation)].join(".")

/** Returns a function that makes the download URLs of attachments. */
export const signerOf =
  (call: Pick<RawCall, "base" | "now" | "world">, store: MailboxStore): SignDownload =>
  ({ blob }: AttachmentRecord) => {
    const ref = `${store.mailbox.id}~${blob.id}`
    const token = tokenOf(ref, call.now + downloadLifeMillis, call.world.downloadGeneration)
    return `${call.base}/attachment-downloads/${encodeURIComponent(ref)}?download_token=${token}`
  }

/** The mailbox and the blob of a download URL. */
export const readRef = (ref: string): readonly [mailboxId: string, blobId: string] => {
  const [mailboxId = "", blobId = ""] = ref.split("~")
  return [mailboxId, blobId]
}

export const checkToken = (
  { now, world }: Pick<RawCall, "now" | "world">,
  ref: string,
  token: string | null
): void => {
  const [time = "", issued = "", signed] = (token ?? "").split(".")
  const expiresAt = Number.parseInt(time, 36)
  const generation = Number.parseInt(issued, 36)
  if (signed !== signature(ref, expiresAt, generation))
    fail("authentication_required", "The download token is not valid for this URL")
  if (expiresAt <= now || generation < world.downloadGeneration)
    fail("authentication_required", "The download URL has expired")
}

/** Replies with a file, or with the range of it that the call requests. */
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

const failRange = (message: string): never => fail("invalid_parameter", message, { param: "Range" })

const rangeOf = (
  header: string | undefined,
  size: number
): { readonly start: number; readonly end: number } | undefined => {
  if (header === undefined) return undefined
  const [whole, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? []
  if (whole === undefined || (first === "" && last === ""))
    return failRange("Range must be a range of bytes, such as bytes=0-99")
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1)
  return start > end ? failRange(`The range is outside the file, which has ${size} bytes`) : { start, end }
}
