import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { Call, type ManagedMailbox, Retry } from "../../src/Management.js"
import { failure, ok, type Seen } from "../support/http.js"
import { line, managementServer, tagged } from "../support/management.js"
import { errorOf, recordWaits } from "../support/time.js"

const mailbox = {
  id: "mbx_1",
  email: "ada@example.com",
  display_name: "Ada",
  status: "active",
  quota_bytes: 1_073_741_824,
  send_scope: null,
  created_at: "2026-08-01T10:00:00.000Z"
}

/** A server with one versioned mailbox, to which others write the given number of times, each before a write of ours. */
const contested = (otherWrites: number) => {
  let version = 1
  let current = mailbox
  let left = otherWrites
  return managementServer(({ body, headers, method }) => {
    if (method === "GET") return tagged(current, `W/"v${version}"`)
    if (left-- > 0) current = { ...current, display_name: `Rival ${++version}` }
    if (headers["if-match"] !== `W/"v${version}"`) return failure(409, "conflict")
    current = { ...current, ...JSON.parse(body) }
    return tagged(current, `W/"v${++version}"`)
  })
}

const shout = ({ display_name }: ManagedMailbox) => ({ display_name: `${display_name}!` })

const methods = (seen: ReadonlyArray<Seen>) => seen.map(({ method }) => method)

