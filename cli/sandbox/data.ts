/**
 * Continues a sandbox from the state in a folder, and saves it there.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Sandbox } from "../../src/Sandbox.js"
import type { DataFolder, Kept } from "../data/folder.js"
import { keepState } from "../data/keeper.js"
import { otherFormat } from "../data/stateFile.js"
import { attempt } from "../support/attempt.js"
import type { Problem } from "../support/problem.js"

const restore = (state: Sandbox["state"], { data, file, isOutdated, version }: Kept) =>
  Effect.try({
    try: () => state.restore(data, { mayBeOutdated: isOutdated }),
    catch: () => otherFormat(file, version)
  })

const counted = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`

/**
 * Continues a sandbox from the state in a folder, if there is one, and saves its state there until the scope closes. Succeeds with
 * a text that says what was loaded.
 */
export const continueState = (
  { control, state }: Sandbox,
  folder: DataFolder,
  seed: number | undefined
): Effect.Effect<string, Problem, Scope.Scope> =>
  Effect.gen(function* () {
    const { kept, path } = folder
    if (kept !== undefined) yield* restore(state, kept)
    yield* Effect.acquireRelease(
      attempt(keepState(state, folder, ({ message }) => console.error(`error: ${message}`))),
      // A problem of the last saving is one of the program, because nobody receives the error of a release.
      ({ end }) => Effect.promise(end)
    )
    if (kept === undefined) return `${path}, without an earlier state`
    if (kept.isOutdated) {
      yield* Console.error(
        `warning: the last process was killed before its last changes were saved for certain, so they may be lost; the state in ${path} is that of ${kept.savedAt}`
      )
    }
    if (seed !== undefined) {
      yield* Console.error(`note: --seed ${seed} takes effect at the next reset, because the ids continue`)
    }
    const { arrivals, emails } = yield* control.counters
    return `${path}, continued from ${kept.savedAt} (${counted(emails, "sent message")}, ${counted(arrivals, "received message")})`
  })
