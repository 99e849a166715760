/**
 * Downloads of attachments: in one request, or in as many as it takes to receive all bytes.
 */

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Methods } from "../../internal/methods/methods.js"
import type { StreamMethod } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import { operation, operationName } from "../../internal/operation/operation.js"
import { Optional } from "../../internal/schema/schema.js"
import { MailboxAttachment } from "../messages/schemas.js"
import type { MailboxDownloadOptions, MailboxOptions } from "../options.js"
import { resume } from "./resume.js"
import { DownloadInput, type ResumableDownloadOptions } from "./schemas.js"

export const downloadOperations = {
  download: operation("mailbox.attachments.download", {
    http: "GET",
    path: "/mailbox/messages/{message_id}/attachments/{attachment_id}",
    response: "bytes",
    input: DownloadInput,
    success: [200, 206],
    flags: ["mailboxId", "range"]
  })
}

const signedDownload = operation("mailbox.attachments.downloadResumable", {
  http: "GET",
  path: "",
  response: "bytes",
  success: [200, 206],
  flags: ["range"],
  authenticated: false
})

/** The part of a message that contains the URLs of its attachments. */
const readAttachments = operation("mailbox.messages.get", {
  http: "GET",
  path: "/mailbox/messages/{message_id}",
  data: Schema.Struct({ attachments: Optional(Schema.Array(MailboxAttachment)) }),
  flags: ["mailboxId"]
})

interface Downloads {
  readonly download: StreamMethod<
    [message_id: string, attachment_id: string, input?: DownloadInput, options?: MailboxDownloadOptions],
    Uint8Array
  >
  readonly downloadResumable: (
    message_id: string,
    attachment: string | MailboxAttachment,
    options?: ResumableDownloadOptions
  ) => Stream.Stream<Uint8Array, SendmuxError>
}

/** Ranges count the bytes as they are transferred, so the server must not compress them. */
const rangeOptions = (start: number, headers?: MailboxOptions["headers"]) =>
  start === 0 ? { headers: { "accept-encoding": "identity", ...headers } } : { headers, range: { start } }

export const makeDownloads = (methods: Methods): Downloads => {
  const name = operationName(signedDownload)
  const openApi = methods.openBytes(downloadOperations.download)
  const openSigned = methods.openSigned(signedDownload)
  const read = methods.call(readAttachments)

  return {
    download: methods.bytes(downloadOperations.download),
    downloadResumable: (message_id, attachment, { via = "api", maxFailures = 5, ...options } = {}) => {
      const known = typeof attachment === "string" ? undefined : attachment
      const id = typeof attachment === "string" ? attachment : attachment.id
      const download = { operation: name, size: known?.size_bytes ?? undefined, maxFailures }

      if (via === "api") {
        return resume({
          ...download,
          open: (start) =>
            openApi(message_id, id, {}, { ...options, ...rangeOptions(start, options.headers) }),
          renew: undefined
        })
      }

      return Stream.suspend(() => {
        let url = known?.download_url
        const readUrl = Effect.gen(function* () {
          const { attachments = [] } = yield* read(message_id, options)
          const found = attachments.find((candidate) => candidate.id === id)?.download_url
          if (found !== undefined) return found
          const issue =
            'the message contains no download_url for this attachment: download it with via: "api" instead'
          return yield* invalidRequest(name, issue)
        })
        const renewUrl = Effect.tap(readUrl, (renewed) =>
          Effect.sync(() => {
            url = renewed
          })
        )
        const currentUrl = Effect.suspend(() => (url === undefined ? renewUrl : Effect.succeed(url)))
        return resume({
          ...download,
          open: (start) =>
            Stream.fromEffect(currentUrl).pipe(
              Stream.flatMap((current) =>
                openSigned(current, { timeout: options.timeout, ...rangeOptions(start) })
              )
            ),
          renew: Effect.asVoid(renewUrl)
        })
      })
    }
  }
}
