/**
 * Downloads that resume after a failure: the next request asks for the bytes that are missing.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { random } from "../../internal/dialect/core.js"
import { mapArrayOrFail, paginate, recoverStream } from "../../internal/dialect/stream.js"
import { ResponseDecodeError, type SendmuxError, TransportError } from "../../internal/model/errors.js"
import { isTransient } from "../../internal/model/transient.js"
import type { OpenDownload } from "../../internal/response/bytes.js"
import { doubled, hintJitter, withJitter } from "../../internal/timing/backoff.js"
import { pause } from "../../internal/timing/deadline.js"

/** A file to download. */
interface ResumableDownload {
  /** The name of the operation, for errors. */
  readonly operation: string
  /** Requests the bytes from an offset to the end, on the condition that the file still has the ETag `ifRange`. */
  readonly open: (start: number, ifRange: string | undefined) => Stream.Stream<OpenDownload, SendmuxError>
  /** Replaces a URL that has expired, so that `open` works again. */
  readonly renew: Effect.Effect<void, SendmuxError> | undefined
  /**
   * The size of the file according to its metadata, which may be wrong. It only helps to interpret a response that does
   * not contain the size.
   */
  readonly size: number | undefined
  /** After how many consecutive requests without any byte the download fails. */
  readonly maxFailures: number
}

/** Delays after requests without any byte, in milliseconds. */
const baseDelay = 250
const maxDelay = 10_000

/** The longest delay that a server may ask for, in milliseconds. A longer one fails the download. */
const maxHint = 60_000

/** How many times in a row a URL is renewed before its rejection counts as a failure. */
const maxRenewals = 2

/** The statuses with which servers reject a URL that has expired. */
const expiredStatuses: ReadonlySet<number> = new Set([400, 401, 403, 404, 410])

/** Streams each byte of a file once and in order, with as many requests as necessary. */
export const resume = (download: ResumableDownload): Stream.Stream<Uint8Array, SendmuxError> =>
  Stream.suspend(() => {
    const progress = new Progress(download)
    const rounds = paginate(0, (round) =>
      Effect.gen(function* () {
        if (progress.done) return [[], Option.none<number>()] as const
        if (round > 0) yield* progress.pause
        return [[round], Option.some(round + 1)] as const
      })
    )
    const request = Stream.suspend(() =>
      recoverStream(
        Stream.flatMap(download.open(progress.offset, progress.ifRange), (response) =>
          missingBytes(progress, response)
        ),
        (error) => Stream.drain(Stream.fromEffect(progress.failed(error)))
      )
    )
    return Stream.flatMap(rounds, () => request)
  })

/** The bytes of a response without those that were received before. */
const missingBytes = (progress: Progress, response: OpenDownload): Stream.Stream<Uint8Array, SendmuxError> =>
  Stream.flatMap(Stream.fromEffect(progress.begin(response)), (start) => {
    if (progress.done) return Stream.empty
    let skip = progress.offset - start
    const bytes = mapArrayOrFail(response.bytes, (chunk) => {
      const missing = skip === 0 ? chunk : chunk.subarray(skip)
      skip = Math.max(0, skip - chunk.byteLength)
      if (missing.byteLength === 0) return []
      const failure = progress.advance(missing.byteLength)
      return failure === undefined ? [missing] : { failure }
    })
    const end = Effect.suspend(() => progress.ended())
    return Stream.concat(bytes, Stream.drain(Stream.fromEffect(end)))
  })

/** The `Content-Range` of a part, such as `bytes 5-9/10` or `bytes 5-9/*`. */
const partPattern = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i

/** The `Content-Range` of a 416 response, such as `bytes *\/10`. */
const sizePattern = /^bytes \*\/(\d+)$/i

const strongEtag = /^"[^"]*"$/

/** The version of a file: its ETag without `W/`, and whether its bytes were compressed. */
interface Version {
  readonly etag: string
  readonly encoded: boolean
}

/** The state of a download. */
class Progress {
  /** The number of bytes received, which is the offset of the next one. */
  offset = 0
  done = false
  private total: number | undefined
  private version: Version | undefined
  private strong: string | undefined
  private failures = 0
  private renewals = 0
  private retryAfter: number | undefined
  private latest: SendmuxError | undefined

  constructor(private readonly download: ResumableDownload) {}

  /** The condition of the next request: the ETag of the bytes received so far, if it is a strong one. */
  get ifRange(): string | undefined {
    return this.offset === 0 ? undefined : this.strong
  }

