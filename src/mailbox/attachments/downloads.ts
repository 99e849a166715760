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
import { isRecord } from "../../internal/values/json.js"
import { MailboxAttachment } from "../messages/schemas.js"
import { notObjects } from "../objects.js"
import type { MailboxDownloadOptions, MailboxOptions } from "../options.js"
import { resume } from "./resume.js"
import { DownloadInput, type ResumableDownloadOptions } from "./schemas.js"

const path = "/mailbox/messages/{message_id}/attachments/{attachment_id}"

export const downloadOperations = {
  download: operation("mailbox.attachments.download", {
    http: "GET",
    path,
    response: "bytes",
    input: DownloadInput,
    success: [200, 206],
    flags: ["mailboxId", "range"]
  })
}

// With 416, a server reports the size of the file to a client that may have received all of it.
const resumableStatuses = [200, 206, 416]

const apiDownload = operation("mailbox.attachments.download", {
  http: "GET",
  path,
  response: "bytes",
  input: DownloadInput,
  success: resumableStatuses,
  flags: ["mailboxId", "range"]
})

const signedDownload = operation("mailbox.attachments.downloadResumable", {
  http: "GET",
  path: "",
  response: "bytes",
  success: resumableStatuses,
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
const rangeOptions = (start: number, ifRange: string | undefined, headers?: MailboxOptions["headers"]) => ({
  headers: {
    // The clients add it to a request with a range themselves.
    ...(start === 0 ? { "accept-encoding": "identity" } : {}),
    ...headers,
    ...(ifRange === undefined ? {} : { "if-range": ifRange })
  },
  ...(start === 0 ? {} : { range: { start } })
})

export const makeDownloads = (methods: Methods): Downloads => {
  const name = operationName(signedDownload)
  const openApi = methods.openBytes(apiDownload)
  const openSigned = methods.openSigned(signedDownload)
  const read = methods.call(readAttachments)

  return {
    download: methods.bytes(downloadOperations.download),
    downloadResumable: (message_id, attachment, given = {}) => {
      const isKnown = isRecord(attachment) && typeof attachment.id === "string"
      if (typeof attachment !== "string" && !isKnown) {
        return Stream.fail(
          invalidRequest(name, "the attachment must be an id, or an attachment of a message or of an event")
        )
      }
      const invalid = notObjects(name, { "the options": given })
      if (invalid !== undefined) return Stream.fail(invalid)
      const { via = "api", maxFailures = 5, ...options } = given
      const known = typeof attachment === "string" ? undefined : attachment
      const id = typeof attachment === "string" ? attachment : attachment.id
      const download = { operation: name, size: known?.size_bytes ?? undefined, maxFailures }

      if (via === "api") {
        return resume({
          ...download,
          open: (start, ifRange) =>
            openApi(message_id, id, {}, { ...options, ...rangeOptions(start, ifRange, options.headers) }),
          renew: undefined
        })
      }

      return Stream.suspend(() => {
        let url = known?.download_url
        const { idleTimeout, ...readOptions } = options
        const readUrl = Effect.gen(function* () {
          const { attachments = [] } = yield* read(message_id, readOptions)
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
          open: (start, ifRange) =>
            Stream.fromEffect(currentUrl).pipe(
              Stream.flatMap((current) =>
                openSigned(current, {
                  timeout: options.timeout,
                  idleTimeout,
                  ...rangeOptions(start, ifRange)
                })
              )
            ),
          renew: Effect.asVoid(renewUrl)
        })
      })
    }
  }
}
