import { inspect } from "node:util"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Sending } from "../../src/Sending.js"
import { apiKey, mockClient, ok } from "../support/http.js"
import { echo, expectClean, expectNoLeak, uploadToken, uploadUrl } from "../support/leaks.js"
import { record } from "../support/telemetry.js"

describe("the URL, the headers and the token of an upload never leak", () => {
  const created = {
    upload_id: "upl_1",
    upload_url: uploadUrl,
    method: "PUT",
    expires_at: "2026-08-01T10:00:00Z",
    max_size_bytes: 10,
    headers: {
      "X-Sendmux-Upload-Token": uploadToken,
      "Content-Type": "text/plain",
      Authorization: "Bearer x"
    }
  }
  const sendingOver = (client: HttpClient.HttpClient) =>
    Effect.provideService(
      Sending.make({ apiKey: Redacted.make(apiKey), timeout: Number.POSITIVE_INFINITY }),
      HttpClient.HttpClient,
      client
    )
  const file = { filename: "a.txt", content: new Uint8Array([1]) }

  it.effect("from a failed delegated upload, which sends them without the API key", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient((request, index) =>
        index % 2 === 0 ? ok(created, { status: 201 }) : echo(409)(request)
      )
      const sending = yield* sendingOver(client)
      yield* expectNoLeak(sending.attachments.uploadDelegated(file), "APIError")
      expect(seen[1]?.url.href).toBe(uploadUrl)
      expect(seen[1]?.headers["x-sendmux-upload-token"]).toBe(uploadToken)
      expect(seen[1]?.headers).not.toHaveProperty("authorization")
    })
  )

  it.effect("from a failed completeUpload, whether the token was Redacted or not", () =>
    Effect.gen(function* () {
      const { client, seen } = mockClient(echo(401))
      const sending = yield* sendingOver(client)
      for (const upload_token of [uploadToken, Redacted.make(uploadToken)]) {
        const call = sending.attachments.completeUpload("upl_1", { content: file.content, upload_token })
        yield* expectNoLeak(call, "APIError")
      }
      expect(seen[0]?.headers).not.toHaveProperty("authorization")
      const bad = sending.attachments.completeUpload("upl_1", {
        content: file.content,
        upload_token: `${uploadToken}\r\n`
      })
      yield* expectNoLeak(bad, "InvalidRequestError")
    })
  )

  it.effect("from a client that logs its requests", () => {
    const { layer, logs } = record()
    return Effect.gen(function* () {
      const { client } = mockClient(echo(401))
      const making = Sending.make({
        apiKey: Redacted.make(apiKey),
        transformClient: HttpClient.tapRequest((request) => Effect.logInfo(request))
      })
      const sending = yield* Effect.provideService(making, HttpClient.HttpClient, client)
      const upload = { content: file.content, upload_token: uploadToken }
      yield* Effect.flip(sending.attachments.completeUpload("upl_1", upload))
      expect(logs).toHaveLength(3)
      for (const log of logs) expectClean("a logged request", log)
    }).pipe(Effect.provide(layer))
  })

  it.effect("from a grant with an invalid URL or header", () =>
    Effect.gen(function* () {
      const bad = [
        { upload_url: `ftp://x.test/${uploadToken}` },
        { upload_url: `data:text/plain,${uploadToken}` },
        { upload_url: `http://[${uploadToken}` },
        { headers: { "x-a": `${uploadToken}\r\nx-b: 1` } },
        { headers: { "x a": uploadToken } },
        { headers: { "x-sendmux-upload-token": uploadToken, "content-length": "77" } }
      ]
      for (const wrong of bad) {
        const { client, seen } = mockClient(() => ok({ ...created, ...wrong }, { status: 201 }))
        const sending = yield* sendingOver(client)
        yield* expectNoLeak(sending.attachments.uploadDelegated(file), "InvalidRequestError")
        expect(seen).toHaveLength(1)
      }
    })
  )

  it.effect("from a response whose secrets do not match the schema", () =>
    Effect.gen(function* () {
      const wrong = { ...created, upload_url: [uploadUrl], headers: { [uploadToken]: [uploadToken] } }
      const { client } = mockClient(() => ok(wrong, { status: 201 }))
      const sending = yield* sendingOver(client)
      yield* expectNoLeak(
        sending.attachments.createUpload({ filename: "a", size_bytes: 1 }),
        "ResponseDecodeError"
      )
    })
  )

  it.effect("from a decoded grant, however it is printed", () =>
    Effect.gen(function* () {
      const { client } = mockClient(() => ok(created, { status: 201 }))
      const sending = yield* sendingOver(client)
      const upload = yield* sending.attachments.createUpload({ filename: "a", size_bytes: 1 })
      expect(Redacted.value(upload.upload_url)).toBe(uploadUrl)
      for (const text of [
        inspect(upload, { depth: 20, showHidden: true }),
        JSON.stringify(upload),
        String(upload)
      ]) {
        expectClean("the decoded upload", text)
      }
    })
  )
})
