/**
 * What requests and their responses contained. The bodies are bounded, and their secrets are replaced when they are read.
 */
import { BoundedMap } from "./bounded.js"
import type { Saved } from "./saved.js"

/** The number of bytes that are kept of a body, and of all bodies. */
const maxBodyBytes = 65_536
const maxTotalBytes = 33_554_432

/** A body of a request or a response. */
export interface SeenBody {
  readonly contentType: string | undefined
  /** The number of bytes. `undefined` for a stream. */
  readonly size: number | undefined
  /** The text, with its secrets replaced by `redacted`. `undefined` for content that is not text, and for a stream. */
  readonly text: string | undefined
  /** Whether only the first 64 KiB were kept. */
  readonly truncated: boolean
}

/** The content of a request and of its response. */
export interface SeenExchange {
  /** `undefined` if the body was not read. */
  readonly request: SeenBody | undefined
  /** `undefined` if the response is not known yet, or if a fault broke the connection. */
  readonly response:
    | { readonly headers: Readonly<Record<string, string>>; readonly body: SeenBody | undefined }
    | undefined
  /** The fault that applied to the call. */
  readonly fault: { readonly id: string; readonly kind: string } | undefined
}

interface KeptBody extends Omit<SeenBody, "text"> {
  readonly bytes: string | Uint8Array | undefined
}

type SavedExchanges = ReadonlyArray<readonly [requestId: string, exchange: KeptExchange]>

interface KeptExchange {
  request: KeptBody | undefined
  response:
    | { readonly headers: Readonly<Record<string, string>>; readonly body: KeptBody | undefined }
    | undefined
  fault: SeenExchange["fault"]
}

const textType =
  /^(?:text\/|application\/(?:[\w.+-]+\+)?(?:json|xml)\b|application\/x-www-form-urlencoded|message\/rfc822)/i

/** Keeps the start of a body. A part of a long string or buffer would keep the whole in memory, so it is copied. */
const keep = (contentType: string | undefined, content: string | Uint8Array | object): KeptBody => {
  if (typeof content === "string") {
    // A character has 1 to 3 bytes in UTF-8. The bytes of a short text are counted when it is read.
    if (content.length * 3 <= maxBodyBytes) {
      return { contentType, size: undefined, bytes: content, truncated: false }
    }
    return keepBytes(contentType, new TextEncoder().encode(content))
  }
  return content instanceof Uint8Array
    ? keepBytes(contentType, content)
    : { contentType, size: undefined, bytes: undefined, truncated: false }
}

const keepBytes = (contentType: string | undefined, content: Uint8Array): KeptBody => {
  const size = content.byteLength
  if (contentType !== undefined && !textType.test(contentType)) {
    return { contentType, size, bytes: undefined, truncated: false }
  }
  const truncated = size > maxBodyBytes
  return { contentType, size, bytes: truncated ? content.slice(0, maxBodyBytes) : content, truncated }
}

const weightOf = (body: KeptBody | undefined): number => body?.bytes?.length ?? 0

/** The exchanges by request id. */
export class Exchanges implements Saved<SavedExchanges> {
  private readonly kept: BoundedMap<string, KeptExchange>

  constructor(maxEntries: number) {
    this.kept = new BoundedMap({
      maxEntries,
      maxWeight: maxTotalBytes,
      weightOf: ({ request, response }) => weightOf(request) + weightOf(response?.body)
    })
  }

  private change(id: string, change: (exchange: KeptExchange) => void): void {
    let exchange = this.kept.get(id)
    if (exchange === undefined) {
      exchange = { request: undefined, response: undefined, fault: undefined }
      this.kept.set(id, exchange)
    }
    change(exchange)
    this.kept.weigh(id)
  }

  addRequest(id: string, contentType: string | undefined, body: Uint8Array): void {
    this.change(id, (exchange) => {
      exchange.request = keep(contentType, body)
    })
  }

  addResponse(
    id: string,
    headers: Readonly<Record<string, string>>,
    body: string | Uint8Array | object | undefined
  ): void {
    this.change(id, (exchange) => {
      exchange.response = {
        headers,
        body: body === undefined ? undefined : keep(headers["content-type"], body)
      }
    })
  }

  addFault(id: string, fault: NonNullable<SeenExchange["fault"]>): void {
    this.change(id, (exchange) => {
      exchange.fault = fault
    })
  }

  snapshot(): SavedExchanges {
    return this.kept.snapshot()
  }

  restore(exchanges: SavedExchanges): void {
    this.kept.restore(exchanges)
  }

  /** Returns an exchange, or `undefined` if it is no longer kept. */
  get(id: string): SeenExchange | undefined {
    const exchange = this.kept.get(id)
    if (exchange === undefined) return undefined
    const { fault, request, response } = exchange
    return {
      request: request && shown(request),
      response: response && {
        headers: Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, withoutSecrets(value)])
        ),
        body: response.body && shown(response.body)
      },
      fault
    }
  }
}

const shown = ({ bytes, size, ...body }: KeptBody): SeenBody => ({
  ...body,
  size: typeof bytes === "string" ? new TextEncoder().encode(bytes).byteLength : size,
  text: bytes === undefined ? undefined : withoutSecrets(typeof bytes === "string" ? bytes : decoded(bytes))
})

/** Bytes as text. The stream option leaves out a character that was cut in two. */
const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes, { stream: true })

const secretFields =
  "secret|password|smtp_password|api_key|token|access_token|refresh_token|id_token|client_secret|code_verifier|identity_assertion|assertion|claim_token|upload_token|upload_url|download_url|authorization|x-sendmux-upload-token"

/** The secrets of the API, by the name of their field or by their form. The end of a truncated text may lie within one. */
const secrets: ReadonlyArray<readonly [pattern: RegExp, replacement: string]> = [
  [new RegExp(`("(?:${secretFields})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"?`, "gi"), '$1"redacted"'],
  [
    /\b((?:download|upload|access|refresh|id|claim)_token|client_secret|code_verifier|assertion)=[^&\s"'<>\\]+/gi,
    "$1=redacted"
  ],
  [/(^|&)(token|code)=[^&\s"'<>\\]+/gi, "$1$2=redacted"],
  [/\b(?:smx_(?:mbx|root|agent|int)|whsec|uptok|oat|ort|oac|ocs)_[\w-]+/g, "redacted"]
]

/** Replaces the secrets of the API in a text. */
export const withoutSecrets = (text: string): string =>
  secrets.reduce((scrubbed, [pattern, replacement]) => scrubbed.replace(pattern, replacement), text)
