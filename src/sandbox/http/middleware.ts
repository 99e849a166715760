/**
 * What stands between a request and its room: the credential, the rate limit and the idempotency key.
 */
import type { OperationFacts } from "../../internal/operation/operation.js"
import { type Answer, rateHeaders, refuse, type SandboxRequest } from "../exchange.js"
import { digest } from "../state/ids.js"
import { type Actor, kindFor, type Remembered, type World } from "../state/world.js"

/** Stands for whoever needs no key. */
const nobody: Actor = { keyId: "", name: "", kind: "mailbox", mailboxId: undefined }

/** Who calls, or a refusal. */
export const authenticate = (world: World, operation: OperationFacts, request: SandboxRequest): Actor => {
  if (!operation.authenticated) return nobody
  const header = request.headers["authorization"] ?? ""
  const actor = header.startsWith("Bearer ") ? world.actors.get(header.slice(7)) : undefined
  if (actor === undefined) return refuse("authentication_required", "The key is missing or not one of ours")
  // Both kinds of key may ask who they are.
  if (actor.kind !== kindFor(operation.surface)) {
    return refuse(
      "insufficient_permissions",
      actor.kind === "root"
        ? "A root key cannot act on a mailbox"
        : "A mailbox key cannot manage the team: use a root key"
    )
  }
  const mailbox = actor.mailboxId === undefined ? undefined : world.team.mailboxes.get(actor.mailboxId)
  if (mailbox?.status === "suspended") {
    return refuse("insufficient_permissions", "The mailbox of this key is suspended")
  }
  return actor
}

const windowMillis = 60_000

/** Counts a request, and gives the headers that tell how many are left. */
export const countRequest = (
  world: World,
  operation: OperationFacts,
  actor: Actor,
  now: number
): { readonly headers: Readonly<Record<string, string>>; readonly retryAfter: number | undefined } => {
  if (actor === nobody) return { headers: {}, retryAfter: undefined }
  const limit = world.limits[operation.surface]
  const key = `${operation.surface} ${actor.keyId}`
  let window = world.windows.get(key)
  if (window === undefined || now >= window.endsAt) {
    window = { endsAt: now + windowMillis, used: 0 }
    world.windows.set(key, window)
  }
  window.used++
  return {
    headers: rateHeaders(limit, Math.max(0, limit - window.used), window.endsAt),
    retryAfter: window.used > limit ? Math.max(1, Math.ceil((window.endsAt - now) / 1000)) : undefined
  }
}

const dayMillis = 24 * 60 * 60 * 1000

/** A request under an idempotency key: answered before, or to be run and remembered. */
export type Claim =
  | { readonly _tag: "Unkeyed" }
  | { readonly _tag: "Replay"; readonly answer: Answer }
  | {
      readonly _tag: "Run"
      /** Keeps the answer of a success; `readyAt` is when the first caller has it. */
      readonly keep: (answer: Answer, readyAt: number) => void
      /** Lets the key go, so that it may be used again. */
      readonly release: () => void
    }

/** Looks a request's idempotency key up; the key is scoped to the credential and the endpoint. */
export const claimKey = (
  world: World,
  operation: OperationFacts,
  actor: Actor,
  request: SandboxRequest,
  now: number
): Claim => {
  const key = operation.flags.idempotencyKey === true ? request.headers["idempotency-key"] : undefined
  if (key === undefined) return { _tag: "Unkeyed" }
  if (key === "" || key.length > 255) {
    return refuse("invalid_parameter", "Idempotency-Key must have 1 to 255 characters", {
      param: "Idempotency-Key"
    })
  }
  const name = JSON.stringify([actor.keyId, operation.http, operation.path, key])
  const fingerprint = `${request.url.pathname}${request.url.search} ${digest(request.body)}`
  const known = world.remembered.get(name)
  if (known !== undefined && known.until > now) return again(known, fingerprint, now)
  const mine: Remembered = { fingerprint, until: now + dayMillis, readyAt: undefined, answer: undefined }
  world.remembered.set(name, mine)
  return {
    _tag: "Run",
    keep: (answer, readyAt) => {
      mine.answer = answer
      mine.readyAt = readyAt
    },
    release: () => {
      world.remembered.delete(name)
    }
  }
}

const again = (known: Remembered, fingerprint: string, now: number): Claim => {
  if (known.fingerprint !== fingerprint) {
    return refuse("idempotency_conflict", "The idempotency key was used for another request")
  }
  if (known.answer === undefined || known.readyAt === undefined || known.readyAt > now) {
    return refuse("idempotency_conflict", "The first request with this idempotency key is still running")
  }
  return { _tag: "Replay", answer: known.answer }
}
