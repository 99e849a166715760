/**
 * Compares the raw responses of the sandbox with the facts of the API's contract.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Retry, Sandbox, Sending } from "../../src/index.js"
import type { Surface } from "../../src/internal/operation/operation.js"
import { Mailbox } from "../../src/Mailbox.js"
import { Management } from "../../src/Management.js"
import type { DocumentedOperation } from "../contract/contract.js"
import { readFacts } from "../contract/facts.js"
import { bare, keys, servers } from "../support/bare.js"
import { prober } from "../support/prober.js"
import { successProblems } from "../support/rawResponses.js"
import { serve } from "../support/sandbox.js"
import { useMailbox, useManagement, useSending } from "../support/scenarios.js"

/** Limits that the probes do not reach. */
const limits = { sending: 100_000, mailbox: 100_000, management: 100_000 }

const scenarios = { sending: useSending, management: useManagement, mailbox: useMailbox } as const

const surfaces = ["sending", "management", "mailbox"] as const

const services = (
  client: HttpClient.HttpClient,
  control: Sandbox.SandboxControl,
  base: Partial<Record<Surface, string>> = {}
) =>
  Effect.all({
    sending: Sending.make({ apiKey: Sandbox.mailboxKey, retry: Retry.none, baseUrl: base.sending }),
    management: Management.make({ apiKey: Sandbox.rootKey, retry: Retry.none, baseUrl: base.management }),
    mailbox: Mailbox.make({ apiKey: Sandbox.mailboxKey, retry: Retry.none, baseUrl: base.mailbox }),
    control: Effect.succeed(control)
  }).pipe(Effect.provideService(HttpClient.HttpClient, client))

/** Runs an effect under the test clock and advances the clock until the effect ends. */
const running = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(work)
    while ((yield* Fiber.poll(fiber))._tag === "None") {
      yield* TestClock.adjust("10 millis")
      yield* Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
    }
    return yield* Fiber.join(fiber)
  })

/** The probes that the prober has to make for an operation. */
const probesOf = (document: DocumentedOperation): ReadonlyArray<string> => [
  ...(document.authenticated ? ["no key", "unknown key", "wrong key"] : []),
  ...(document.authenticated && document.path.includes("{") ? ["unknown id"] : []),
  ...(document.notModified ? ["same ETag", "other ETag"] : []),
  ...(document.headers.has("if-match") ? ["stale ETag"] : []),
  ...(document.headers.has("idempotency-key") ? ["replay", "key of another body"] : []),
  ...(document.paginated ? ["cursor nonsense"] : []),
  ...(document.body === "json" ? ["no JSON", "unknown field"] : [])
]

const documents = readFacts()
const namesOf = (surface: Surface) =>
  documents.operations.flatMap(({ name }) => (name.startsWith(`${surface}.`) ? [name] : []))

describe("the contract of the sandbox", () => {
  for (const surface of surfaces) {
    it.scoped(
      `responds to every ${surface} operation as documented, and rejects invalid requests`,
      () =>
        Effect.gen(function* () {
          const { client, control } = yield* Sandbox.make({ limits })
          const probing = prober(client, documents, keys)
          yield* running(scenarios[surface](yield* services(probing.client, control)))
          expect(probing.problems).toEqual([])
          expect(namesOf(surface).filter((name) => !probing.called.has(name))).toEqual([])
          const expected = documents.operations
            .filter((document) => document.surface === surface)
            .flatMap((document) => probesOf(document).map((probe) => `${probe} ${document.name}`))
          expect(expected.filter((probe) => !probing.probes.has(probe))).toEqual([])
        }),
      240_000
    )

    it.live(
      `responds to every ${surface} operation as documented over a socket`,
      () =>
        Effect.gen(function* () {
          const { control, httpApp } = yield* Sandbox.make({ limits })
          const url = yield* serve({ httpApp })
          const bases = { sending: `${url}/sending/api/v1`, app: `${url}/app/api/v1` }
          const probing = prober(yield* HttpClient.HttpClient, documents, keys, {
            documented: ({ href }) =>
              new URL(href.replace(bases.sending, servers.sending).replace(bases.app, servers.mailbox))
          })
          yield* scenarios[surface](
            yield* services(probing.client, control, {
              sending: bases.sending,
              management: bases.app,
              mailbox: bases.app
            })
          )
          expect(probing.problems).toEqual([])
          expect(namesOf(surface).filter((name) => !probing.called.has(name))).toEqual([])
        }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer)),
      240_000
    )
  }
})

describe("the comparison of raw responses", () => {
  const documentOf = (name: string) => {
    const document = documents.operations.find((one) => one.name === name)
    if (document === undefined) throw new Error(`There is no operation ${name}`)
    return document
  }

  it.scoped("reports fields that are missing, unknown, null or of the wrong type", () =>
    Effect.gen(function* () {
      const { send } = yield* bare(documents)
      const response = yield* send("management", "GET /mailboxes/mbx_sandbox")
      const { data, meta, ok } = JSON.parse(response.body)
      const problems = (change: object, headers: object = {}, status = 200) =>
        successProblems(documentOf("management.mailboxes.get"), {
          status,
          headers: { ...response.headers, ...headers },
          body: JSON.stringify({ ok, data, meta, ...change })
        })
      expect(problems({})).toEqual([])
      const { email: _, ...rest } = data
      expect(problems({ data: rest })).toEqual(["data (Mailbox): lacks email"])
      expect(problems({ data: { ...data, nickname: "A" } })).toEqual([
        "data (Mailbox): has the unknown field nickname"
      ])
      expect(problems({ data: { ...data, quota_bytes: "1" } })).toEqual([
        "data.quota_bytes (Mailbox.quota_bytes): is 1"
      ])
      expect(problems({ data: { ...data, status: null } })).toEqual(["data.status (Mailbox.status): is null"])
      expect(problems({ data: { ...data, created_at: "yesterday" } })).toHaveLength(1)
      expect(problems({ meta: { ...meta, extra: 1 } })).toEqual(["its meta has request_id,extra"])
      expect(problems({ pagination: { has_more: false } })).toEqual(["has a pagination"])
      expect(problems({}, { etag: undefined }, 201)).toEqual(["is 201", "has no ETag"])
      expect(problems({}, { "x-request-id": "req_other" })).toEqual([
        "has a request id in its body that differs from its header"
      ])
      expect(problems({}, { "x-ratelimit-reset": undefined })).toEqual(["has no x-ratelimit-reset"])
    })
  )

  it("reports pages and events that differ from their documentation", () => {
    const headers = { "x-request-id": "req_1", "content-type": "application/json" }
    const page = (pagination: object) =>
      successProblems(documentOf("management.webhooks.list"), {
        status: 200,
        headers,
        body: JSON.stringify({ ok: true, data: [], pagination, meta: { request_id: "req_1" } })
      }).filter((problem) => problem.includes("pagination"))
    expect(page({ has_more: false })).toEqual([])
    expect(page({ has_more: true, next_cursor: "c" })).toEqual([])
    expect(page({ has_more: true })).toHaveLength(1)
    expect(page({ has_more: false, next_cursor: null })).toHaveLength(1)
    const events = successProblems(documentOf("mailbox.events.stream"), {
      status: 200,
      headers: { ...headers, "content-type": "text/event-stream" },
      body: 'id: 1\nevent: message.received\ndata: {"event_type":"sync_required"}\n\n'
    })
    expect(events).toContain("has an event name that differs from its data")
    expect(events.filter((problem) => problem.includes("lacks"))).toHaveLength(9)
  })
})
