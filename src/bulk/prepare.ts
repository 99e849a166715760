/**
 * From a message to what is sent: checked, as JSON, and with the digest of its content.
 */
import * as Effect from "effect/Effect"
import { encodeEmail, invalidMessage } from "../sending/emails/batch.js"
import { canonicalJson, digestsOf, encodeUtf8 } from "./digest.js"
import type { ChunkItem } from "./ledger/model.js"
import type { BulkMessage, Rejected } from "./model.js"

/** A message on its way into a chunk. */
export interface Item extends ChunkItem {
  readonly _tag: "Item"
  /** The message as JSON. */
  readonly json: string
  /** The size of `json` in bytes. */
  readonly bytes: number
  /** Whether the message has to be sent alone. */
  readonly alone: boolean
  /** How often this run has sent it again after a transient failure of it. */
  readonly retries: number
}

const validId = /^[^\p{Cc}\p{Cs}]{1,255}$/u

const invalidId = (id: unknown): Rejected => ({
  _tag: "Rejected",
  id: typeof id === "string" ? id : "",
  error: invalidMessage([
    { path: "id", message: "must be text of 1 to 255 characters without control characters" }
  ])
})

/** Checks messages. A message that cannot be sent is `Rejected` with its issues. */
export const prepareAll = (
  messages: ReadonlyArray<BulkMessage>
): Effect.Effect<ReadonlyArray<Item | Rejected>> =>
  Effect.suspend(() => {
    const checked = messages.map(check)
    const encoded = checked.map((one) => ("json" in one ? encodeUtf8(one.json) : undefined))
    return Effect.map(
      digestsOf(encoded.filter((bytes) => bytes !== undefined)),
      (hashes): ReadonlyArray<Item | Rejected> => {
        let next = 0
        return checked.map((one, index) => {
          if (!("json" in one)) return one
          const bytes = encoded[index]?.byteLength ?? 0
          return {
            _tag: "Item",
            ...one,
            hash: hashes[next++] ?? "",
            attempts: 0,
            bytes,
            alone: false,
            retries: 0
          }
        })
      }
    )
  })

const check = (message: BulkMessage): Rejected | { readonly id: string; readonly json: string } => {
  const { email, id } = message ?? {}
  if (typeof id !== "string" || !validId.test(id)) return invalidId(id)
  const coded = encodeEmail(email)
  return coded.ok
    ? { id, json: canonicalJson(coded.value) }
    : { _tag: "Rejected", id, error: invalidMessage(coded.issues) }
}

/** A message whose content a ledger has kept. */
export const itemFrom = ({ attempts, hash, id }: ChunkItem, payload: string): Item => ({
  _tag: "Item",
  id,
  hash,
  attempts,
  payload,
  json: payload,
  bytes: encodeUtf8(payload).byteLength,
  alone: false,
  retries: 0
})

/** The messages of a chunk as a JSON array. */
export const bodyOf = (items: ReadonlyArray<Item>): string => `[${items.map(({ json }) => json).join(",")}]`
