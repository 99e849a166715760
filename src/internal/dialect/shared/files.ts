/**
 * The part of the dialect for files.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { type PlatformError, reasonOf } from "../platform.js"

export { FileSystem }

/** The properties of a path that are checked before it is read. */
export interface FileFacts {
  readonly isFile: boolean
  readonly isDirectory: boolean
  readonly size: number
}

/** Reads the properties of a path. Fails with a description of the problem that follows the path in a sentence. */
export const factsOf = (fs: FileSystem.FileSystem, path: string): Effect.Effect<FileFacts, string> =>
  Effect.mapBoth(fs.stat(path), {
    onFailure: problemOf,
    onSuccess: ({ size, type }) => ({
      isFile: type === "File",
      isDirectory: type === "Directory",
      size: Number(size)
    })
  })

/** Reads a file. Fails with a description of the problem that follows the path in a sentence. */
export const bytesOf = (fs: FileSystem.FileSystem, path: string): Effect.Effect<Uint8Array, string> =>
  Effect.mapError(fs.readFile(path), problemOf)

const problemOf = (error: PlatformError): string => {
  switch (reasonOf(error)) {
    case "NotFound":
      return "does not exist"
    case "PermissionDenied":
      return "cannot be read by this process: permission denied"
    case "Busy":
    case "WouldBlock":
    case "TimedOut":
      return "is busy. Try again later"
    default:
      return "cannot be read"
  }
}
