/**
 * Read, change, write: an update that never overwrites a concurrent change.
 */

import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { failureOf } from "../dialect/fiber.js"
import type { ApiResponse, CallOptions, ConditionalWriteOptions, Method } from "../model/call.js"
import { APIError, type SendmuxError } from "../model/errors.js"
import { invalidRequest } from "../model/invalidRequest.js"
import type { Flagged } from "../operation/flags.js"
import { type Operation, type OperationFacts, operationName } from "../operation/operation.js"
import { currentDeadline, retryBefore } from "../timing/deadline.js"
import { policy, type RetryPolicy } from "../timing/retry.js"

/**
 * The options of a `modify`. The call options apply to its reads and to its writes.
 *
 * @since 0.1.0
 * @category options
 */
export interface ModifyOptions extends CallOptions {
  /**
   * When to start again after a `conflict` with a concurrent change. Default: up to 5 attempts, with delays that start
   * at 50 milliseconds. `Retry.none` fails with the first `conflict`.
   */
  readonly retry?: RetryPolicy | undefined
}

/**
 * Computes the input of an update from the current value, or returns `undefined` to leave the resource unchanged. After
 * a conflict it runs again with the new value.
 *
 * @since 0.1.0
 * @category models
 */
export type ModifyChange<in Current, out Input, out E = never, out R = never> = (
  current: Current
) => Input | undefined | Effect.Effect<Input | undefined, E, R>

/**
 * Reads a resource, computes a change, and writes it only if the resource has not changed in between.
 *
 * After a `conflict` it reads the resource and computes the change again, as often as the option `retry` allows, and
 * then fails. If the change is `undefined`, it writes nothing and succeeds with the value that it read. If the server
 * sent no ETag, it fails with an `InvalidRequestError` instead of overwriting an unknown version.
 *
 * @since 0.1.0
 * @category methods
 */
export interface ModifyMethod<
  in Ids extends ReadonlyArray<string>,
  in out Current,
  in Input,
  in Options extends ModifyOptions = ModifyOptions
> {
  <E = never, R = never>(
    ...args: [...ids: Ids, change: ModifyChange<Current, Input, E, R>, options?: Options]
  ): Effect.Effect<Current, SendmuxError | E, R>
  /** Makes the same call. The metadata is that of the write or, if nothing was written, that of the read. */
  readonly withResponse: <E = never, R = never>(
    ...args: [...ids: Ids, change: ModifyChange<Current, Input, E, R>, options?: Options]
  ) => Effect.Effect<ApiResponse<Current>, SendmuxError | E, R>
}

const defaultRetry = policy({ maxAttempts: 5, baseDelay: 50, maxDelay: 1_000 })

/** A truncated response to a conditional write has only its status, which is that of a conflict. */
const isConflict = (error: unknown): error is APIError =>
  error instanceof APIError &&
  (error.code === "conflict" || (error.truncated === true && error.status === 409))

/** Makes the `modify` of a resource from its read and its update. `operation` is the update, and appears in errors. */
export const modifyOf = <Ids extends ReadonlyArray<string>, Current, Input>(
  operation: Operation<Ids, Input, Current> & Flagged<"ifMatch">,
  read: Method<[...ids: Ids, options?: CallOptions], Current>,
  update: Method<[...ids: Ids, input: NoInfer<Input>, options?: ConditionalWriteOptions], Current>
): ModifyMethod<Ids, Current, Input> => {
  const refuse = (issue: string) => Effect.fail(invalidRequest(operationName(operation), issue))

  const withResponse = <E = never, R = never>(
    ...args: ModifyArguments<Ids, Current, Input, E, R>
  ): Effect.Effect<ApiResponse<Current>, SendmuxError | E, R> => {
    const { ids, change, options = {} } = split(operation, args)
    if (typeof change !== "function") return refuse("the change must be a function of the current value")
    const { retry = defaultRetry, ...shared } = options
    const decide = Effect.flatMap(read.withResponse(...ids, shared), (current) => {
      const decision = change(current.data)
      return Effect.map(Effect.isEffect(decision) ? decision : Effect.succeed(decision), (input) => ({
        current,
        input
      }))
    })
    // A round fails only with a conflict of its own write, which the schedule then handles. Every other outcome is a
    // value, so that a failure of the change function is never mistaken for a conflict.
    const round = Effect.flatMap(settled(decide), (decided): Round<Current, SendmuxError | E> => {
      if (decided._tag === "failed") return Effect.succeed(decided)
      const { current, input } = decided.value
      if (input === undefined) return Effect.succeed(done(current))
      const ifMatch = current.meta.etag
      if (ifMatch === undefined) return settled(refuse(missingEntityTag))
      return Effect.flatMap(
        settled(update.withResponse(...ids, input, { ...shared, ifMatch })),
        (written) => {
          const error = written._tag === "failed" ? failureOf(written.exit) : undefined
          return isConflict(error) ? Effect.fail(error) : Effect.succeed(written)
        }
      )
    })
    let conflicts = 0
    const isAgain = () => {
      conflicts++
      return true
    }
    const late = () => ({ operation: operationName(operation), attempts: conflicts })
    return Effect.flatMap(
      Effect.flatMap(currentDeadline, (at) => retryBefore(at, round, retry, isAgain, late)),
      (ended): Effect.Effect<ApiResponse<Current>, SendmuxError | E> =>
        ended._tag === "failed" ? ended.exit : Effect.succeed(ended.value)
    )
  }

  return Object.assign(
    <E = never, R = never>(...args: ModifyArguments<Ids, Current, Input, E, R>) =>
      Effect.map(withResponse<E, R>(...args), ({ data }) => data),
    { withResponse }
  )
}

const missingEntityTag =
  "the server sent no ETag with the current value, so a concurrent change could be overwritten: call update instead"

type ModifyArguments<Ids extends ReadonlyArray<string>, Current, Input, E, R> = [
  ...ids: Ids,
  change: ModifyChange<Current, Input, E, R>,
  options?: ModifyOptions | undefined
]

/** The outcome of a part of a round, as a value. A failure stays an exit, which knows the span that it failed in. */
type Settled<A, E> =
  | { readonly _tag: "done"; readonly value: A }
  | { readonly _tag: "failed"; readonly exit: Exit.Exit<never, E> }

type Round<A, E> = Effect.Effect<Settled<ApiResponse<A>, E>, APIError>

const done = <A>(value: A) => ({ _tag: "done", value }) as const

const settled = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<Settled<A, E>, never, R> =>
  Effect.map(Effect.exit(self), (exit) =>
    Exit.isSuccess(exit) ? done(exit.value) : ({ _tag: "failed", exit: Exit.failCause(exit.cause) } as const)
  )

interface Split<Ids, Change> {
  readonly ids: Ids
  readonly change: Change
  readonly options: ModifyOptions | undefined
}

/**
 * Splits the arguments into the ids of the path, the change and the options. The assertion is needed because TypeScript
 * cannot split a tuple of generic length.
 */
const split = <Ids extends ReadonlyArray<string>, Current, Input, E, R>(
  operation: OperationFacts,
  args: ModifyArguments<Ids, Current, Input, E, R>
): Split<Ids, ModifyChange<Current, Input, E, R>> => {
  const parts: ReadonlyArray<unknown> = args
  const count = operation.idCount
  const cut: unknown = { ids: parts.slice(0, count), change: parts[count], options: parts[count + 1] }
  return cut as Split<Ids, ModifyChange<Current, Input, E, R>>
}
