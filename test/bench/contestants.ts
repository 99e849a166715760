/**
 * The same call made in different ways: by hand, with Effect's own client as a careful user writes it, and with the
 * SDK, each over `fetch` and over undici.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Undici from "undici"
import { Management } from "../../src/Management.js"
import { Sending } from "../../src/Sending.js"
import { type Contestant, inParallel, workers } from "./cpu.js"
import { email, mailboxKey, rootKey } from "./fixtures.js"

const over = [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici]
] as const

/** So many runs of an effect, `workers` at a time. */
const runs =
  (runtime: ManagedRuntime.ManagedRuntime<never, unknown>, call: Effect.Effect<unknown, unknown>) =>
  (calls: number): Promise<void> =>
    runtime.runPromise(
      Effect.forEach(
        Array.from({ length: workers }),
        () => Effect.repeatN(call, Math.ceil(calls / workers) - 1),
        { concurrency: "unbounded", discard: true }
      )
    )

/** Contestants that need a client, once over each, and what lets go of them. */
const overEach = async (
  name: string,
  make: Effect.Effect<Effect.Effect<unknown, unknown>, unknown, HttpClient.HttpClient>
): Promise<ReadonlyArray<Contestant & { readonly close: () => Promise<void> }>> =>
  Promise.all(
    over.map(async ([transport, layer]) => {
      const runtime = ManagedRuntime.make(layer)
      const call = await runtime.runPromise(make)
      return {
        name: `${name} over ${transport}`,
        run: runs(ManagedRuntime.make(Layer.empty), call),
        close: () => runtime.dispose()
      }
    })
  )

export const byHand = "fetch by hand"

/** The names of a call made with Effect's own client, and with the SDK, over the same transport. */
export const pairs = over.map(([transport]) => ({
  transport,
  bare: `Effect's client, bare, over ${transport}`,
  careful: `Effect's client, careful, over ${transport}`,
  sdk: `effect-sendmux over ${transport}`
}))

export interface Field {
  readonly contestants: ReadonlyArray<Contestant>
  readonly close: () => Promise<void>
}

const field = (
  plain: ReadonlyArray<Contestant>,
  rest: ReadonlyArray<Contestant & { readonly close: () => Promise<void> }>
): Field => ({
  contestants: [...plain, ...rest],
  close: async () => {
    for (const { close } of rest) await close()
  }
})

// -----------------------------------------------------------------------------
// sending one message
// -----------------------------------------------------------------------------

const Address = Schema.Struct({ email: Schema.String, name: Schema.optional(Schema.String) })

const Email = Schema.Struct({
  from: Address,
  to: Address,
  subject: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(998)),
  html_body: Schema.String.pipe(Schema.minLength(1)),
  text_body: Schema.optional(Schema.String),
  custom_headers: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
})

const Sent = Schema.Struct({
  ok: Schema.Literal(true),
  data: Schema.Struct({ message_id: Schema.String, status: Schema.String }),
  meta: Schema.Struct({ request_id: Schema.String })
})

const sendHeaders = () => ({
  accept: "application/json",
  authorization: `Bearer ${mailboxKey}`,
  "content-type": "application/json",
  "idempotency-key": crypto.randomUUID()
})

/** The careful user's client: status checked, transient failures tried again, a span per request (its default). */
const carefulClient = (client: HttpClient.HttpClient) =>
  client.pipe(
    HttpClient.filterStatusOk,
    HttpClient.retryTransient({ times: 2, schedule: Schedule.exponential(250) })
  )

