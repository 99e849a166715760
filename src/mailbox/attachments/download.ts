/**
 * Downloads that go on after a cut.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { random } from "../../internal/dialect/core.js"
import { paginate, recoverStream } from "../../internal/dialect/stream.js"
import { ResponseDecodeError, type SendmuxError, TransportError } from "../../internal/model/errors.js"
import { isTransient } from "../../internal/model/transient.js"
import type { OpenDownload } from "../../internal/response/bytes.js"
import { doubled, hintJitter, withJitter } from "../../internal/timing/backoff.js"

/** Where the bytes come from. */
export interface Source {
  readonly operation: string
  /** Asks for the bytes from an offset to the end. */
  readonly open: (start: number) => Stream.Stream<OpenDownload, SendmuxError>
  /** Makes `open` work again after a refusal, for an address that expires. */
  readonly renew: Effect.Effect<void, SendmuxError> | undefined
  /** The whole length, where it is known beforehand; what the answers say goes first. */
  readonly size: number | undefined
  /** Requests in a row that bring nothing, after which the download fails. */
  readonly maxFailures: number
}

/** Delays between requests that bring nothing, in milliseconds. */
const baseDelay = 250
const maxDelay = 10_000

/** A server that asks to wait longer is not waited for. */
const longestWait = 60_000

/** The bytes of a file, each once and in order, over as many requests as it takes. */
export const resume = (source: Source): Stream.Stream<Uint8Array, SendmuxError> =>
  Stream.suspend(() => {
    const progress = new Progress(source)
    const turns = paginate(0, (turn) =>
      progress.done
        ? Effect.succeed([[], Option.none<number>()] as const)
        : Effect.as(turn === 0 ? Effect.void : progress.pause, [[turn], Option.some(turn + 1)] as const)
    )
    const request = (): Stream.Stream<Uint8Array, SendmuxError> =>
      Stream.suspend(() =>
        recoverStream(
          Stream.flatMap(source.open(progress.offset), (answer) => take(progress, answer)),
          (error) => Stream.drain(Stream.fromEffect(progress.failed(error)))
        )
      )
    return Stream.flatMap(turns, request)
  })

/** The bytes of an answer that were not there before. */
const take = (progress: Progress, answer: OpenDownload): Stream.Stream<Uint8Array, SendmuxError> =>
  Stream.flatMap(Stream.fromEffect(progress.begin(answer)), (start) => {
    let skip = progress.offset - start
    const fresh = Stream.mapEffect(answer.bytes, (chunk) => {
      const wanted = skip === 0 ? chunk : chunk.subarray(skip)
      skip = Math.max(0, skip - chunk.byteLength)
      return Effect.map(progress.advance(wanted.byteLength), () => wanted)
    })
    const end = Effect.suspend(() => progress.ended())
    return Stream.concat(
      Stream.filter(fresh, (chunk) => chunk.byteLength > 0),
      Stream.drain(Stream.fromEffect(end))
    )
  })

const contentRange = /^bytes (\d+)-\d+\/(\d+|\*)$/i

/** How far a download has come. */
class Progress {
  offset = 0
  done = false
  private total: number | undefined
  private version: string | undefined
  private failures = 0
  private renewals = 0
  private retryAfter: number | undefined

  constructor(private readonly source: Source) {}

  /** Where an answer begins; fails where it cannot be joined to what is there. */
  begin({
    contentRange: range,
    encoded,
    etag,
    length,
    status
  }: OpenDownload): Effect.Effect<number, SendmuxError> {
    if (this.offset === 0) {
      // Nothing to join to yet.
      this.total = undefined
      this.version = undefined
    }
    const [, first, whole] = range?.match(contentRange) ?? []
    const start = status === 206 && first !== undefined ? Number(first) : status === 206 ? this.offset : 0
    if (start > this.offset)
      return this.misfit(`the answer begins at ${start}, and ${this.offset} was asked for`)
    if (start > 0 && encoded) return this.misfit("the answer is a range of compressed bytes")
    const version = encoded ? undefined : etag?.replace(/^W\//, "")
    if (version !== undefined && this.version !== undefined && version !== this.version) {
      return this.misfit("the file has changed since the download began: start it anew")
    }
    this.version = version ?? this.version
    const total = status === 206 ? (whole === undefined || whole === "*" ? undefined : Number(whole)) : length
    if (total !== undefined && this.total !== undefined && total !== this.total) {
      return this.misfit(`the file had ${this.total} bytes before, and now has ${total}`)
    }
    this.total = total ?? this.total
    return Effect.succeed(start)
  }

  advance(bytes: number): Effect.Effect<void, SendmuxError> {
    if (bytes === 0) return Effect.void
    this.offset += bytes
    this.failures = 0
    this.renewals = 0
    const expected = this.expected()
    return expected !== undefined && this.offset > expected
      ? this.misfit(`the file has ${expected} bytes, and more came`)
      : Effect.void
  }

  /** The answer is complete; the file may not be. */
  ended(): Effect.Effect<void, SendmuxError> {
    const expected = this.expected()
    this.done = expected === undefined || this.offset === expected
    return this.done ? Effect.void : Effect.fail(this.cut())
  }

  /** Decides whether another request may fare better. */
  failed(error: SendmuxError): Effect.Effect<void, SendmuxError> {
    const { maxFailures, renew } = this.source
    this.retryAfter = undefined
    if (this.offset > 0 && this.offset === this.expected()) {
      // Cut after the last byte.
      this.done = true
      return Effect.void
    }
    if (error._tag === "APIError" && renew !== undefined && refusals.has(error.status) && this.renewals < 2) {
      this.renewals++
      return renew
    }
    const hint = error._tag === "APIError" ? error.retryAfter : undefined
    const wait = hint === undefined ? undefined : Duration.toMillis(hint)
    this.failures++
    this.renewals = 0
    if (!isTransient(error) || this.failures >= maxFailures || (wait !== undefined && wait > longestWait)) {
      return Effect.fail(error)
    }
    this.retryAfter = wait
    return Effect.void
  }

  /** Before the next request. */
  readonly pause: Effect.Effect<void> = Effect.flatMap(random, (factor) =>
    Effect.sleep(Duration.millis(Math.ceil(this.delay(factor))))
  )

  private delay(factor: number): number {
    if (this.renewals > 0) return 0
    if (this.retryAfter !== undefined) return this.retryAfter + hintJitter(baseDelay, factor)
    return withJitter(doubled(baseDelay, maxDelay, this.failures - 1), factor)
  }

  private expected(): number | undefined {
    return this.total ?? this.source.size
  }

  private cut(): TransportError {
    return new TransportError({
      operation: this.source.operation,
      reason: "TruncatedBody",
      detail: "The answer ended before its end",
      attempts: this.failures + 1
    })
  }

  private misfit(issue: string): Effect.Effect<never, ResponseDecodeError> {
    return Effect.fail(
      new ResponseDecodeError({ operation: this.source.operation, status: 200, requestId: undefined, issue })
    )
  }
}

/** How servers refuse an address that has expired. */
const refusals: ReadonlySet<number> = new Set([400, 401, 403, 404, 410])
