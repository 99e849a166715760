/**
 * A program that the benchmark bundles for each major version of Effect: calls over a client that returns prepared responses,
 * written with the SDK or with Effect's own client. It prints the processor time of a call in microseconds.
 *
 * Arguments: `sdk` or `bare`, `send` or `messages`, the number of calls for the warm-up, and the number of measured calls.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Mailbox } from "../../src/Mailbox.js"
import { Sending } from "../../src/Sending.js"

const [client, job, warmup, units, body = ""] = process.argv.slice(2)

const mock = HttpClient.make((request) =>
  Effect.sync(() =>
    HttpClientResponse.fromWeb(
      request,
      new Response(body, {
        headers: { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }
      })
    )
  )
)

const email = {
  from: { email: "hello@example.com", name: "Example" },
  to: { email: "ada@example.com", name: "Ada" },
  subject: "Welcome to Example",
  html_body: `<!doctype html><h1>Welcome</h1><p>${"It is good to have you here. ".repeat(40)}</p>`
}

const options = { apiKey: Redacted.make("smx_mbx_bench_0123456789") }

const bare = {
  send: HttpClientRequest.post("https://api.example.com/emails/send").pipe(
    HttpClientRequest.bearerToken("smx_mbx_bench_0123456789"),
    HttpClientRequest.bodyUnsafeJson(email),
    (request) => Effect.flatMap(mock.execute(request), (response) => response.json)
  ),
  messages: HttpClientRequest.get("https://api.example.com/mailbox/messages").pipe(
    HttpClientRequest.bearerToken("smx_mbx_bench_0123456789"),
    (request) => Effect.flatMap(mock.execute(request), (response) => response.json)
  )
}

const sdk = {
  send: Effect.map(Sending.make(options), ({ emails }) => Effect.suspend(() => emails.send(email))),
  messages: Effect.map(Mailbox.make(options), ({ messages }) => Effect.suspend(() => messages.list.page()))
}

const callOf = (): Effect.Effect<Effect.Effect<unknown, unknown>> => {
  const name = job === "messages" ? "messages" : "send"
  if (client === "bare") return Effect.succeed(bare[name])
  const made: Effect.Effect<Effect.Effect<unknown, unknown>, unknown, HttpClient.HttpClient> = sdk[name]
  return Effect.orDie(Effect.provideService(made, HttpClient.HttpClient, mock))
}

const times = (call: Effect.Effect<unknown, unknown>, count: number) =>
  Effect.promise(async () => {
    for (let made = 0; made < count; made++) await Effect.runPromise(call)
  })

const program = Effect.gen(function* () {
  const call = yield* callOf()
  yield* times(call, Number(warmup))
  const before = process.cpuUsage()
  yield* times(call, Number(units))
  const { system, user } = process.cpuUsage(before)
  return (system + user) / Number(units)
})

console.log(await Effect.runPromise(program))
