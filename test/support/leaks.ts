/**
 * Secrets, and the ways in which an application could print one by mistake.
 */
import { inspect } from "node:util"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import { expect } from "vitest"
import { apiKey, type Seen } from "./http.js"
import { record, spanText } from "./telemetry.js"
import { recordWaits } from "./time.js"
import { prettyWithCauses } from "./dialect/causes.js"

export const token = "oauth/t0ken+with~signs=="
export const uploadToken = "upt_9f8e7d6c5b4a39281706"
const signature = "sig/5f4d+cc3b=="
export const uploadUrl = `https://uploads.test/put/0123456789abcdef0123?sig=${encodeURIComponent(signature)}`
export const password = "hunter2 & co"
const secrets = [apiKey, token, uploadToken, signature, "0123456789abcdef0123", password]

const forms = secrets.flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  btoa(secret)
])

/** Fails when a text contains a secret in any form. */
export const expectClean = (where: string, text: string) => {
  const leaked = forms.find((form) => text.includes(form))
  expect(leaked === undefined ? "clean" : `${where} leaks ${leaked}: ${text}`).toBe("clean")
}

/** The ways in which an application could print an error. */
const printers: Record<string, (error: unknown, cause: Cause.Cause<unknown>) => string> = {
  "String()": (error) => String(error),
  "a template": (error) => `${error}`,
  message: (error) => (error instanceof Error ? error.message : ""),
  stack: (error) => (error instanceof Error ? String(error.stack) : ""),
  cause: (error) => (error instanceof Error ? inspect(error.cause, { depth: 20 }) : ""),
  "JSON.stringify": (error) => JSON.stringify(error) ?? "",
  "util.inspect": (error) =>
    inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }),
  "util.inspect without hooks": (error) =>
    inspect(error, { depth: 20, customInspect: false, showHidden: true }),
  "Cause.pretty": (_, cause) => prettyWithCauses(cause),
  "the cause, inspected": (_, cause) => inspect(cause, { depth: 20, showHidden: true }),
  "the cause as JSON": (_, cause) => JSON.stringify(cause),
  "the error thrown by runPromise": (_, cause) => inspect(Cause.squash(cause), { depth: 20 })
}

/** Runs a call that must fail, and expects no secret in its error, its spans, its logs and the metrics. */
export const expectNoLeak = (call: Effect.Effect<unknown, unknown>, expected: string) =>
  Effect.gen(function* () {
    const { inspected, layer, logs, spans } = record()
    const logged = call.pipe(
      Effect.withSpan("outer"),
      Effect.tapErrorCause((cause) =>
        Effect.all([
          Effect.logError("the call failed", cause),
          Effect.logTrace(cause),
          Effect.annotateLogs(Effect.logInfo("annotated"), { cause })
        ])
      ),
      Effect.tapError((error) => Effect.logDebug(error))
    )
    const { exit } = yield* Effect.provide(recordWaits(logged), layer)
    if (Exit.isSuccess(exit)) return expect.unreachable("the call must fail")
    const error = Cause.squash(exit.cause)
    expect(error).toMatchObject({ _tag: expected })
    for (const [way, write] of Object.entries(printers)) expectClean(way, write(error, exit.cause))
    for (const span of spans) expectClean(`the span ${span.name}`, spanText(span))
    for (const log of [...logs, ...inspected]) expectClean("a log line", log)
    expect(logs.length).toBeGreaterThan(6)
    expectClean("the metrics", inspect(yield* Metric.snapshot, { depth: 20 }))
  })

/** Responds with everything that the request contains, in every field of a failure. */
export const echo = (status: number) => (request: Seen) => {
  const { authorization = "", ...others } = request.headers
  const quoted = [
    JSON.stringify({ authorization, ...others }),
    encodeURIComponent(authorization.replace("Bearer ", "")),
    request.url.href,
    request.url.pathname,
    request.body
  ].join(" ")
  const header = [authorization, request.headers["x-sendmux-upload-token"]].join(" ")
  return new Response(
    JSON.stringify({
      ok: false,
      error: {
        code: quoted,
        message: quoted,
        param: quoted,
        doc_url: quoted,
        retryable: false,
        errors: [{ field: quoted, code: quoted, message: quoted }]
      },
      meta: { request_id: quoted }
    }),
    { status, headers: { "x-request-id": header, etag: header, "www-authenticate": header } }
  )
}