describe("modify", () => {
  it.effect(
    "reads the resource, applies the change, and writes it on the condition that the resource is unchanged",
    () => {
      const { management, seen } = contested(0)
      return Effect.gen(function* () {
        const { mailboxes } = yield* management
        const changed = yield* mailboxes.modify("mbx_1", shout)
        expect(changed.display_name).toBe("Ada!")
        expect(seen.map(line)).toEqual(["GET /mailboxes/mbx_1", "PATCH /mailboxes/mbx_1"])
        expect(seen[1]?.headers["if-match"]).toBe('W/"v1"')
        expect(JSON.parse(seen[1]?.body ?? "")).toEqual({ display_name: "Ada!" })
      })
    }
  )

  it.effect("reads the resource and applies the change again after a conflict", () => {
    const { management, seen } = contested(2)
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const { exit, waits } = yield* recordWaits(mailboxes.modify("mbx_1", shout))
      expect(Exit.map(exit, (changed) => changed.display_name)).toEqual(Exit.succeed("Rival 3!"))
      expect(methods(seen)).toEqual(["GET", "PATCH", "GET", "PATCH", "GET", "PATCH"])
      expect(waits).toEqual([25, 50])
    })
  })

  it.effect("fails at once if the next attempt would be after the deadline of the call", () => {
    const { management, seen } = contested(5)
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const { exit, waits } = yield* recordWaits(mailboxes.modify("mbx_1", shout).pipe(Call.deadline(60)))
      expect(errorOf(exit)).toMatchObject({
        _tag: "DeadlineExceededError",
        operation: "management.mailboxes.update",
        awaited: "Retry",
        attempts: 2,
        failure: { code: "conflict" }
      })
      expect(methods(seen)).toEqual(["GET", "PATCH", "GET", "PATCH"])
      expect(waits).toEqual([25])
    })
  })

  it.effect("recognizes a conflict by its status when the response body was truncated", () => {
    let conflicts = 1
    const { management, seen } = managementServer(({ method }) => {
      if (method === "PATCH" && conflicts-- > 0) return new Response('{"ok":false,"err', { status: 409 })
      return tagged(mailbox, 'W/"v1"')
    })
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const { exit } = yield* recordWaits(mailboxes.modify("mbx_1", shout))
      expect(Exit.isSuccess(exit)).toBe(true)
      expect(methods(seen)).toEqual(["GET", "PATCH", "GET", "PATCH"])
    })
  })

  it.effect("fails with the conflict when its retries are used up", () => {
    const { management, seen } = contested(Number.POSITIVE_INFINITY)
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const { exit, waits } = yield* recordWaits(mailboxes.modify("mbx_1", shout))
      expect(errorOf(exit)).toMatchObject({
        _tag: "APIError",
        code: "conflict",
        operation: "management.mailboxes.update"
      })
      expect(waits).toEqual([25, 50, 100, 200])
      expect(methods(seen).filter((method) => method === "PATCH")).toHaveLength(5)
    })
  })

  it.effect("retries conflicts as the given schedule says, or not at all", () => {
    const { management, seen } = contested(1)
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const error = yield* Effect.flip(mailboxes.modify("mbx_1", shout, { retry: Retry.none }))
      expect(error).toMatchObject({ code: "conflict" })
      expect(seen).toHaveLength(2)
    })
  })

  it.effect(
    "writes nothing when the change returns undefined, and succeeds with the resource that it read",
    () => {
      const { management, seen } = contested(0)
      return Effect.gen(function* () {
        const { mailboxes } = yield* management
        const { data, meta } = yield* mailboxes.modify.withResponse("mbx_1", ({ status }) =>
          status === "active" ? undefined : { display_name: null }
        )
        expect(data.display_name).toBe("Ada")
        expect(meta.etag).toBe('W/"v1"')
        expect(methods(seen)).toEqual(["GET"])
      })
    }
  )

  it.effect("accepts a change that is an Effect, and fails with the error of that Effect", () => {
    const { management, seen } = contested(0)
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const changed = yield* mailboxes.modify("mbx_1", (current) => Effect.succeed(shout(current)))
      expect(changed.display_name).toBe("Ada!")
      const own: "mine" = yield* Effect.flip(
        Effect.catchTags(
          mailboxes.modify("mbx_1", () => Effect.fail({ _tag: "mine" as const })),
          {
            APIError: Effect.die,
            DeadlineExceededError: Effect.die,
            InvalidRequestError: Effect.die,
            ResponseDecodeError: Effect.die,
            TransportError: Effect.die
          }
        )
      ).pipe(Effect.map(({ _tag }) => _tag))
      expect(own).toBe("mine")
      expect(methods(seen)).toEqual(["GET", "PATCH", "GET"])
    })
  })

  it.effect("does not retry a conflict error that comes from the change and not from the write", () => {
    const { management, seen } = contested(0)
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const elsewhere = Effect.flatMap(Effect.void, () =>
        mailboxes.update("mbx_2", { display_name: "B" }, { ifMatch: '"old"' })
      )
      const error = yield* Effect.flip(
        mailboxes.modify("mbx_1", () => Effect.map(elsewhere, () => undefined))
      )
      expect(error).toMatchObject({ code: "conflict" })
      expect(methods(seen)).toEqual(["GET", "PATCH"])
    })
  })

  it.effect("fails without writing when the response to the read has no ETag", () => {
    const { management, seen } = managementServer(() => ok(mailbox))
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const error = yield* Effect.flip(mailboxes.modify("mbx_1", shout))
      expect(error).toMatchObject({ _tag: "InvalidRequestError", operation: "management.mailboxes.update" })
      expect(error.message).toContain("no ETag")
      expect(methods(seen)).toEqual(["GET"])
    })
  })

  it.effect("does not repeat a write whose outcome is unknown", () => {
    const { management, seen } = managementServer(({ method }) =>
      method === "GET" ? tagged(mailbox, '"1"') : "network"
    )
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const { exit } = yield* recordWaits(mailboxes.modify("mbx_1", shout))
      expect(errorOf(exit)).toMatchObject({ _tag: "TransportError" })
      expect(methods(seen)).toEqual(["GET", "PATCH"])
    })
  })

  it.effect("passes the options of the call to its reads and its writes", () => {
    const { management, seen } = contested(0)
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      yield* mailboxes.modify("mbx_1", shout, { headers: { "x-why": "test" }, timeout: "1 second" })
      expect(seen.map(({ headers }) => headers["x-why"])).toEqual(["test", "test"])
    })
  })

  it.effect("rejects a change that is not a function", () => {
    const { management, seen } = contested(0)
    return Effect.gen(function* () {
      const { mailboxes } = yield* management
      const wrong: Effect.Effect<unknown, unknown> = Reflect.apply(mailboxes.modify, undefined, ["mbx_1", {}])
      const error = yield* Effect.flip(wrong)
      expect(String(error)).toContain("must be a function")
      expect(seen).toHaveLength(0)
    })
  })
})
