import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { makeMethods } from "../../src/internal/methods/methods.js"
import { makePipeline } from "../../src/internal/pipeline/make.js"
import { makeMailboxAttachments } from "../../src/mailbox/attachments/attachments.js"
import type { ResumableDownloadOptions } from "../../src/mailbox/attachments/schemas.js"
import { makeDrafts } from "../../src/mailbox/drafts/drafts.js"
import { makeEvents } from "../../src/mailbox/events/events.js"
import { makeFolders } from "../../src/mailbox/folders.js"
import { makeMessages } from "../../src/mailbox/messages/messages.js"
import type { MailboxAttachment } from "../../src/mailbox/messages/schemas.js"
import { apiKey, failure, mockClient, ok, type Reaction, type Seen } from "../support/http.js"
import { untyped } from "../support/synthetic.js"
import { errorOf, recordWaits } from "../support/time.js"

const methodsOver = (client: HttpClient.HttpClient) =>
  makePipeline("mailbox", "https://app.sendmux.ai/api/v1", { apiKey: Redacted.make(apiKey) }).pipe(
    Effect.map(makeMethods),
    Effect.provideService(HttpClient.HttpClient, client),
    Effect.orDie
  )

const attachment = (size_bytes: number | null): MailboxAttachment => ({
  id: "att_1",
  filename: "a.bin",
  content_type: "application/octet-stream",
  size_bytes,
  disposition: "attachment",
  content_id: null,
  download_url: Redacted.make("/files/att_1")
})

/** The outcome of a resumable download from a server, and the requests. */
const download = (
  react: (request: Seen, index: number) => Reaction,
  options: ResumableDownloadOptions & { readonly size?: number } = {}
) =>
  Effect.gen(function* () {
    const { size, ...rest } = options
    const { client, seen } = mockClient(react)
    const attachments = makeMailboxAttachments(yield* methodsOver(client))
    const bytes = attachments.downloadResumable("msg_1", attachment(size ?? null), rest)
    const text = Stream.runFold(Stream.decodeText(bytes), "", (all, part) => all + part)
    const { exit, waits } = yield* recordWaits(text)
    return { exit, seen, waits }
  })

const headersOf = (seen: ReadonlyArray<Seen>) =>
  seen.map(({ headers }) => [headers["range"], headers["if-range"]])

/** A whole file whose connection is lost after `text`, because the file has more bytes. */
const beginning = (text: string, size: number | undefined, headers: Record<string, string> = {}) => {
  const bytes = new TextEncoder().encode(text)
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (size === undefined) controller.error(new Error("The connection was lost"))
        else controller.close()
      },
      start: (controller) => controller.enqueue(bytes)
    },
    { highWaterMark: 0 }
  )
  const length = size === undefined ? {} : { "content-length": String(size) }
  return new Response(body, { headers: { ...length, ...headers } })
}

const part = (text: string, contentRange: string | undefined, headers: Record<string, string> = {}) =>
  new Response(text, {
    status: 206,
    headers: { ...(contentRange === undefined ? {} : { "content-range": contentRange }), ...headers }
  })

const beyondEnd = (contentRange?: string) =>
  new Response("no such range", {
    status: 416,
    headers: contentRange === undefined ? {} : { "content-range": contentRange }
  })

