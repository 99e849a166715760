/**
 * Problems that the user of the program can solve.
 */

/** A problem. The program prints its message as one line, without a stack trace, and ends with the exit code. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly exitCode = 1
  ) {
    super(message)
  }
}

/** Ends the program with an exit code other than 0, without a message of its own. */
export class ProgramEnd extends Error {
  constructor(readonly exitCode: number) {
    super(`the program ends with the exit code ${exitCode}`)
  }
}

/** Joins the lines of a text. */
export const oneLine = (text: string): string => text.trim().replace(/\s*[\r\n]+\s*/g, " ")

/** The code of an error of Node, such as `EADDRINUSE`. */
export const codeOf = (error: unknown): string | undefined => {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined
  return typeof code === "string" ? code : undefined
}

/** The reasons of the errors that files have most often. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EEXIST: "a file of this name exists",
  EISDIR: "it is a folder",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is not a folder",
  EPERM: "permission denied",
  EROFS: "the file system is read-only"
}

/** Why an operation on a file failed. */
export const reasonOf = (error: unknown): string => {
  const code = codeOf(error)
  if (code !== undefined) return reasons[code] ?? code
  return error instanceof Error ? error.message : String(error)
}
