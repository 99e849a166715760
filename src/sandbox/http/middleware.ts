/**
 * The middleware that every call passes: the credential, the rate limit and the idempotency key.
 */
import type { LocalRequest, LocalResponse } from "../../internal/dialect/shared/localClient.js"
import type { OperationFacts } from "../../internal/operation/operation.js"
import { fail, rateHeaders } from "../exchange.js"
import { tokenActor } from "../oauth/tokenActor.js"
import { digest } from "../state/ids.js"
import { day } from "../state/team.js"
import { type Actor, type IdempotencyRecord, kindFor, type World } from "../state/world.js"

/** The actor of an operation that needs no key. */
const anonymous: Actor = { keyId: "", name: "", kind: "mailbox", mailboxId: undefined }

/** Returns the owner of the key or of the access token in a request, or fails. */
export const authenticate = (
  world: World,
  operation: OperationFacts,
  request: LocalRequest,
  now: number
): Actor => {
  if (!operation.authenticated) return anonymous
  const header = request.headers["authorization"] ?? ""
  const [, key = ""] = /^bearer +(\S+)$/i.exec(header) ?? []
  const actor = world.actors.get(key) ?? tokenActor(world, operation, key, now)
  if (actor === undefined) return fail("authentication_required", "The API key is missing or unknown")
  if (world.expiredKeys.has(actor.keyId)) {
    return fail("authentication_required", "The API key has expired")
  }
  if (actor.kind !== "team" && actor.kind !== kindFor(operation.surface)) {
    return fail(
      "insufficient_permissions",
      actor.kind === "root"
        ? "A root key cannot be used for a mailbox. Use a mailbox key"
        : "A mailbox key cannot manage the team. Use a root key"
    )
  }
  const mailbox = actor.mailboxId === undefined ? undefined : world.team.mailboxes.get(actor.mailboxId)
  if (mailbox?.status === "suspended") {
    return fail("insufficient_permissions", "The mailbox of this key is suspended")
  }
  return actor
}

/** The result of counting a request. `retryAfter` is in seconds, and set if the limit is exceeded. */
interface RateState {
  readonly headers: Readonly<Record<string, string>>
  readonly retryAfter: number | undefined
}

/** Counts a request. Each key has its own window for each surface. */
export const countRequest = (
  world: World,
  operation: OperationFacts,
  actor: Actor,
  now: number
): RateState => {
  if (actor === anonymous) return { headers: {}, retryAfter: undefined }
  const limit = world.rate.limits[operation.surface]
  const key = `${operation.surface} ${actor.keyId}`
  let window = world.windows.get(key)
  if (window === undefined || now >= window.endsAt) {
    window = { endsAt: now + world.rate.windowMillis, used: 0 }
    world.windows.set(key, window)
  }
  window.used++
  return {
    headers: rateHeaders(limit, Math.max(0, limit - window.used), window.endsAt),
    retryAfter: window.used > limit ? Math.max(1, Math.ceil((window.endsAt - now) / 1000)) : undefined
  }
}

/** What the idempotency key of a request means for the call. */
export type Claim =
  /** The request has no key. */
  | { readonly _tag: "Unkeyed" }
  /** The key was used before for the same request. */
  | { readonly _tag: "Replay"; readonly response: LocalResponse }
  /** The call has to run. */
  | {
      readonly _tag: "Run"
      /** Stores the response of a success. `readyAt` is when the first caller receives it. */
      readonly keep: (response: LocalResponse, readyAt: number) => void
      /** Releases the key after a failure, so that it may be used again. */
      readonly release: () => void
    }

/** Looks up the idempotency key of a request. A key is scoped to the credential and the endpoint. */
export const claimKey = (
  world: World,
  operation: OperationFacts,
  actor: Actor,
  request: LocalRequest,
  now: number
): Claim => {
  const key = operation.flags.idempotencyKey === true ? request.headers["idempotency-key"] : undefined
  if (key === undefined) return { _tag: "Unkeyed" }
  if (key === "" || key.length > 255) {
    return fail("invalid_parameter", "Idempotency-Key must have 1 to 255 characters", {
      param: "Idempotency-Key"
    })
  }
  const name = JSON.stringify([actor.keyId, operation.http, operation.path, key])
  const fingerprint = `${request.url.pathname}${request.url.search} ${digest(request.body)}`
  forgetExpired(world, now)
  const known = world.idempotencyRecords.get(name)
  if (known !== undefined && known.until > now) return replay(known, fingerprint, now)
  const record: IdempotencyRecord = {
    fingerprint,
    until: now + day,
    readyAt: undefined,
    response: undefined
  }
  world.idempotencyRecords.set(name, record)
  return {
    _tag: "Run",
    keep: (response, readyAt) => {
      record.response = response
      record.readyAt = readyAt
    },
    release: () => {
      if (world.idempotencyRecords.get(name) === record) world.idempotencyRecords.delete(name)
    }
  }
}

/** Deletes the records that expired. Each lives equally long, so the oldest expires first. */
const forgetExpired = ({ idempotencyRecords }: World, now: number): void =>
  idempotencyRecords.dropWhile(({ until }) => until <= now)

const replay = (known: IdempotencyRecord, fingerprint: string, now: number): Claim => {
  if (known.fingerprint !== fingerprint) {
    return fail("idempotency_conflict", "The idempotency key was used for a different request")
  }
  if (known.response === undefined || known.readyAt === undefined || known.readyAt > now) {
    return fail("idempotency_conflict", "The first request with this idempotency key is still running")
  }
  return { _tag: "Replay", response: known.response }
}