export const sendField = async (origin: string): Promise<Field> => {
  const url = `${origin}/emails/send`
  const key = Redacted.make(mailboxKey)
  const request = () =>
    HttpClientRequest.post(url).pipe(
      HttpClientRequest.acceptJson,
      HttpClientRequest.bearerToken(key),
      HttpClientRequest.setHeader("idempotency-key", crypto.randomUUID())
    )
  const encode = HttpClientRequest.schemaBodyJson(Email)
  const decode = HttpClientResponse.schemaBodyJson(Sent)
  const bare = Effect.map(HttpClient.HttpClient, (given) => {
    const client = HttpClient.filterStatusOk(given)
    return Effect.suspend(() =>
      Effect.flatMap(client.execute(HttpClientRequest.bodyUnsafeJson(request(), email)), decode)
    )
  })
  const careful = Effect.map(HttpClient.HttpClient, (given) => {
    const client = carefulClient(given)
    return Effect.suspend(() => encode(request(), email)).pipe(
      Effect.flatMap(client.execute),
      Effect.flatMap(decode),
      Effect.timeout("60 seconds")
    )
  })
  const sdk = Effect.map(Sending.make({ apiKey: key, baseUrl: origin }), (sending) =>
    Effect.suspend(() => sending.emails.send(email))
  )
  return field(
    [
      {
        name: byHand,
        run: inParallel(async () => {
          const response = await fetch(url, {
            method: "POST",
            headers: sendHeaders(),
            body: JSON.stringify(email)
          })
          if (!response.ok) throw new Error(`status ${response.status}`)
          return response.json()
        })
      },
      {
        name: "undici by hand",
        run: inParallel(async () => {
          const { body, statusCode } = await Undici.request(url, {
            method: "POST",
            headers: sendHeaders(),
            body: JSON.stringify(email)
          })
          if (statusCode !== 200) throw new Error(`status ${statusCode}`)
          return body.json()
        })
      }
    ],
    [
      ...(await overEach("Effect's client, bare,", bare)),
      ...(await overEach("Effect's client, careful,", careful)),
      ...(await overEach("effect-sendmux", sdk))
    ]
  )
}

// -----------------------------------------------------------------------------
// reading one page
// -----------------------------------------------------------------------------

const Log = Schema.Struct({
  id: Schema.String,
  provider_id: Schema.NullOr(Schema.String),
  provider_name: Schema.NullOr(Schema.String),
  message_id: Schema.NullOr(Schema.String),
  from_email: Schema.NullOr(Schema.String),
  sent_from_email: Schema.NullOr(Schema.String),
  to_email: Schema.NullOr(Schema.String),
  subject: Schema.NullOr(Schema.String),
  status: Schema.String,
  status_reason: Schema.NullOr(Schema.String),
  attempts: Schema.Number,
  sent_at: Schema.NullOr(Schema.DateTimeUtc),
  size_bytes: Schema.NullOr(Schema.Number),
  created_at: Schema.DateTimeUtc,
  recipient_count: Schema.NullOr(Schema.Number),
  accepted_recipient_count: Schema.NullOr(Schema.Number),
  rejected_recipient_count: Schema.NullOr(Schema.Number),
  delivery_group: Schema.NullOr(Schema.Array(Schema.String))
})

const LogPage = Schema.Struct({
  ok: Schema.Literal(true),
  data: Schema.Array(Log),
  pagination: Schema.Struct({ has_more: Schema.Boolean, next_cursor: Schema.optional(Schema.String) }),
  meta: Schema.Struct({ request_id: Schema.String })
})

const pageHeaders = { accept: "application/json", authorization: `Bearer ${rootKey}` }

export const pageField = async (origin: string): Promise<Field> => {
  const url = `${origin}/emails/logs?limit=100`
  const key = Redacted.make(rootKey)
  const request = () =>
    HttpClientRequest.get(`${origin}/emails/logs`).pipe(
      HttpClientRequest.acceptJson,
      HttpClientRequest.bearerToken(key),
      HttpClientRequest.setUrlParam("limit", "100")
    )
  const decode = HttpClientResponse.schemaBodyJson(LogPage)
  const bare = Effect.map(HttpClient.HttpClient, (given) => {
    const client = HttpClient.filterStatusOk(given)
    return Effect.suspend(() => Effect.flatMap(client.execute(request()), decode))
  })
  const careful = Effect.map(HttpClient.HttpClient, (given) => {
    const client = carefulClient(given)
    return Effect.suspend(() => Effect.flatMap(client.execute(request()), decode)).pipe(
      Effect.timeout("60 seconds")
    )
  })
  const sdk = Effect.map(Management.make({ apiKey: key, baseUrl: origin }), (management) =>
    Effect.suspend(() => management.emails.listLogs.page({ limit: 100 }))
  )
  return field(
    [
      {
        name: byHand,
        run: inParallel(async () => {
          const response = await fetch(url, { headers: pageHeaders })
          if (!response.ok) throw new Error(`status ${response.status}`)
          return response.json()
        })
      },
      {
        name: "undici by hand",
        run: inParallel(async () => {
          const { body, statusCode } = await Undici.request(url, { headers: pageHeaders })
          if (statusCode !== 200) throw new Error(`status ${statusCode}`)
          return body.json()
        })
      }
    ],
    [
      ...(await overEach("Effect's client, bare,", bare)),
      ...(await overEach("Effect's client, careful,", careful)),
      ...(await overEach("effect-sendmux", sdk))
    ]
  )
}
