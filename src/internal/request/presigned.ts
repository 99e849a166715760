/**
 * Requests to URLs that the API has issued: uploads and downloads without the credential. URL and headers are secrets.
 */
import * as Redacted from "effect/Redacted"
import { bytesBodyNow } from "../dialect/shared/requestBody.js"
import type { InvalidRequestError } from "../model/errors.js"
import type { AnyOperation } from "../operation/operation.js"
import { isLoopback } from "../values/loopback.js"
import { checkOptions, refuse, refusing } from "./arguments.js"
import { isSendableHeader } from "./headers.js"
import {
  defaultIdleTimeout,
  maxResponseBytesOf,
  type PreparedRequest,
  prepare,
  type RequestSettings,
  timeoutOf
} from "./prepare.js"

/** An upload, with exactly the headers that came with the URL. */
export const prepareUpload = (
  operation: AnyOperation,
  settings: RequestSettings,
  issuedUrl: Redacted.Redacted,
  issuedHeaders: Readonly<Record<string, Redacted.Redacted>>,
  bytes: Uint8Array,
  options: unknown
): PreparedRequest | InvalidRequestError =>
  refusing(operation, () => {
    const { maxResponseBytes, timeout } = checkOptions(operation, options)
    const text = Redacted.value(issuedUrl)
    const url = resolveIssuedUrl(text, settings)
    if (url === undefined) return refuse("the API issued an invalid upload URL")
    const headers: Record<string, string> = {}
    let type = "application/octet-stream"
    for (const [given, redacted] of Object.entries(issuedHeaders)) {
      const name = given.toLowerCase()
      const value = Redacted.value(redacted)
      if (name === "authorization") continue
      if (!isSendableHeader(given, value)) refuse("the API issued an upload header that cannot be sent")
      if (name === "content-type") type = value
      else if (name !== "content-length") headers[name] = value
      else if (value !== String(bytes.byteLength)) {
        refuse(`the upload was created for ${value} bytes, and content has ${bytes.byteLength}`)
      }
    }
    return {
      operation,
      url: url.href,
      headers,
      body: bytesBodyNow(bytes, type),
      replayable: operation.replayable,
      hasKey: false,
      waitsForKey: false,
      timeout: timeoutOf("timeout", timeout, settings.timeout),
      idleTimeout: defaultIdleTimeout,
      maxResponseBytes: maxResponseBytesOf(maxResponseBytes, settings.maxResponseBytes),
      secrets: [...urlSecrets(text, url), ...Object.values(headers)]
    }
  })

/** A download. */
export const prepareDownload = (
  operation: AnyOperation,
  settings: RequestSettings,
  issuedUrl: Redacted.Redacted,
  options: unknown
): PreparedRequest | InvalidRequestError => {
  const request = prepare(operation, settings, undefined, { ids: [], input: undefined, options })
  if ("_tag" in request) return request
  return refusing(operation, () => {
    const text = Redacted.value(issuedUrl)
    const url = resolveIssuedUrl(text, settings)
    if (url === undefined) return refuse("the API issued an invalid download URL")
    return { ...request, url: url.href, secrets: [...request.secrets, ...urlSecrets(text, url)] }
  })
}

/**
 * A URL that the API has issued, absolute or relative to the API's host. `undefined` unless it is https, or http where
 * that is allowed.
 */
const resolveIssuedUrl = (text: string, { allowInsecure, baseUrl }: RequestSettings): URL | undefined => {
  const { origin } = new URL(baseUrl)
  const url = URL.canParse(text, origin) ? new URL(text, origin) : undefined
  if (url === undefined) return undefined
  if (url.protocol === "https:") return url
  return url.protocol === "http:" && (allowInsecure || isLoopback(url.href)) ? url : undefined
}

/** What a server may quote of a secret URL: all of it, its path, and the parts that may be a token. */
const urlSecrets = (text: string, url: URL): ReadonlyArray<string> => [
  text,
  url.href,
  ...(url.pathname.length > 1 ? [url.pathname] : []),
  ...url.pathname.split("/").filter((segment) => segment.length >= 16),
  ...url.searchParams.values()
]