  /**
   * Returns the offset at which a response starts. Fails if its bytes do not continue those received so far, or if that
   * cannot be determined.
   */
  begin(response: OpenDownload): Effect.Effect<number, SendmuxError> {
    const { contentRange, encoded, etag, length, status } = response
    if (status === 416) return this.beginBeyondEnd(contentRange)
    const isFirst = this.offset === 0
    if (isFirst) {
      // No bytes have been received, so this response may belong to another version of the file.
      this.total = undefined
      this.version = undefined
      this.strong = undefined
    }
    const part = status === 206 ? partPattern.exec(contentRange ?? "") : undefined
    if (part === null)
      return this.mismatch("the response is a part of the file without a valid Content-Range")
    const [, first = "0", last, size = "*"] = part ?? []
    const start = Number(first)
    if (start > this.offset) {
      return this.mismatch(`the response starts at byte ${start}, but byte ${this.offset} was requested`)
    }
    if (start > 0 && encoded) return this.mismatch("the response is a range of compressed bytes")
    const total = status !== 206 ? length : size === "*" ? undefined : Number(size)
    const version = etag === undefined ? undefined : { etag: etag.replace(/^W\//, ""), encoded }
    const problem = isFirst ? undefined : this.difference(version, total)
    if (problem !== undefined) return this.mismatch(problem)
    if (last !== undefined && (start > Number(last) || (total !== undefined && Number(last) >= total))) {
      return this.mismatch("the Content-Range of the response contradicts itself")
    }
    this.version ??= version
    if (isFirst && !encoded && etag !== undefined && strongEtag.test(etag)) this.strong = etag
    this.total ??= total
    return Effect.succeed(start)
  }

  /** Interprets a 416: no byte of the file has the requested offset. */
  private beginBeyondEnd(contentRange: string | undefined): Effect.Effect<number, SendmuxError> {
    const [, size] = sizePattern.exec(contentRange ?? "") ?? []
    const total = size === undefined ? (this.total ?? this.download.size) : Number(size)
    if (total !== this.offset || (this.total !== undefined && this.total !== total)) {
      return this.mismatch(
        `the server has no byte ${this.offset}: the file has changed or its size is unknown`
      )
    }
    this.done = true
    return Effect.succeed(this.offset)
  }

  /** Returns why a response may belong to another version of the file than the bytes received so far. */
  private difference(version: Version | undefined, total: number | undefined): string | undefined {
    const { version: known } = this
    if (total !== undefined && this.total !== undefined && total !== this.total) {
      return `the file had ${this.total} bytes, but now has ${total}`
    }
    if (known === undefined) {
      // Without an ETag, the size is all there is to compare.
      return this.total !== undefined && total === undefined
        ? "the response has neither an ETag nor the size of the file, so it may belong to another version"
        : undefined
    }
    if (version === undefined || version.encoded !== known.encoded) {
      return "the response has no ETag to compare, so it may belong to another version of the file"
    }
    return version.etag === known.etag
      ? undefined
      : "the file has changed since the download started: start the download again"
  }

  /** Records bytes that were received. Returns an error if they are too many. */
  advance(bytes: number): SendmuxError | undefined {
    this.offset += bytes
    this.failures = 0
    this.renewals = 0
    return this.total !== undefined && this.offset > this.total
      ? this.contradiction(`the file has ${this.total} bytes, but the server sent more`)
      : undefined
  }

  /** Records the end of a response, which may come before the end of the file. */
  ended(): Effect.Effect<void, SendmuxError> {
    // Without a size in the response, a body that ends before the size in the metadata may have been truncated.
    this.done =
      this.total === undefined ? this.offset >= (this.download.size ?? 0) : this.offset === this.total
    return this.done ? Effect.void : Effect.fail(this.truncated())
  }

  /** Records a failed request. Fails if another request would not help. */
  failed(error: SendmuxError): Effect.Effect<void, SendmuxError> {
    const { maxFailures, renew } = this.download
    this.retryAfter = undefined
    this.latest = error
    if (this.offset > 0 && this.offset === this.total) {
      // The connection was lost after the last byte.
      this.done = true
      return Effect.void
    }
    const isApiError = error._tag === "APIError"
    const hasExpired = isApiError && expiredStatuses.has(error.status)
    if (hasExpired && renew !== undefined && this.renewals < maxRenewals) {
      this.renewals++
      return renew
    }
    const hint =
      isApiError && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : undefined
    this.failures++
    this.renewals = 0
    const isHintTooLong = hint !== undefined && hint > maxHint
    if (!isTransient(error) || this.failures >= maxFailures || isHintTooLong) return Effect.fail(error)
    this.retryAfter = hint
    return Effect.void
  }

  /** Waits before the next request. */
  readonly pause: Effect.Effect<void, SendmuxError> = Effect.flatMap(random, (factor) =>
    pause(Math.ceil(this.delay(factor)), {
      operation: this.download.operation,
      awaited: "Retry",
      attempts: this.failures,
      failure: this.latest
    })
  )

  private delay(factor: number): number {
    if (this.renewals > 0) return 0
    if (this.retryAfter !== undefined) return this.retryAfter + hintJitter(baseDelay, factor)
    return withJitter(doubled(baseDelay, maxDelay, this.failures - 1), factor)
  }

  private truncated(): TransportError {
    return new TransportError({
      operation: this.download.operation,
      reason: "TruncatedBody",
      detail: "The response body was truncated",
      attempts: this.failures + 1
    })
  }

  private mismatch(issue: string): Effect.Effect<never, ResponseDecodeError> {
    return Effect.fail(this.contradiction(issue))
  }

  private contradiction(issue: string): ResponseDecodeError {
    return new ResponseDecodeError({
      operation: this.download.operation,
      status: 200,
      requestId: undefined,
      issue
    })
  }
}
