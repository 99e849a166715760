/**
 * The probe: what a program does with the SDK, written once for all runtimes. It uses nothing besides the SDK, Effect and the
 * web platform.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Mailbox } from "effect-sendmux/Mailbox"
import * as Sandbox from "effect-sendmux/Sandbox"
import { Sending } from "effect-sendmux/Sending"
import * as Webhooks from "effect-sendmux/Webhooks"

export interface Job {
  /** The origin of a served sandbox. */
  readonly origin: string
  /** The origin at which the probe finds the control of the sandbox. A page of another port must not use it directly. */
  readonly control: string
}

export interface Outcome {
  readonly probe: string
  readonly millis: number
  /** What went wrong, or `null`. */
  readonly problem: string | null
}

const check = (holds: boolean, claim: string): void => {
  if (!holds) throw new Error(`Expected ${claim}`)
}

/** A request to the control of the sandbox. */
const ask = (job: Job, path: string, body?: unknown) =>
  Effect.promise(async () => {
    const response = await fetch(`${job.control}/__sandbox${path}`, {
      ...(body === undefined
        ? {}
        : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } })
    })
    const text = await response.text()
    check(response.ok, `a success of the control for ${path}, and received ${response.status}: ${text}`)
    return JSON.parse(text)
  })

const email = (subject: string, to = "ada@example.org") => ({
  from: { email: "hello@example.com" },
  to: { email: to },
  subject,
  html_body: "<p>Hello</p>"
})

const deliver = (job: Job, subject: string) =>
  ask(job, "/inbound", { to: "agent@sandbox.test", subject, text: "Hello" })

interface Sent {
  readonly idempotencyKey: string | null
}

interface Received {
  readonly headers: Readonly<Record<string, string>>
}

/** The messages that the sandbox accepted with an idempotency key, and the requests that it received with it. */
const findByKey = (job: Job, key: string) =>
  Effect.gen(function* () {
    const { emails }: { readonly emails: ReadonlyArray<Sent> } = yield* ask(job, "/outbox")
    const { requests }: { readonly requests: ReadonlyArray<Received> } = yield* ask(job, "/requests")
    return {
      emails: emails.filter(({ idempotencyKey }) => idempotencyKey === key),
      requests: requests.filter(({ headers }) => headers["idempotency-key"] === key)
    }
  })

const runsInBrowser = (): boolean => {
  const agent: unknown = Reflect.get(Reflect.get(globalThis, "navigator") ?? {}, "userAgent")
  return typeof agent === "string" && agent.startsWith("Mozilla/")
}

const send = (job: Job) =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    const idempotencyKey = "probe-send"
    const { message_id, status } = yield* emails.send(email("Probe: send"), { idempotencyKey })
    check(status === "queued" && message_id.length > 0, `a queued message, and received the status ${status}`)
    const { requests } = yield* findByKey(job, idempotencyKey)
    const agent = requests[0]?.headers["user-agent"] ?? "none"
    const expected = runsInBrowser() ? "Mozilla/" : "effect-sendmux/"
    check(agent.startsWith(expected), `a User-Agent that begins with ${expected}, and received ${agent}`)
  })

const upload = () =>
  Effect.gen(function* () {
    const { attachments, emails } = yield* Sending
    const content = new Uint8Array(100_000).fill(65)
    const fromBytes = yield* attachments.upload({ filename: "bytes.txt", content })
    const fromBlob = yield* attachments.upload({ filename: "blob.txt", content: new Blob([content]) })
    const fromStream = yield* attachments.uploadDelegated({
      filename: "stream.txt",
      content: Stream.fromIterable([content, content]),
      size: 200_000
    })
    const ids = [fromBytes, fromBlob, fromStream].map(({ attachment_id }) => ({ attachment_id }))
    const { status } = yield* emails.send({ ...email("Probe: upload"), attachments: ids })
    check(status === "queued", `a queued message, and received the status ${status}`)
  })

const pagedStream = (job: Job) =>
  Effect.gen(function* () {
    const { messages } = yield* Mailbox
    for (let index = 0; index < 7; index++) yield* deliver(job, `Probe: page ${index}`)
    const read = [...(yield* Stream.runCollect(messages.list({ limit: 3 })))]
    const subjects = new Set(read.map(({ subject }) => subject))
    check(read.length === 7 && subjects.size === 7, `7 messages of 3 pages, and received ${read.length}`)
  })

const liveEvents = (job: Job) =>
  Effect.gen(function* () {
    const { events } = yield* Mailbox
    const produce = Effect.gen(function* () {
      yield* ask(job, "/wait?for=request&operation=mailbox.events.stream&status=200&timeout_ms=30000")
      for (let index = 0; index < 3; index++) yield* deliver(job, `Probe: event ${index}`)
    })
    const [received] = yield* Effect.all([Stream.runCollect(Stream.take(events.stream(), 3)), produce], {
      concurrency: "unbounded"
    })
    const tags = [...received].map(({ _tag }) => _tag)
    check(tags.join() === "MessageReceived,MessageReceived,MessageReceived", `3 events, and received ${tags}`)
  })

