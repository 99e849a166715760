/**
 * The dialect's part for files.
 */
import type * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

export { FileSystem }

/** What is to be known of a path before it is read. */
export interface FileFacts {
  readonly isFile: boolean
  readonly isDirectory: boolean
  readonly size: number
}

/** The facts of a path, or in words why they cannot be had. */
export const factsOf = (fs: FileSystem.FileSystem, path: string): Effect.Effect<FileFacts, string> =>
  Effect.mapBoth(fs.stat(path), {
    onFailure: problemOf,
    onSuccess: ({ size, type }) => ({
      isFile: type === "File",
      isDirectory: type === "Directory",
      size: Number(size)
    })
  })

/** The bytes of a file, or in words why they cannot be had. */
export const bytesOf = (fs: FileSystem.FileSystem, path: string): Effect.Effect<Uint8Array, string> =>
  Effect.mapError(fs.readFile(path), problemOf)

const problemOf = (error: PlatformError.PlatformError): string => {
  if (error._tag !== "SystemError") return "cannot be read"
  switch (error.reason) {
    case "NotFound":
      return "does not exist"
    case "PermissionDenied":
      return "may not be read by this process"
    case "Busy":
    case "WouldBlock":
    case "TimedOut":
      return "is busy: try again"
    default:
      return "cannot be read"
  }
}