describe("attachments.downloadResumable", () => {
  it.effect("sends a strong ETag as If-Range with each request for the missing bytes", () =>
    Effect.gen(function* () {
      for (const via of ["api", "download_url"] as const) {
        const { exit, seen } = yield* download(
          (_, index) =>
            index === 0
              ? beginning("abc", 8, { etag: '"v1"' })
              : index === 1
                ? part("de", "bytes 3-7/8", { etag: '"v1"', "content-length": "5" })
                : part("fgh", "bytes 5-7/8", { etag: '"v1"' }),
          { via }
        )
        expect(exit).toEqual(Exit.succeed("abcdefgh"))
        expect(headersOf(seen)).toEqual([
          [undefined, undefined],
          ["bytes=3-", '"v1"'],
          ["bytes=5-", '"v1"']
        ])
      }
    })
  )

  it.effect("sends no If-Range for a weak ETag, and compares it itself", () =>
    Effect.gen(function* () {
      const resumedWith = (etag: string) =>
        download((_, index) =>
          index === 0 ? beginning("abc", 5, { etag: 'W/"v1"' }) : part("de", "bytes 3-4/5", { etag })
        )
      const same = yield* resumedWith('W/"v1"')
      expect(same.exit).toEqual(Exit.succeed("abcde"))
      expect(headersOf(same.seen)).toEqual([
        [undefined, undefined],
        ["bytes=3-", undefined]
      ])
      expect(errorOf((yield* resumedWith('W/"v2"')).exit)).toMatchObject({ _tag: "ResponseDecodeError" })
    })
  )

  it.effect("fails rather than join two versions of a file, whatever the response reveals of them", () =>
    Effect.gen(function* () {
      const tagged = { etag: '"v1"' }
      const cases: ReadonlyArray<readonly [Response, Response, string]> = [
        // After If-Range did not match, the server sends the whole new version.
        [beginning("abc", 5, tagged), new Response("ABCDE", { headers: { etag: '"v2"' } }), "has changed"],
        [beginning("abc", 5, tagged), part("de", "bytes 3-4/5"), "no ETag to compare"],
        [beginning("abc", 5), part("def", "bytes 3-5/6"), "had 5 bytes, but now has 6"],
        [beginning("abc", 5), part("de", "bytes 3-4/*"), "neither an ETag nor the size"],
        [beginning("abc", 5), new Response("ABCDE"), "neither an ETag nor the size"],
        [beginning("abc", 5), part("de", undefined), "without a valid Content-Range"],
        [beginning("abc", 5), part("de", "bytes 4-4/5"), "starts at byte 4"],
        [beginning("abc", 5), part("de", "bytes 3-9/5"), "contradicts itself"],
        [beginning("abc", 5), beyondEnd("bytes */3"), "no byte 3"],
        [beginning("abc", undefined), beyondEnd("bytes */2"), "no byte 3"],
        [beginning("abc", undefined), beyondEnd(), "no byte 3"]
      ]
      for (const [first, second, issue] of cases) {
        const { exit, seen } = yield* download((_, index) => (index === 0 ? first : second))
        const error = errorOf(exit)
        expect(error._tag === "ResponseDecodeError" && error.issue, issue).toContain(issue)
        expect(seen).toHaveLength(2)
      }
    })
  )

  it.effect("ends when a 416 reports the size of the file that was received", () =>
    Effect.gen(function* () {
      const { exit, seen } = yield* download((_, index) =>
        index === 0 ? beginning("abc", undefined) : beyondEnd("bytes */3")
      )
      expect(exit).toEqual(Exit.succeed("abc"))
      expect(headersOf(seen)[1]).toEqual(["bytes=3-", undefined])
      const unsized = yield* download(
        (_, index) => (index === 0 ? beginning("abc", undefined) : beyondEnd()),
        {
          size: 3
        }
      )
      expect(unsized.exit).toEqual(Exit.succeed("abc"))
    })
  )

  it.effect("receives all bytes when the size in the metadata is too small or too large", () =>
    Effect.gen(function* () {
      const cut = (size: number) =>
        download((_, index) => (index === 0 ? beginning("abc", undefined) : part("de", "bytes 3-4/5")), {
          size
        })
      expect((yield* cut(3)).exit).toEqual(Exit.succeed("abcde"))
      expect((yield* cut(2)).exit).toEqual(Exit.succeed("abcde"))
      const complete = yield* download(() => new Response("abcde"), { size: 3 })
      expect(complete.exit).toEqual(Exit.succeed("abcde"))
      const tooLarge = yield* download(
        (_, index) => (index === 0 ? new Response("abcde") : beyondEnd("bytes */5")),
        { size: 9 }
      )
      expect(tooLarge.exit).toEqual(Exit.succeed("abcde"))
      expect(tooLarge.seen).toHaveLength(2)
    })
  )

  it.effect(
    "fails after maxFailures requests in a row without a byte, and counts again after each byte",
    () =>
      Effect.gen(function* () {
        const { exit, seen } = yield* download(
          (_, index) =>
            index === 0
              ? beginning("a", 4)
              : index === 2
                ? part("b", "bytes 1-3/4", { "content-length": "3" })
                : part("", `bytes ${index < 2 ? 1 : 2}-3/4`, { "content-length": "2" }),
          { maxFailures: 3 }
        )
        expect(errorOf(exit)).toMatchObject({ _tag: "TransportError", reason: "TruncatedBody" })
        // Request 0 and its truncation, 1 without a byte, 2 with one, then 3 and 4 without.
        expect(seen).toHaveLength(5)
      })
  )

  it.effect("sends GET requests for the uncompressed bytes, in the mailbox of the call", () =>
    Effect.gen(function* () {
      const { exit, seen } = yield* download(
        (_, index) => (index === 0 ? beginning("abc", 5) : part("de", "bytes 3-4/5")),
        { mailbox_id: "mbx_2", headers: { "x-trace": "1" } }
      )
      expect(exit).toEqual(Exit.succeed("abcde"))
      expect(
        seen.map(({ headers, method, url }) => [
          method,
          `${url.pathname.replace("/api/v1", "")}${url.search}`,
          headers["accept-encoding"],
          headers["x-trace"]
        ])
      ).toEqual([
        ["GET", "/mailbox/messages/msg_1/attachments/att_1?mailbox_id=mbx_2", "identity", "1"],
        ["GET", "/mailbox/messages/msg_1/attachments/att_1?mailbox_id=mbx_2", undefined, "1"]
      ])
    })
  )

  const byUrl = (id: string, data: unknown) =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(({ url }) =>
        url.pathname.startsWith("/files/") ? new Response("abc") : ok(data)
      )
      const attachments = makeMailboxAttachments(yield* methodsOver(client))
      const options = { via: "download_url", mailbox_id: "mbx_2" } as const
      const bytes = attachments.downloadResumable("msg_1", id, options)
      const exit = yield* Effect.exit(Stream.runFold(Stream.decodeText(bytes), "", (all, part) => all + part))
      return { exit, lines: seen.map(({ method, url }) => `${method} ${url.pathname}${url.search}`), seen }
    })

  it.effect("reads the message for the URL of an attachment of which only the id is known", () =>
    Effect.gen(function* () {
      const { download_url: _, ...rest } = attachment(3)
      const wire = { ...rest, download_url: "/files/att_1?token=abc" }
      const { exit, lines, seen } = yield* byUrl("att_1", {
        attachments: [{ ...wire, id: "att_0", download_url: "/files/att_0" }, wire]
      })
      expect(exit).toEqual(Exit.succeed("abc"))
      expect(lines).toEqual([
        "GET /api/v1/mailbox/messages/msg_1?mailbox_id=mbx_2",
        "GET /files/att_1?token=abc"
      ])
      expect(seen.map(({ headers }) => headers["authorization"])).toEqual([`Bearer ${apiKey}`, undefined])
    })
  )

  it.effect("fails with InvalidRequestError if the message contains no URL for the attachment", () =>
    Effect.gen(function* () {
      const { download_url: _, ...rest } = attachment(3)
      for (const data of [{}, { attachments: [] }, { attachments: [{ ...rest, id: "att_0" }, rest] }]) {
        const { exit, lines } = yield* byUrl("att_1", data)
        const error = errorOf(exit)
        expect(error).toMatchObject({
          _tag: "InvalidRequestError",
          operation: "mailbox.attachments.downloadResumable"
        })
        expect(String(error)).toContain(
          'the message contains no download_url for this attachment: download it with via: "api" instead'
        )
        expect(lines).toHaveLength(1)
      }
    })
  )

  it.effect("repeats each of its requests after a transient failure, which does not count as one", () =>
    Effect.gen(function* () {
      const unavailable = () => failure(503, "service_unavailable")
      for (const via of ["api", "download_url"] as const) {
        const { exit, seen } = yield* download(
          (_, index) => (index === 0 ? unavailable() : new Response("abc")),
          { via, maxFailures: 1 }
        )
        expect([exit, seen.length]).toEqual([Exit.succeed("abc"), 2])
      }
      const { download_url: _, ...rest } = attachment(3)
      const message = { attachments: [{ ...rest, download_url: "/files/att_1" }] }
      const { client, seen } = mockClient(({ url }, index) =>
        index === 0 ? unavailable() : url.pathname.startsWith("/files/") ? new Response("abc") : ok(message)
      )
      const attachments = makeMailboxAttachments(yield* methodsOver(client))
      const bytes = attachments.downloadResumable("msg_1", "att_1", { via: "download_url", maxFailures: 1 })
      const text = Stream.runFold(Stream.decodeText(bytes), "", (all, part) => all + part)
      expect([(yield* recordWaits(text)).exit, seen.length]).toEqual([Exit.succeed("abc"), 3])
    })
  )

  it.effect("rejects an attachment without an id", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => new Response("abc"))
      const attachments = makeMailboxAttachments(yield* methodsOver(client))
      for (const invalid of [{}, { id: 7 }, [], null, 7]) {
        const bytes = attachments.downloadResumable("msg_1", untyped(invalid))
        expect(String(yield* Effect.flip(Stream.runDrain(bytes)))).toContain(
          "the attachment must be an id, or an attachment of a message or of an event"
        )
      }
    })
  )

  it.effect("resumes after a server has paused for longer than the idleTimeout", () =>
    Effect.gen(function* () {
      for (const via of ["api", "download_url"] as const) {
        const stalled = () =>
          new Response(
            new ReadableStream<Uint8Array>({
              start: (controller) => controller.enqueue(new TextEncoder().encode("abc"))
            }),
            { headers: { "content-length": "5" } }
          )
        const { exit, seen, waits } = yield* download(
          (_, index) => (index === 0 ? stalled() : part("de", "bytes 3-4/5")),
          { via, idleTimeout: "5 seconds" }
        )
        expect(Math.max(...waits)).toBe(5_000)
        expect(exit).toEqual(Exit.succeed("abcde"))
        expect(seen).toHaveLength(2)
      }
    })
  )
})

describe("messages.downloadRaw", () => {
  it.effect("fails when no data arrives for the idleTimeout of the call", () => {
    const { client } = mockClient(() => new Response(new ReadableStream()))
    return Effect.gen(function* () {
      const methods = yield* methodsOver(client)
      const messages = makeMessages(methods, {
        drafts: makeDrafts(methods),
        events: makeEvents(methods),
        folders: makeFolders(methods)
      })
      for (const run of [
        Stream.runDrain(messages.downloadRaw("msg_1", { idleTimeout: "2 seconds" })),
        Effect.asVoid(messages.downloadRaw.bytes("msg_1", { idleTimeout: "2 seconds" }))
      ]) {
        const running = yield* Effect.fork(Effect.flip(run))
        yield* TestClock.adjust("2 seconds")
        expect(yield* Fiber.join(running)).toMatchObject({ _tag: "TransportError", reason: "Timeout" })
      }
    })
  })
})
