import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { ResponseDecodeError } from "../../src/internal/model/errors.js"
import { isOddResponse, listenAgain } from "../../src/mailbox/endless.js"
import { errorsOf } from "../support/errors.js"
import { errorOf, recordWaits } from "../support/time.js"

const operation = "mailbox.events.stream"

const { apiError, transportError } = errorsOf(operation)

const odd = new ResponseDecodeError({ operation, status: 200, requestId: undefined, issue: "HTML" })

describe("an odd response", () => {
  it("is one that did not come from the API", () => {
    expect(isOddResponse(odd)).toBe(true)
    expect(isOddResponse(apiError(404, { code: "http_404" }))).toBe(true)
    expect(isOddResponse(apiError(404, { code: "not_found" }))).toBe(false)
    expect(isOddResponse(apiError(401, { code: "http_401" }))).toBe(false)
    expect(isOddResponse(apiError(403, { code: "http_403" }))).toBe(false)
    expect(isOddResponse(transportError("Network"))).toBe(false)
  })

  it.effect("makes a listener try again after 30 seconds, and another failure ends it", () =>
    Effect.gen(function* () {
      let times = 0
      const refused = apiError(403, { code: "insufficient_permissions" })
      const signals = Stream.suspend(() =>
        Stream.concat(Stream.make(++times), Stream.fail(times < 4 ? odd : refused))
      )
      const seen: Array<number> = []
      const { exit, waits } = yield* recordWaits(
        Stream.runForEach(listenAgain(operation, signals), (time) => Effect.sync(() => seen.push(time)))
      )
      expect(errorOf(exit)).toBe(refused)
      expect([seen, waits]).toEqual([
        [1, 2, 3, 4],
        [30_000, 30_000, 30_000]
      ])
    })
  )
})
