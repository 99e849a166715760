import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type { SendmuxError } from "../../src/internal/model/errors.js"
import type { OpenDownload } from "../../src/internal/response/bytes.js"
import { resume } from "../../src/mailbox/attachments/resume.js"
import { errorsOf } from "../support/errors.js"
import { errorOf, recordWaits } from "../support/time.js"

const operation = "mailbox.attachments.download"

const { apiError: failed, transportError } = errorsOf(operation)

const apiError = (status: number, retryAfter?: Duration.DurationInput) =>
  failed(status, {
    retryable: status === 429 || status >= 500,
    retryAfter: retryAfter === undefined ? undefined : Duration.decode(retryAfter)
  })

const lost: SendmuxError = transportError("Network")

/** A response whose body is `chunks`, and ends with `error` if there is one. */
interface Given extends Partial<Omit<OpenDownload, "bytes">> {
  readonly chunks?: ReadonlyArray<string>
  readonly error?: SendmuxError
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A whole file, with `length` bytes according to its header. */
const whole = (length: number | undefined, chunks: ReadonlyArray<string>, more: Given = {}): Given => ({
  length,
  chunks,
  ...more
})

/** A part of the file. */
const part = (contentRange: string | undefined, chunks: ReadonlyArray<string>, more: Given = {}): Given => ({
  status: 206,
  contentRange,
  chunks,
  ...more
})

const beyondEnd = (contentRange?: string): Given => ({ status: 416, contentRange })

interface Options {
  readonly size?: number
  readonly maxFailures?: number
  readonly random?: number
  readonly renew?: Effect.Effect<void, SendmuxError>
}

/** Downloads a file whose server gives the responses in turn, and fails with 410 after the last one. */
const download = (responses: ReadonlyArray<Given | SendmuxError>, options: Options = {}) =>
  Effect.gen(function* () {
    const requests: Array<readonly [number, string | undefined]> = []
    const bytes = resume({
      operation,
      size: options.size,
      maxFailures: options.maxFailures ?? 5,
      renew: options.renew,
      open: (start, ifRange) => {
        const given = responses[requests.length] ?? apiError(410)
        requests.push([start, ifRange])
        if ("_tag" in given) return Stream.fail(given)
        const received = Stream.fromIterable((given.chunks ?? []).map(bytesOf))
        return Stream.succeed({
          status: 200,
          contentRange: undefined,
          etag: undefined,
          encoded: false,
          length: undefined,
          ...given,
          bytes: given.error === undefined ? received : Stream.concat(received, Stream.fail(given.error))
        })
      }
    })
    const received: Array<string> = []
    const decoder = new TextDecoder()
    const all = Stream.runForEach(bytes, (chunk) => Effect.sync(() => received.push(decoder.decode(chunk))))
    const { exit, waits } = yield* recordWaits(all, options.random)
    const error = Exit.isFailure(exit) ? errorOf(exit) : undefined
    return {
      text: received.join(""),
      chunks: received,
      error,
      issue: error?._tag === "ResponseDecodeError" ? error.issue : undefined,
      requests,
      starts: requests.map(([start]) => start),
      waits
    }
  })

describe("resume", () => {
  it.effect("needs one request and no delay for a file that arrives whole, even if it is empty", () =>
    Effect.gen(function* () {
      for (const response of [
        whole(3, ["a", "bc"]),
        whole(undefined, ["abc"]),
        part("bytes 0-2/3", ["abc"]),
        part("BYTES 0-2/*", ["abc"]),
        whole(undefined, ["abc"], { encoded: true, etag: '"v1"' })
      ]) {
        const { error, requests, text, waits } = yield* download([response])
        expect([text, error, requests, waits]).toEqual(["abc", undefined, [[0, undefined]], []])
      }
      const empty = yield* download([whole(0, [])])
      expect([empty.text, empty.error, empty.starts]).toEqual(["", undefined, [0]])
    })
  )

  it.effect("emits no empty chunk, and skips bytes that it has across the chunks of a response", () =>
    Effect.gen(function* () {
      const { chunks } = yield* download([
        whole(6, ["abc", ""]),
        whole(6, ["a", "", "bcd", "ef"]),
        part("bytes 1-5/6", ["unused"])
      ])
      expect(chunks).toEqual(["abc", "d", "ef"])
      const overlapping = yield* download([whole(6, ["abc"]), part("bytes 1-5/6", ["bcdef"])])
      expect(overlapping.chunks).toEqual(["abc", "def"])
    })
  )

  it.effect("accepts a part of one byte", () =>
    Effect.gen(function* () {
      const { error, text } = yield* download([whole(3, ["ab"]), part("bytes 2-2/3", ["c"])])
      expect([text, error]).toEqual(["abc", undefined])
    })
  )

  it.effect("is complete when the connection is lost after the last byte of a known size", () =>
    Effect.gen(function* () {
      const { error, starts, text } = yield* download([whole(3, ["abc"], { error: lost })])
      expect([text, error, starts]).toEqual(["abc", undefined, [0]])
      const empty = yield* download([whole(0, [], { error: lost }), whole(0, [])])
      expect([empty.error, empty.starts]).toEqual([undefined, [0, 0]])
    })
  )

  it.effect("requests again what the metadata says is missing if no response contains the size", () =>
    Effect.gen(function* () {
      const missing = yield* download([whole(undefined, ["abc"]), part("bytes 3-4/*", ["de"])], { size: 5 })
      expect([missing.text, missing.error, missing.starts]).toEqual(["abcde", undefined, [0, 3]])
      const exact = yield* download([whole(undefined, ["abc"])], { size: 3 })
      expect([exact.error, exact.starts]).toEqual([undefined, [0]])
    })
  )
})

describe("resume, from a response that cannot continue the file", () => {
  const start = whole(5, ["abc"])

  it.effect("fails with ResponseDecodeError, whose issue says what contradicts the bytes received", () =>
    Effect.gen(function* () {
      const invalid = "the response is a part of the file without a valid Content-Range"
      const contradiction = "the Content-Range of the response contradicts itself"
      const cases: ReadonlyArray<readonly [Given, string]> = [
        [part(undefined, ["de"]), invalid],
        [part("bytes 3-4/5 ", ["de"]), invalid],
        [part("x bytes 3-4/5", ["de"]), invalid],
        [part("bytes 3-/5", ["de"]), invalid],
        [part("bytes -4/5", ["de"]), invalid],
        [part("bytes 3-4", ["de"]), invalid],
        [part("bytes 4-4/5", ["e"]), "the response starts at byte 4, but byte 3 was requested"],
        [part("bytes 3-2/5", ["de"]), contradiction],
        [part("bytes 3-5/5", ["def"]), contradiction],
        [part("bytes 3-4/5", ["de"], { encoded: true }), "the response is a range of compressed bytes"],
        [part("bytes 3-5/6", ["def"]), "the file had 5 bytes, but now has 6"],
        [
          part("bytes 3-4/*", ["de"]),
          "the response has neither an ETag nor the size of the file, so it may belong to another version"
        ],
        [part("bytes 3-4/5", ["def"]), "the file has 5 bytes, but the server sent more"],
        [beyondEnd("bytes */3"), "the server has no byte 3: the file has changed or its size is unknown"],
        [beyondEnd(), "the server has no byte 3: the file has changed or its size is unknown"]
      ]
      for (const [response, issue] of cases) {
        const failed = yield* download([start, response])
        expect(failed.issue, issue).toBe(issue)
        expect(failed.error).toMatchObject({ operation, status: 200, requestId: undefined })
        expect(failed.starts).toEqual([0, 3])
      }
    })
  )

  it.effect("compares the ETag of the bytes received, with or without W/, and how they were compressed", () =>
    Effect.gen(function* () {
      const changed = "the file has changed since the download started: start the download again"
      const none = "the response has no ETag to compare, so it may belong to another version of the file"
      const next = (first: Given, second: Given) => download([{ ...start, ...first }, second])
      const same = part("bytes 3-4/5", ["de"])
      expect((yield* next({ etag: '"1"' }, { ...same, etag: '"1"' })).text).toBe("abcde")
      expect((yield* next({ etag: '"1"' }, { ...same, etag: 'W/"1"' })).text).toBe("abcde")
      expect((yield* next({ etag: 'W/"1"' }, { ...same, etag: '"1"' })).text).toBe("abcde")
      expect((yield* next({ etag: '"1"' }, { ...same, etag: '"1W/"' })).issue).toBe(changed)
      expect((yield* next({ etag: '"1W/"' }, { ...same, etag: '"1"' })).issue).toBe(changed)
      expect((yield* next({ etag: '"1"' }, same)).issue).toBe(none)
      const compressed = { encoded: true, etag: '"1"', length: undefined }
      const again = whole(undefined, ["abcde"])
      expect((yield* next({ ...compressed, error: lost }, { ...again, ...compressed })).text).toBe("abcde")
      expect((yield* next({ ...compressed, error: lost }, { ...again, etag: '"1"' })).issue).toBe(none)
      expect((yield* next({ etag: '"1"' }, { ...again, ...compressed })).issue).toBe(none)
    })
  )

  it.effect("compares with the first size and the first ETag that any response contained", () =>
    Effect.gen(function* () {
      const changed = "the file has changed since the download started: start the download again"
      const tagged = yield* download([
        whole(5, ["a"]),
        part("bytes 1-4/5", ["b"], { etag: '"1"' }),
        part("bytes 2-4/5", ["c"], { etag: '"2"' })
      ])
      expect([tagged.text, tagged.issue]).toEqual(["ab", changed])
      const sized = yield* download([
        whole(undefined, ["a"], { error: lost, etag: '"1"' }),
        part("bytes 1-4/5", ["b"], { etag: '"1"' }),
        part("bytes 2-4/6", ["c"], { etag: '"1"' })
      ])
      expect([sized.text, sized.issue]).toEqual(["ab", "the file had 5 bytes, but now has 6"])
    })
  )

  it.effect("accepts another version as long as no byte was received", () =>
    Effect.gen(function* () {
      const { error, requests, text } = yield* download([
        whole(5, [], { etag: '"1"', error: lost }),
        whole(6, ["abc"], { etag: 'W/"2"', error: lost }),
        part("bytes 3-5/6", ["def"], { etag: 'W/"2"' })
      ])
      expect([text, error]).toEqual(["abcdef", undefined])
      expect(requests).toEqual([
        [0, undefined],
        [0, undefined],
        [3, undefined]
      ])
    })
  )

  it.effect("sends If-Range with a strong ETag of uncompressed bytes only", () =>
    Effect.gen(function* () {
      const conditionAfter = (first: Given) =>
        Effect.map(download([{ ...start, error: lost, ...first }]), ({ requests }) => requests[1]?.[1])
      expect(yield* conditionAfter({ etag: '"1"' })).toBe('"1"')
      for (const etag of ['W/"1"', '"1', '1"', '"1" "2"', "1", undefined]) {
        expect(yield* conditionAfter({ etag }), etag).toBeUndefined()
      }
      expect(yield* conditionAfter({ etag: '"1"', encoded: true, length: undefined })).toBeUndefined()
    })
  )

  it.effect("ends at a 416 whose size, or else the size known before, is the number of bytes received", () =>
    Effect.gen(function* () {
      const lostAfter = (chunks: ReadonlyArray<string>) => whole(undefined, chunks, { error: lost })
      const ends = (response: Given, size?: number) =>
        Effect.map(
          download([lostAfter(["abc"]), response], size === undefined ? {} : { size }),
          ({ issue, text }) => issue ?? text
        )
      const issue = "the server has no byte 3: the file has changed or its size is unknown"
      expect(yield* ends(beyondEnd("bytes */3"))).toBe("abc")
      expect(yield* ends(beyondEnd("bytes */003"))).toBe("abc")
      expect(yield* ends(beyondEnd("Bytes */3"), 7)).toBe("abc")
      expect(yield* ends(beyondEnd(), 3)).toBe("abc")
      expect(yield* ends(beyondEnd("bytes */3x"), 3)).toBe("abc")
      expect(yield* ends(beyondEnd("bytes */3x"), 4)).toBe(issue)
      expect(yield* ends(beyondEnd("x bytes */3"), 4)).toBe(issue)
      expect(yield* ends(beyondEnd("bytes */4"), 3)).toBe(issue)
    })
  )
})

describe("resume, after failures", () => {
  it.effect("waits longer after each request without a byte, up to 10 seconds, with jitter", () =>
    Effect.gen(function* () {
      const failures = Array.from({ length: 9 }, () => lost)
      const shortest = yield* download([...failures, whole(1, ["a"])], { maxFailures: 10 })
      expect(shortest.waits).toEqual([125, 250, 500, 1000, 2000, 4000, 5000, 5000, 5000])
      expect(shortest.text).toBe("a")
      const middle = yield* download([lost, whole(1, ["a"])], { random: 0.5 })
      expect(middle.waits).toEqual([188])
    })
  )

  it.effect("fails with the last error after maxFailures requests in a row without a byte", () =>
    Effect.gen(function* () {
      const { error, starts } = yield* download([lost, lost, apiError(503), whole(1, ["a"])], {
        maxFailures: 3
      })
      expect(error).toMatchObject({ _tag: "APIError", status: 503 })
      expect(starts).toEqual([0, 0, 0])
    })
  )

  it.effect("counts the failures again after each byte, and reports a truncated response as such", () =>
    Effect.gen(function* () {
      const { error, starts, text, waits } = yield* download(
        [lost, whole(4, ["a"]), part("bytes 1-3/4", ["b"]), part("bytes 2-3/4", []), whole(4, ["abcd"])],
        { maxFailures: 2 }
      )
      expect([text, starts]).toEqual(["ab", [0, 0, 1, 2]])
      expect(error).toMatchObject({
        _tag: "TransportError",
        operation,
        reason: "TruncatedBody",
        detail: "The response body was truncated",
        attempts: 2
      })
      expect(waits).toEqual([125, 125, 125])
    })
  )

  it.effect("counts a request whose only chunk is empty as one without a byte", () =>
    Effect.gen(function* () {
      const { error, starts } = yield* download([whole(1, [""]), whole(1, [""]), whole(1, ["a"])], {
        maxFailures: 2
      })
      expect([error, starts]).toMatchObject([{ reason: "TruncatedBody", attempts: 2 }, [0, 0]])
    })
  )

  it.effect("waits as long as the server asks for, with jitter, and at most 60 seconds", () =>
    Effect.gen(function* () {
      const asked = yield* download([apiError(503, "60 seconds"), lost, whole(1, ["a"])], { random: 0.5 })
      expect([asked.text, asked.waits]).toEqual(["a", [60_125, 375]])
      const short = yield* download([apiError(429, "10 millis"), whole(1, ["a"])])
      expect(short.waits).toEqual([10])
      const long = yield* download([apiError(429, "60001 millis"), whole(1, ["a"])])
      expect(long.error).toMatchObject({ status: 429 })
      expect([long.waits, long.starts]).toEqual([[], [0]])
    })
  )

  it.effect("fails at once with an error that another request does not change", () =>
    Effect.gen(function* () {
      for (const status of [400, 401, 403, 404, 410, 422]) {
        const { error, starts } = yield* download([apiError(status), whole(1, ["a"])])
        expect([error, starts]).toMatchObject([{ status }, [0]])
      }
    })
  )
})

describe("resume, from a URL that expires", () => {
  const renewing = (responses: ReadonlyArray<Given | SendmuxError>, maxFailures = 5) =>
    Effect.gen(function* () {
      let renewed = 0
      const renew = Effect.sync(() => void renewed++)
      const result = yield* download(responses, { renew, maxFailures })
      return { ...result, renewed }
    })

  it.effect(
    "renews it after 400, 401, 403, 404 and 410, without a delay and without counting a failure",
    () =>
      Effect.gen(function* () {
        for (const status of [400, 401, 403, 404, 410]) {
          const { renewed, text, waits } = yield* renewing([apiError(status), whole(1, ["a"])], 1)
          expect([renewed, text, waits]).toEqual([1, "a", []])
        }
        for (const status of [402, 405, 409, 422]) {
          const { error, renewed } = yield* renewing([apiError(status), whole(1, ["a"])])
          expect([error, renewed]).toMatchObject([{ status }, 0])
        }
        const busy = yield* renewing([apiError(503), whole(1, ["a"])])
        expect([busy.renewed, busy.text]).toEqual([0, "a"])
      })
  )

  it.effect("gives up after it was renewed twice in a row, and renews it again after a byte", () =>
    Effect.gen(function* () {
      const twice = yield* renewing([apiError(403), apiError(403), apiError(403), whole(1, ["a"])])
      expect([twice.error, twice.renewed, twice.starts]).toMatchObject([{ status: 403 }, 2, [0, 0, 0]])
      const more = yield* renewing([
        apiError(403),
        apiError(403),
        whole(3, ["a"], { error: apiError(403) }),
        apiError(403),
        part("bytes 1-2/3", ["bc"])
      ])
      expect([more.text, more.error, more.renewed]).toEqual(["abc", undefined, 4])
      const between = yield* renewing([apiError(403), apiError(403), lost, apiError(403), whole(1, ["a"])])
      expect([between.text, between.renewed]).toEqual(["a", 3])
    })
  )

  it.effect("fails with the error of the renewal", () =>
    Effect.gen(function* () {
      const { error } = yield* download([apiError(403)], { renew: Effect.fail(apiError(500)) })
      expect(error).toMatchObject({ status: 500 })
    })
  )
})
