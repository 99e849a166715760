import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { DedupeStore, DedupeStoreError, toHandler } from "effect-sendmux/Webhooks"

interface Table {
  readonly has: (id: string) => Promise<boolean>
  readonly insert: (id: string) => Promise<void>
}

export const receiveInto = (table: Table) => {
  const ask = <A>(action: "isDone" | "markDone", run: () => Promise<A>) =>
    Effect.tryPromise({ try: run, catch: () => new DedupeStoreError({ action, reason: "the table is not there" }) })
  const dedupe = DedupeStore.layer({
    isDone: (id) => ask("isDone", () => table.has(id)),
    markDone: (id) => ask("markDone", () => table.insert(id))
  })
  return toHandler({ secrets: Redacted.make("whsec_example"), dedupe }, (event) => Effect.log(event.type))
}

export {}
