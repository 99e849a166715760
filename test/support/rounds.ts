/**
 * Rounds of a follower over lists in memory.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { policy } from "../../src/internal/timing/retry.js"
import type { SyncType } from "../../src/mailbox/changes/schemas.js"
import { follower } from "../../src/mailbox/sync/follower.js"
import type { SyncStates } from "../../src/mailbox/sync/readChanges.js"
import type { changesFrom } from "./changes.js"
import { untyped } from "./synthetic.js"
import { recordWaits } from "./time.js"

/** Sources whose lists have the given pages, each with a number of items, and whose every item exists. */
export const sourcesOf = (pages: ReadonlyArray<number>, found: (id: string) => boolean = () => true) => {
  const log: Array<string> = []
  const source = (type: SyncType) => ({
    updatesMove: type !== "messages",
    reset: (states: SyncStates) => ({ _tag: "Reset", type, states }),
    removed: (ids: ReadonlyArray<string>) => ids.map((id) => ({ _tag: "Removed", type, id })),
    page: (cursor: string | undefined) =>
      Effect.sync(() => {
        const at = Number(cursor ?? "0")
        log.push(`${type} page ${at}`)
        return {
          items: Array.from({ length: pages[at] ?? 0 }, (_, index) => ({
            _tag: "Snapshot",
            type,
            id: `${at}.${index}`
          })),
          next: at + 1 < pages.length ? String(at + 1) : undefined
        }
      }),
    changed: (tag: string, ids: ReadonlyArray<string>) =>
      Effect.sync(() => {
        if (ids.length > 0) log.push(`${type} ${tag} ${ids.join(",")}`)
        return ids.map((id) => ({ _tag: found(id) ? tag : "Removed", type, id }))
      })
  })
  return { log, sources: { messages: source("messages"), folders: source("folders") } }
}

/** Runs the first round of a follower, and describes its events as lines. `stream` runs the next one. */
export const round = (
  server: ReturnType<typeof changesFrom>,
  { log, sources }: ReturnType<typeof sourcesOf>,
  types: ReadonlyArray<SyncType>,
  since: SyncStates,
  retry = policy({ maxAttempts: 3 })
) =>
  Effect.gen(function* () {
    const stream = follower({
      changes: server.groups.changes,
      sources: untyped(sources),
      types,
      since,
      limit: 50,
      retry,
      options: {}
    })
    const { exit, waits } = yield* recordWaits(Stream.runCollect(stream))
    const events = Exit.isSuccess(exit) ? Chunk.toReadonlyArray(exit.value) : []
    const lines = events.map((event) =>
      event._tag === "Checkpoint"
        ? `checkpoint${event.caughtUp ? "!" : ""} ${JSON.stringify(event.states)}`
        : event._tag === "Reset"
          ? `reset ${event.type} ${JSON.stringify(event.states)}`
          : `${event._tag} ${event.type} ${event.id}`
    )
    return { exit, lines, log, waits, stream }
  })
