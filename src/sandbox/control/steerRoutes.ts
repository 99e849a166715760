/**
 * The routes of the control that change the state of the sandbox.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { optionalInput, record, requestDecoder } from "../../internal/dialect/schema.js"
import { minWindowMillis } from "../state/rateWindow.js"
import { type ControlRoute, failWith, okResponse, readJson, succeedWith, wrong } from "./dispatch.js"

const InboundBody = Schema.Struct({
  to: Schema.String,
  from: optionalInput(Schema.String),
  subject: optionalInput(Schema.String),
  text: optionalInput(Schema.String),
  html: optionalInput(Schema.String),
  headers: optionalInput(record(Schema.String)),
  spam: optionalInput(Schema.Boolean)
})

const RateLimitBody = Schema.Struct({
  limits: optionalInput(
    Schema.Struct({
      management: optionalInput(Schema.Number),
      mailbox: optionalInput(Schema.Number),
      sending: optionalInput(Schema.Number)
    })
  ),
  window_ms: optionalInput(Schema.Number)
})

const readInbound = requestDecoder(InboundBody)
const readRateLimit = requestDecoder(RateLimitBody)
const readForget = requestDecoder(Schema.Struct({ mailbox: Schema.String }))

export const steerRoutes: ReadonlyArray<ControlRoute> = [
  { method: "GET", pattern: "/health", handle: () => succeedWith() },
  {
    method: "POST",
    pattern: "/inbound",
    handle: ({ control, request }) =>
      Effect.gen(function* () {
        const mail = yield* readJson(request, readInbound)
        const arrived = yield* control.deliver(mail)
        return arrived === undefined
          ? yield* failWith("not_found", `No active mailbox has the address ${mail.to}`)
          : okResponse({ id: arrived.id, mailbox: arrived.mailboxId })
      })
  },
  {
    method: "POST",
    pattern: "/forget-changes",
    handle: ({ control, request }) =>
      Effect.gen(function* () {
        const { mailbox } = yield* readJson(request, readForget)
        if (yield* control.forgetChanges(mailbox)) return okResponse()
        return yield* failWith("not_found", `There is no mailbox ${mailbox}`)
      })
  },
  {
    method: "PATCH",
    pattern: "/rate-limit",
    handle: ({ control, request }) =>
      Effect.gen(function* () {
        const { limits, window_ms } = yield* readJson(request, readRateLimit)
        if (window_ms !== undefined && !(window_ms >= minWindowMillis)) {
          return yield* wrong("window_ms", `must be at least ${minWindowMillis}`)
        }
        for (const [surface, limit] of Object.entries(limits ?? {})) {
          if (limit !== undefined && !(limit >= 1)) {
            return yield* wrong(`limits.${surface}`, "must be at least 1")
          }
        }
        yield* control.setRateLimit({ limits, window: window_ms })
        return okResponse()
      })
  }
]
