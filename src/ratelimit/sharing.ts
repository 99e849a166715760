/**
 * A count of requests that several processes share, and what happens while its store cannot be used.
 */
import * as Effect from "effect/Effect"
import { catchAll, now, timeoutFailNow } from "../internal/dialect/core.js"
import { systemCode } from "../internal/dialect/http.js"

/** The count of a key. */
export interface Count {
  /** The count with the addition, even if that was refused because it would exceed the limit. */
  readonly sum: number
  /** How long ago the key was first counted, in milliseconds. */
  readonly age: number
}

/** Counts in a store that several processes share. */
export interface SharedCounter {
  /** Adds to the count of a key, unless that would exceed the limit. A key lives for `millis` or longer. */
  readonly add: (key: string, by: number, limit: number, millis: number) => Effect.Effect<Count, unknown>
}

/** What a process has taken of a window. */
export interface Taken {
  readonly requests: number
  /** How long ago a process first took requests of the window, in milliseconds. */
  readonly age: number
}

export interface Sharing {
  /** Whether the store can be used, as far as is known. If not, it is tried again from time to time. */
  readonly isAvailable: (now: number) => boolean
  /**
   * Takes up to `wanted` requests of a window, at least one. Succeeds with `undefined` if the store cannot be used.
   */
  readonly take: (key: string, wanted: number, limit: number) => Effect.Effect<Taken | undefined>
  /** Starts an effect that runs independently of any call. */
  readonly run: (work: Effect.Effect<void>) => void
}

/** A command failed, with the code of the operating system if there is one. */
interface Failed {
  readonly code: string | undefined
}

/** How long a command may take, in milliseconds. */
const commandTimeout = 1_000

/** How long the store is left alone after a failure, in milliseconds. */
const retryAfter = 5_000

/** Another process may take requests between two commands. */
const maxCommands = 3

export interface SharingSettings {
  readonly counter: SharedCounter
  /** The length of a window in milliseconds. */
  readonly length: number
  readonly run: (work: Effect.Effect<void>) => void
}

export const makeSharing = ({ counter, length, run }: SharingSettings): Sharing => {
  let isAway = false
  let tryAgainAt = 0

  /** Runs a command. After a failure each process paces itself, until a command succeeds again. */
  const command = (key: string, by: number, limit: number): Effect.Effect<Count | undefined> => {
    // Only the code of an error is kept, because its text may name a password, and Effect logs the errors of fibers.
    const added = Effect.match(counter.add(key, by, limit, 2 * length), {
      onFailure: (error): Count | Failed => ({ code: systemCode(error) }),
      onSuccess: (count): Count | Failed => count
    })
    const limited = timeoutFailNow(added, commandTimeout, () => undefined)
    const result = catchAll(limited, () => Effect.succeed<Count | Failed>({ code: "no response" }))
    return Effect.flatMap(result, (result) => {
      if ("code" in result) return failed(result.code)
      return isAway ? Effect.as(back, result) : Effect.succeed(result)
    })
  }

  const back = Effect.suspend(() => {
    isAway = false
    return Effect.logInfo("The store of the rate limit is back: the processes share the limit again")
  })

  const failed = (code: string | undefined): Effect.Effect<undefined> =>
    Effect.flatMap(now, (at) => {
      tryAgainAt = at + retryAfter
      if (isAway) return Effect.succeed(undefined)
      isAway = true
      const reason = code === undefined ? "" : ` (${code})`
      return Effect.as(
        Effect.logWarning(
          `The store of the rate limit cannot be used${reason}: each process follows the limit by itself until it is back`
        ),
        undefined
      )
    })

  const take = (key: string, wanted: number, limit: number): Effect.Effect<Taken | undefined> => {
    const attempt = (by: number, commands: number): Effect.Effect<Taken | undefined> =>
      Effect.flatMap(command(key, by, limit), (count) => {
        if (count === undefined) return Effect.succeed(undefined)
        const { age, sum } = count
        if (sum <= limit) return Effect.succeed({ requests: by, age })
        const left = limit - (sum - by)
        return left <= 0 || commands === 1
          ? Effect.succeed({ requests: 0, age })
          : attempt(Math.min(left, by), commands - 1)
      })
    return attempt(Math.max(1, Math.min(wanted, limit)), maxCommands)
  }

  return {
    isAvailable: (at) => {
      if (isAway && at >= tryAgainAt) {
        tryAgainAt = at + retryAfter
        run(Effect.asVoid(command("available", 1, Number.MAX_SAFE_INTEGER)))
      }
      return !isAway
    },
    take,
    run
  }
}
