/**
 * Files on a disk. Their properties are checked before they are read.
 */

import * as Effect from "effect/Effect"
import mime from "mime"
import { bytesOf, type FileSystem, factsOf } from "../dialect/shared/files.js"
import type { InvalidRequestError } from "../model/errors.js"
import { invalidRequest } from "../model/invalidRequest.js"

/**
 * A file on a disk.
 *
 * @since 0.1.0
 * @category models
 */
export interface FileToSend {
  /** The path of the file. */
  readonly path: string
  /** The name that recipients see. Default: the last segment of the path. */
  readonly filename?: string | undefined
  /** The media type. Default: derived from the extension of the filename. */
  readonly content_type?: string | undefined
}

export const toFile = (file: string | FileToSend): FileToSend =>
  typeof file === "string" ? { path: file } : file

/** Succeeds with the size of a file, or fails if the file cannot be sent. */
export const checkFile = (
  fs: FileSystem.FileSystem,
  { path }: FileToSend,
  operation: string,
  maxBytes: number
): Effect.Effect<number, InvalidRequestError> => {
  const refuse = (problem: string) => invalidRequest(operation, `${path} ${problem}`)
  return Effect.flatMap(Effect.mapError(factsOf(fs, path), refuse), ({ isDirectory, isFile, size }) => {
    if (isDirectory) return Effect.fail(refuse("is a directory: pass the path of a file"))
    if (!isFile) return Effect.fail(refuse("is not a file"))
    if (size === 0) return Effect.fail(refuse("is empty: the API accepts files of at least one byte"))
    return size > maxBytes
      ? Effect.fail(refuse(`has ${size} bytes, and the API accepts at most ${maxBytes}`))
      : Effect.succeed(size)
  })
}

/** A file with the fields that an upload accepts. */
export interface ReadFile {
  readonly filename: string
  readonly content_type: string | undefined
  readonly content: Uint8Array
}

/** The name and the media type of a file, by default from its path. */
export const namesOf = ({
  path,
  filename = baseName(path),
  content_type
}: FileToSend): Pick<ReadFile, "filename" | "content_type"> => ({
  filename,
  content_type: content_type ?? (typeof filename === "string" ? mime.getType(filename) : null) ?? undefined
})

export const readFile = (
  fs: FileSystem.FileSystem,
  file: FileToSend,
  operation: string
): Effect.Effect<ReadFile, InvalidRequestError> =>
  Effect.mapBoth(bytesOf(fs, file.path), {
    onFailure: (problem) => invalidRequest(operation, `${file.path} ${problem}`),
    onSuccess: (content) => ({ ...namesOf(file), content })
  })

const baseName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path
