/**
 * The line from which a method was called.
 */
import { isRunningTraced } from "../dialect/fiber.js"

/** Returns the line of a call as a stack trace shows it, if it is known. It is computed only when somebody reads it. */
export type CallSite = () => string | undefined

/** Enough frames for the methods that call other methods, and for the line below them. */
const maxFrames = 10

/** The folder of the SDK's own code, in the form in which stack traces show it. */
const ownFolder = (): string | undefined => {
  try {
    return decodeURI(new URL("../../", import.meta.url).pathname)
  } catch {
    // A bundle of another module format has no `import.meta.url`.
    return undefined
  }
}

const effectFrame = /[\\/]node_modules[\\/].*\beffect[\\/]/

/**
 * The frame of the caller: the first one that is not the SDK's own, or the first one in a bundle of both. A method that the
 * SDK calls itself, after an earlier call, has no caller but Effect.
 */
const callerIn = (stack: string): string | undefined => {
  const frames = stack.split("\n").filter((line) => /^\s*at /.test(line))
  const own = ownFolder()
  const foreign = own === undefined ? undefined : frames.find((frame) => !frame.includes(own))
  const frame = foreign ?? frames[0]
  return frame === undefined || effectFrame.test(frame) ? undefined : frame.trim()
}

/** The part of V8's `Error` that other engines do not have. */
interface StackCapture {
  stackTraceLimit: number
  readonly captureStackTrace: (target: object, below: unknown) => void
}

const capturesStacks = (error: object): error is StackCapture => "captureStackTrace" in error

/**
 * The line from which `method` was called, if a tracer is present that can show it. Without one this costs a look at the
 * running fiber. It has to be called while `method` runs, because a fiber runs the effect later, without the line.
 */
export const callSiteOf = (method: (...args: ReadonlyArray<never>) => unknown): CallSite | undefined => {
  if (!isRunningTraced() || !capturesStacks(Error)) return undefined
  const holder: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = maxFrames
  Error.captureStackTrace(holder, method)
  Error.stackTraceLimit = limit
  return () => callerIn(holder.stack ?? "")
}
