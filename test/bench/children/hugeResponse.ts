/**
 * Receives one huge response with the SDK, and reports how much memory that took.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Retry } from "../../../src/index.js"
import { Mailbox, type MailboxService } from "../../../src/Mailbox.js"
import { mailboxKey } from "../fixtures.js"
import { report, request } from "../harness/child.js"

export interface HugeRequest {
  readonly call: "message" | "list" | "events" | "download"
  readonly client: "fetch" | "undici"
  /** The origin that responds to calls as usual, and the origin with the huge response. */
  readonly usual: string
  readonly huge: string
}

export interface HugeResult {
  /** How the call ended. */
  readonly outcome: string
  /** The resident memory before the call, and the most during it, in bytes. */
  readonly before: number
  readonly peak: number
}

const { call, client, huge, usual } = request<HugeRequest>()

const run = (mailbox: MailboxService): Effect.Effect<unknown, unknown> => {
  switch (call) {
    case "message":
      return mailbox.messages.get("msg_1")
    case "list":
      return mailbox.messages.list.page()
    case "events":
      return Stream.runHead(mailbox.events.stream())
    case "download":
      return Stream.runDrain(mailbox.attachments.download("msg_1", "att_1"))
  }
}

const nameOf = (error: unknown): string =>
  [
    Reflect.get(Object(error), "_tag"),
    Reflect.get(Object(error), "reason") ?? Reflect.get(Object(error), "code")
  ]
    .filter((part) => typeof part === "string")
    .join(" ")

const outcomeOf = (origin: string) =>
  Effect.gen(function* () {
    const mailbox = yield* Mailbox.make({
      apiKey: Redacted.make(mailboxKey),
      baseUrl: origin,
      retry: Retry.none
    })
    const exit = yield* Effect.exit(Effect.mapError(run(mailbox), nameOf))
    if (Exit.isSuccess(exit)) return "success"
    return exit.cause._tag === "Fail" ? exit.cause.error : exit.cause._tag
  })

const program = Effect.gen(function* () {
  for (let times = 0; times < 20; times++) {
    const outcome = yield* outcomeOf(usual)
    if (outcome !== "success") throw new Error(`a usual response ended with ${outcome}`)
  }
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const outcome = yield* outcomeOf(huge)
  return { outcome, before, peak: process.resourceUsage().maxRSS * 1024 } satisfies HugeResult
})

report(
  await Effect.runPromise(
    Effect.provide(program, client === "fetch" ? FetchHttpClient.layer : NodeHttpClient.layerUndici)
  )
)
