/**
 * Saves the state of a sandbox in a folder, soon after it has changed.
 */
import type { SandboxState } from "../../src/sandbox/instance.js"
import { Problem, reasonOf } from "../support/problem.js"
import type { DataFolder } from "./folder.js"

/** How long a change waits until it is saved. A killed process loses the changes of this time. */
const minDelayMillis = 1_000

/** The longest wait, for a large state. */
const maxDelayMillis = 10_000

/** The part of the time in which a state may be copied, because no request is handled meanwhile. */
const maxShare = 0.1

export interface Keeper {
  /** Saves the state for the last time. Rejects with a `Problem` if that fails. */
  readonly end: () => Promise<void>
}

const problemOf = (path: string, error: unknown): Problem =>
  error instanceof Problem ? error : new Problem(`cannot save the state in ${path}: ${reasonOf(error)}`)

/**
 * Saves a state in a folder, now and after each change. `onFailure` is called when saving begins to fail; it is tried again after
 * the next delay. Rejects with a `Problem` if the state cannot be saved now.
 */
export const keepState = async (
  state: SandboxState,
  folder: DataFolder,
  onFailure: (problem: Problem) => void
): Promise<Keeper> => {
  /** Whether there are changes that no saving contains. */
  let isChanged = false
  /** Whether the folder knows that there are such changes. */
  let isNoted = false
  let isFailing = false
  let hasEnded = false
  let timer: NodeJS.Timeout | undefined
  let saving: Promise<void> = Promise.resolve()
  let delay = minDelayMillis

  const fail = (error: unknown): void => {
    if (!isFailing) onFailure(problemOf(folder.path, error))
    isFailing = true
  }

  const note = (): void => {
    isNoted = true
    folder.noteChanges()
  }

  /** Begins to save. The state is copied before this returns its promise. */
  const copyAndSave = (): Promise<void> => {
    const startedAt = performance.now()
    const saved = folder.save(state.snapshot())
    const copied = performance.now() - startedAt
    delay = Math.min(maxDelayMillis, Math.max(minDelayMillis, copied / maxShare))
    return saved
  }

  const save = async (): Promise<void> => {
    isChanged = false
    try {
      await copyAndSave()
      if (!isChanged) {
        isNoted = false
        await folder.noteSaved()
        // A change may have come in between.
        if (isNoted) note()
      }
      isFailing = false
    } catch (error) {
      isChanged = true
      throw error
    }
  }

  const saveOrReject = (): Promise<void> =>
    save().catch((error) => {
      throw problemOf(folder.path, error)
    })

  const schedule = (): void => {
    timer ??= setTimeout(async () => {
      saving = saving.then(save).catch(fail)
      await saving
      timer = undefined
      if (isChanged && !hasEnded) schedule()
    }, delay)
  }

  const stop = state.onChange(() => {
    isChanged = true
    try {
      if (!isNoted) note()
    } catch (error) {
      fail(error)
    }
    schedule()
  })

  const first = saveOrReject()
  saving = first.catch(() => undefined)
  await first
  return {
    end: async () => {
      hasEnded = true
      stop()
      clearTimeout(timer)
      await saving
      await saveOrReject()
    }
  }
}
