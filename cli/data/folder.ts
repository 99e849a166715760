/**
 * A folder that keeps the state of a sandbox. One process uses it at a time.
 */
import { existsSync, writeFileSync } from "node:fs"
import { mkdir, open, readFile, rename, rm } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { SavedData } from "../../src/sandbox/state/saved.js"
import { codeOf, Problem, reasonOf } from "../support/problem.js"
import { takeLock } from "./lock.js"
import { decodeState, encodeState, type ReadState } from "./stateFile.js"

/** What a folder contained when it was opened. */
export interface Kept extends ReadState {
  /** The file that contained the state. */
  readonly file: string
  /** Whether the last process made changes that it did not save. */
  readonly isOutdated: boolean
}

export interface DataFolder {
  /** The absolute path. */
  readonly path: string
  readonly kept: Kept | undefined
  /** Notes that there are changes, before they are saved. It is synchronous, so that a killed process has noted them. */
  readonly noteChanges: () => void
  /** Notes that all changes are saved. */
  readonly noteSaved: () => Promise<void>
  /** Replaces the state. Rejects with a `Problem` if another process has taken over the folder. */
  readonly save: (data: SavedData) => Promise<void>
  readonly close: () => Promise<void>
}

/** Messages and keys are in the files, so only their owner may read them. */
const folderMode = 0o700
const fileMode = 0o600

const readIfThere = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path)
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined
    throw error
  }
}

/** Writes a file and waits until the disk has it. */
const writeToDisk = async (path: string, parts: ReadonlyArray<Buffer>): Promise<void> => {
  const file = await open(path, "w", fileMode)
  try {
    // Not `writeFile`, which writes small pieces, and waits for a turn of a busy process after each.
    for (const part of parts) {
      for (let at = 0; at < part.byteLength; ) at += (await file.write(part, at)).bytesWritten
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Waits until the disk has the names of the files in a folder. Windows cannot do that. */
const syncFolder = async (path: string): Promise<void> => {
  if (process.platform === "win32") return
  const folder = await open(path, "r")
  await folder.sync().finally(() => folder.close())
}

/** Opens a folder, and makes it if there is none. Rejects with a `Problem` if it cannot be used. */
export const openFolder = async (given: string): Promise<DataFolder> => {
  const path = resolve(given)
  const file = join(path, "sandbox.state")
  const changes = join(path, "sandbox.changes")
  try {
    await mkdir(path, { recursive: true, mode: folderMode })
    const lock = await takeLock(join(path, "sandbox.lock"), `the folder ${path}`)
    try {
      const content = await readIfThere(file)
      const isOutdated = existsSync(changes)
      return {
        path,
        kept: content === undefined ? undefined : { ...(await decodeState(file, content)), file, isOutdated },
        noteChanges: () => writeFileSync(changes, "", { mode: fileMode }),
        noteSaved: () => rm(changes, { force: true }),
        save: async (data) => {
          // The state is copied first, because it may change while this waits.
          const [parts, isHeld] = await Promise.all([encodeState(data, new Date()), lock.isHeld()])
          if (!isHeld) {
            throw new Problem(
              `the folder ${path} was removed or taken over by another process, so nothing more is saved`
            )
          }
          await writeToDisk(`${file}.new`, parts)
          await rename(`${file}.new`, file)
          await syncFolder(path)
        },
        close: lock.release
      }
    } catch (error) {
      await lock.release()
      throw error
    }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem(`cannot use the folder ${path}: ${reasonOf(error)}`)
  }
}
