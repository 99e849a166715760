/**
 * The jobs written with Effect's own client, in three ways:
 *
 * - `json` fails on a bad status and parses the response, without a schema.
 * - `bare` also decodes the response with a schema. It neither checks the input, nor retries, nor has a timeout.
 * - `careful` checks the input with a schema too, retries transient failures, and has a timeout.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { attachmentId, email, emails, fileBytes, mailboxKey, pageSize, rootKey } from "../fixtures.js"
import { effectJob } from "../harness/effectJob.js"
import type { Job, Jobs } from "../harness/job.js"
import { Batch, BatchSent, Email, LogPage, MessagePage, Sent, Uploaded } from "./schemas.js"
import type { TransportLayer } from "./transports.js"
import { isBatchSent, isPage, isSent } from "./wire.js"

type Kind = "json" | "bare" | "careful"

type Request = HttpClientRequest.HttpClientRequest

type Response = HttpClientResponse.HttpClientResponse

const key = Redacted.make(mailboxKey)

const post = (url: string): Request =>
  HttpClientRequest.post(url).pipe(
    HttpClientRequest.acceptJson,
    HttpClientRequest.bearerToken(key),
    HttpClientRequest.setHeader("idempotency-key", crypto.randomUUID())
  )

const get = (url: string, token: Redacted.Redacted): Request =>
  HttpClientRequest.get(url).pipe(HttpClientRequest.acceptJson, HttpClientRequest.bearerToken(token))

/** The client of the kind. */
const clientOf = (kind: Kind, client: HttpClient.HttpClient): HttpClient.HttpClient => {
  const checked = HttpClient.filterStatusOk(client)
  return kind === "careful"
    ? HttpClient.retryTransient(checked, { times: 2, schedule: Schedule.exponential(250) })
    : checked
}

/** What the kind adds to a whole call. */
const finish = <A, E>(kind: Kind, call: Effect.Effect<A, E>): Effect.Effect<A, unknown> =>
  kind === "careful" ? Effect.timeout(call, "60 seconds") : call

/** Reads the response as the kind does. */
const reader = <A, I>(kind: Kind, schema: Schema.Schema<A, I>) => {
  const decode = HttpClientResponse.schemaBodyJson(schema)
  const parse = (response: Response): Effect.Effect<A, HttpClientError.ResponseError> =>
    Effect.map(response.json, (json) => json as A)
  return (response: Response): Effect.Effect<A, unknown> =>
    kind === "json" ? parse(response) : decode(response)
}

export const effectJobs = (kind: Kind, layer: TransportLayer): Jobs => {
  const open = async () => {
    const runtime = ManagedRuntime.make(layer)
    return { runtime, client: clientOf(kind, await runtime.runPromise(HttpClient.HttpClient)) }
  }

  const posting = async <Body, BodyI, A, I>(
    url: string,
    input: Body,
    inputSchema: Schema.Schema<Body, BodyI>,
    schema: Schema.Schema<A, I>,
    isRight: (result: A) => boolean
  ): Promise<Job> => {
    const { client, runtime } = await open()
    const encode = HttpClientRequest.schemaBodyJson(inputSchema)
    const read = reader(kind, schema)
    const call = Effect.suspend((): Effect.Effect<A, unknown> => {
      const request: Effect.Effect<Request, unknown> =
        kind === "careful"
          ? encode(post(url), input)
          : Effect.succeed(HttpClientRequest.bodyUnsafeJson(post(url), input))
      return request.pipe(Effect.flatMap(client.execute), Effect.flatMap(read))
    })
    return effectJob(runtime, finish(kind, call), isRight)
  }

  const reading = async <A, I>(
    url: string,
    token: string,
    schema: Schema.Schema<A, I>,
    isRight: (result: A) => boolean
  ): Promise<Job> => {
    const { client, runtime } = await open()
    const read = reader(kind, schema)
    const redacted = Redacted.make(token)
    const call = Effect.suspend(() => {
      const request = HttpClientRequest.setUrlParam(get(url, redacted), "limit", String(pageSize))
      return Effect.flatMap(client.execute(request), read)
    })
    return effectJob(runtime, finish(kind, call), isRight)
  }

  return {
    send: (origin) => posting(`${origin}/emails/send`, email, Email, Sent, isSent),
    batch: (origin) =>
      posting(`${origin}/emails/send/batch`, { messages: emails }, Batch, BatchSent, isBatchSent),
    messages: (origin) => reading(`${origin}/mailbox/messages`, mailboxKey, MessagePage, isPage),
    logs: (origin) => reading(`${origin}/emails/logs`, rootKey, LogPage, isPage),
    download: async (origin) => {
      const { client, runtime } = await open()
      const url = `${origin}/mailbox/messages/msg_1/attachments/${attachmentId(fileBytes)}`
      const bytes = HttpClientResponse.stream(Effect.suspend(() => client.execute(get(url, key))))
      const call = Stream.runFold(bytes, 0, (size, chunk) => size + chunk.byteLength)
      return effectJob(runtime, finish(kind, call), (size) => size === fileBytes)
    },
    upload: async (origin) => {
      const { client, runtime } = await open()
      const content = new Uint8Array(fileBytes).fill(7)
      const read = reader(kind, Uploaded)
      const call = Effect.suspend(() => {
        const request = HttpClientRequest.bodyUint8Array(
          post(`${origin}/emails/attachments?filename=report.bin`),
          content,
          "application/octet-stream"
        )
        return Effect.flatMap(client.execute(request), read)
      })
      return effectJob(runtime, finish(kind, call), ({ data }) => data.size_bytes === fileBytes)
    }
  }
}
