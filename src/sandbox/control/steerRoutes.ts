/**
 * The routes of the control that change the state and the time of the sandbox.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { literals, optionalInput, requestDecoder } from "../../internal/dialect/schema.js"
import { minWindowMillis } from "../state/rateWindow.js"
import { maxAheadMillis } from "./control.js"
import { type ControlRoute, failWith, okResponse, readJson, succeedWith, wrong } from "./dispatch.js"

const readRateLimit = requestDecoder(
  Schema.Struct({
    limits: optionalInput(
      Schema.Struct({
        management: optionalInput(Schema.Number),
        mailbox: optionalInput(Schema.Number),
        sending: optionalInput(Schema.Number)
      })
    ),
    window_ms: optionalInput(Schema.Number)
  })
)
const readForget = requestDecoder(Schema.Struct({ mailbox: Schema.String }))
const readVerification = requestDecoder(
  Schema.Struct({
    verification: literals("pass", "hold", "fail"),
    for_ms: optionalInput(Schema.Number)
  })
)
const readExpire = requestDecoder(
  Schema.Struct({ what: literals("uploads", "downloads", "key"), key: optionalInput(Schema.String) })
)
const readAdvance = requestDecoder(Schema.Struct({ advance_ms: Schema.Number }))

const showTime = (millis: number) => ({ now: new Date(millis).toISOString(), now_ms: millis })

export const steerRoutes: ReadonlyArray<ControlRoute> = [
  { method: "GET", pattern: "/health", handle: () => succeedWith() },
  {
    method: "POST",
    pattern: "/reset",
    handle: ({ control }) =>
      Effect.gen(function* () {
        const unused = yield* control.unusedFaults
        yield* control.reset
        return okResponse({ unused_faults: unused })
      })
  },
  {
    method: "GET",
    pattern: "/counters",
    handle: ({ control }) => Effect.map(control.counters, (counters) => okResponse({ ...counters }))
  },
  {
    method: "GET",
    pattern: "/clock",
    handle: ({ control }) => Effect.map(control.now, (now) => okResponse(showTime(now)))
  },
  {
    method: "POST",
    pattern: "/clock",
    handle: ({ control, request, sandbox }) =>
      Effect.gen(function* () {
        const { advance_ms } = yield* readJson(request, readAdvance)
        const most = maxAheadMillis - sandbox.current.world.clock.ahead
        if (!(advance_ms >= 0 && advance_ms <= most)) {
          return yield* wrong("advance_ms", "must not be negative, and can add up to at most 100 years")
        }
        return okResponse(showTime(yield* control.advance(advance_ms)))
      })
  },
  {
    method: "POST",
    pattern: "/expire",
    handle: ({ control, request }) =>
      Effect.gen(function* () {
        const { key, what } = yield* readJson(request, readExpire)
        if (what !== "key") {
          if (key !== undefined) return yield* wrong("key", "can be set only if what is key")
          yield* what === "uploads" ? control.expireUploads : control.expireDownloads
          return okResponse()
        }
        if (key === undefined) return yield* wrong("key", "is missing. Set it to an API key or to its id")
        if (yield* control.expireKey(key)) return okResponse()
        // The key may be a secret, so the message does not contain it.
        return yield* failWith("not_found", "There is no such API key", { param: "key" })
      })
  },
  {
    method: "PATCH",
    pattern: "/domains/{domain}",
    handle: ({ control, params: [domain = ""], request }) =>
      Effect.gen(function* () {
        const { for_ms, verification } = yield* readJson(request, readVerification)
        if (for_ms !== undefined && !(for_ms >= 0)) return yield* wrong("for_ms", "must not be negative")
        if (yield* control.setVerification(domain, { verification, duration: for_ms })) return okResponse()
        return yield* failWith("not_found", `There is no domain ${domain}`)
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