const secrets = Redacted.make("whsec_of_the_probe")

const delivery = JSON.stringify({
  id: "evt_1",
  type: "sendmux.test",
  team_public_id: "team_1",
  occurred_at: "2026-05-21T09:12:00Z",
  data: { recipients: [], webhook_id: "whk_1" }
})

const webhookVerify = () =>
  Effect.gen(function* () {
    const headers = yield* Webhooks.sign({ body: delivery, secret: secrets })
    const event = yield* Webhooks.verify({ body: delivery, headers, secrets })
    check(event.type === "sendmux.test", `an event of the type sendmux.test, and received ${event.type}`)
    const forged = delivery.replace("team_1", "team_2")
    const error = yield* Effect.flip(Webhooks.verify({ body: forged, headers, secrets }))
    check(
      error._tag === "WebhookVerificationError",
      `a forged delivery to be rejected, and received ${error._tag}`
    )
  })

const webhookHandler = () =>
  Effect.gen(function* () {
    let handled = 0
    const receive = Webhooks.toHandler({ secrets }, () =>
      Effect.sync(() => {
        handled++
      })
    )
    const headers = yield* Webhooks.sign({ body: delivery, secret: secrets })
    const post = (body: string) =>
      Effect.promise(async () => {
        const request = new Request("https://receiver.example/hook", {
          method: "POST",
          body,
          headers: { ...headers }
        })
        return (await receive(request)).status
      })
    const forged = delivery.replace("team_1", "team_2")
    const statuses = [yield* post(delivery), yield* post(delivery), yield* post(forged)]
    yield* Effect.promise(() => receive.dispose())
    check(statuses.join() === "200,200,401", `the statuses 200, 200 and 401, and received ${statuses}`)
    check(handled === 1, `one call of the handler, and counted ${handled}`)
  })

const sandboxInProcess = () =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    const control = yield* Sandbox.Control
    yield* emails.send(email("Probe: in process"))
    const outbox = yield* control.outbox
    check(outbox.length === 1, `one message in the outbox, and found ${outbox.length}`)
  }).pipe(
    Effect.provide(Sending.layer({ apiKey: Sandbox.mailboxKey }).pipe(Layer.provideMerge(Sandbox.layer)))
  )

const retryAfter = (job: Job) =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    yield* ask(job, "/faults", {
      operation: "sending.emails.send",
      kind: { _tag: "RateLimited", retryAfter: 2 }
    })
    const start = Date.now()
    const { meta } = yield* emails.send.withResponse(email("Probe: retry"))
    const millis = Date.now() - start
    check(meta.attempts === 2, `2 attempts, and counted ${meta.attempts}`)
    // Less than the 2 seconds of the header only by the rounding of clocks, and more than any delay of its own.
    check(millis >= 1900, `a delay of 2 seconds as the server said, and measured ${millis} ms`)
  })

const lostResponse = (job: Job) =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    const idempotencyKey = "probe-lost-response"
    yield* ask(job, "/faults", { operation: "sending.emails.send", kind: { _tag: "ResponseLost" } })
    const { status } = yield* emails.send(email("Probe: lost response"), { idempotencyKey })
    check(status === "queued", `a queued message, and received the status ${status}`)
    const found = yield* findByKey(job, idempotencyKey)
    // The SDK repeats the request, or the runtime does so itself, below the SDK.
    check(found.requests.length === 2, `2 requests, and counted ${found.requests.length}`)
    check(found.emails.length === 1, `one message in the outbox, and found ${found.emails.length}`)
  })

const probes: Readonly<Record<string, (job: Job) => Effect.Effect<void, unknown, Sending | Mailbox>>> = {
  send,
  upload,
  "paged stream": pagedStream,
  "live events": liveEvents,
  "webhook verify": webhookVerify,
  "webhook handler": webhookHandler,
  "sandbox in process": sandboxInProcess,
  "retry after": retryAfter,
  "lost response": lostResponse
}

const surfaces = ({ origin }: Job) =>
  Layer.merge(
    Sending.layer({ apiKey: Sandbox.mailboxKey, baseUrl: `${origin}/sending/api/v1` }),
    Mailbox.layer({ apiKey: Sandbox.mailboxKey, baseUrl: `${origin}/app/api/v1` })
  ).pipe(Layer.provide(FetchHttpClient.layer))

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Runs all probes, one after the other, and returns what became of each. */
export const run = async (job: Job): Promise<ReadonlyArray<Outcome>> => {
  const outcomes: Array<Outcome> = []
  for (const [probe, program] of Object.entries(probes)) {
    const start = Date.now()
    let problem: string | null = null
    try {
      await Effect.runPromise(program(job).pipe(Effect.timeout("60 seconds"), Effect.provide(surfaces(job))))
    } catch (error) {
      problem = text(error)
    }
    outcomes.push({ probe, problem, millis: Date.now() - start })
  }
  return outcomes
}
