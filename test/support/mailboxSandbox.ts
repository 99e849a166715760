/** The mailbox of the sandbox, with all surfaces. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Retry, Sandbox, Sending } from "../../src/index.js"
import { Mailbox } from "../../src/Mailbox.js"
import { Management } from "../../src/Management.js"

export const address = "agent@sandbox.test"

export const mailboxSandbox = (apiKey: Redacted.Redacted = Sandbox.mailboxKey) =>
  Layer.mergeAll(
    Mailbox.layer({ apiKey, retry: Retry.none }),
    Sending.layer({ apiKey: Sandbox.mailboxKey, retry: Retry.none }),
    Management.layer({ apiKey: Sandbox.rootKey, retry: Retry.none })
  ).pipe(Layer.provideMerge(Sandbox.layer))

export const all = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

/** Delivers a message to the mailbox and returns it as the mailbox lists it. */
export const deliver = (mail: Partial<Sandbox.InboundInput> = {}) =>
  Effect.gen(function* () {
    const control = yield* Sandbox.Control
    const { messages } = yield* Mailbox
    const known = new Set((yield* all(messages.list())).map(({ id }) => id))
    yield* control.deliver({ to: address, ...mail })
    const fresh = (yield* all(messages.list())).find(({ id }) => !known.has(id))
    return fresh ?? (yield* Effect.dieMessage("the message did not arrive"))
  })

export const folderOf = (role: string) =>
  Effect.gen(function* () {
    const { folders } = yield* Mailbox
    const folder = (yield* all(folders.list())).find((candidate) => candidate.role === role)
    return folder ?? (yield* Effect.dieMessage(`no folder has the role ${role}`))
  })
