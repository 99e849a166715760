/**
 * From a message to what is sent: checked, as JSON, and with the digest of its content.
 */
import * as Effect from "effect/Effect"
import { encodeEmail, invalidMessage } from "../sending/emails/batch.js"
import { canonicalJson } from "../internal/values/json.js"
import { digestsOf, encodeUtf8 } from "./digest.js"
import type { ChunkItem } from "./ledger/model.js"
import type { BulkMessage, Rejected } from "./model.js"
import { nameRule } from "./names.js"

/** A message that is ready for a chunk. */
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

const ids = /* @__PURE__ */ nameRule(255)

const invalidId = (id: unknown): Rejected => ({
  _tag: "Rejected",
  id: typeof id === "string" ? id : "",
  error: invalidMessage([{ path: "id", message: ids.message }])
})

const makeItem = (item: ChunkItem, json: string, bytes: number): Item => ({
  _tag: "Item",
  ...item,
  json,
  bytes,
  alone: false,
  retries: 0
})

/** Checks messages. A message that cannot be sent is `Rejected` with its issues. */
export const prepareAll = (
  messages: ReadonlyArray<BulkMessage>
): Effect.Effect<ReadonlyArray<Item | Rejected>> =>
  Effect.suspend(() => {
    const checked = messages.map(check)
    const encoded = checked.flatMap((one) => ("utf8" in one ? [one.utf8] : []))
    return Effect.map(digestsOf(encoded), (hashes) => {
      let next = 0
      return checked.map((one) =>
        "utf8" in one
          ? makeItem({ id: one.id, hash: hashes[next++] ?? "", attempts: 0 }, one.json, one.utf8.byteLength)
          : one
      )
    })
  })

/** A message that can be sent. */
interface Encoded {
  readonly id: string
  readonly json: string
  /** The bytes of `json`. */
  readonly utf8: Uint8Array
}

const check = (message: BulkMessage): Rejected | Encoded => {
  const { email, id } = message ?? {}
  if (!ids.fits(id)) return invalidId(id)
  const coded = encodeEmail(email)
  if (!coded.ok) return { _tag: "Rejected", id, error: invalidMessage(coded.issues) }
  const json = canonicalJson(coded.value)
  return { id, json, utf8: encodeUtf8(json) }
}

/** A message whose content a ledger has kept. */
export const itemFrom = ({ attempts, hash, id }: ChunkItem, payload: string): Item =>
  makeItem({ id, hash, attempts, payload }, payload, encodeUtf8(payload).byteLength)

/** The messages of a chunk as a JSON array. */
export const bodyOf = (items: ReadonlyArray<Item>): string => `[${items.map(({ json }) => json).join(",")}]`
