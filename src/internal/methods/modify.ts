/**
 * Read, change, write: a write that never overwrites what someone else wrote in between.
 */
import * as Effect from "effect/Effect"
import { catchAll, retryWhile } from "../dialect/core.js"
import type { ApiResponse, CallOptions, ConditionalWriteOptions, Method } from "../model/call.js"
import { APIError, InvalidRequestError, type SendmuxError } from "../model/errors.js"
import type { Flagged } from "../operation/flags.js"
import { type Operation, type OperationFacts, operationName } from "../operation/operation.js"
import { policy, type RetryPolicy } from "../timing/retry.js"

/**
 * What steers a `modify`. The options of a call hold for its reads and for its writes.
 *
 * @since 0.1.0
 * @category options
 */
export interface ModifyOptions extends CallOptions {
  /**
   * When to read and apply again after someone else wrote first. Default: up to 5 tries in all, 50 milliseconds
   * and more apart. `Retry.none` fails with the first `conflict`.
   */
  readonly retry?: RetryPolicy | undefined
}

/**
 * Decides on a change from the current value: the input of the update, or `undefined` to leave all as it is. It runs
 * again, on the newer value, each time someone else wrote first.
 *
 * @since 0.1.0
 * @category models
 */
export type ModifyChange<in Current, out Input, out E = never, out R = never> = (
  current: Current
) => Input | undefined | Effect.Effect<Input | undefined, E, R>

/**
 * Reads a resource, applies a change, and writes it on the condition that nobody wrote in between.
 *
 * A `conflict` reads and applies again, as often as the option `retry` allows, and then fails the call. A change of
 * `undefined` writes nothing and gives the value that was read. Where the server sent no ETag the call fails with
 * an `InvalidRequestError` instead of writing blindly.
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
  /** The same call, with what came along with the write or, where nothing was written, with the read. */
  readonly withResponse: <E = never, R = never>(
    ...args: [...ids: Ids, change: ModifyChange<Current, Input, E, R>, options?: Options]
  ) => Effect.Effect<ApiResponse<Current>, SendmuxError | E, R>
}

const defaultRetry = policy({ maxAttempts: 5, baseDelay: 50, maxDelay: 1_000 })

const isConflict = APIError.is("conflict")

/**
 * The `modify` of a resource, from its read and its update; `operation` is the update's, and names it in errors.
 */
export const modifyOf = <Ids extends ReadonlyArray<string>, Current, Input>(
  operation: Operation<Ids, Input, Current> & Flagged<"ifMatch">,
  read: Method<[...ids: Ids, options?: CallOptions], Current>,
  update: Method<[...ids: Ids, input: NoInfer<Input>, options?: ConditionalWriteOptions], Current>
): ModifyMethod<Ids, Current, Input> => {
  const refuse = (issue: string) =>
    Effect.fail(new InvalidRequestError({ operation: operationName(operation), issue }))

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
    // A round fails with the conflict of its own write alone, which is what the schedule may see. How else it
    // ended is a value, so that a failure of the change is never taken for a conflict.
    const round = Effect.flatMap(settled(decide), (decided): Round<Current, SendmuxError | E> => {
      if (decided._tag === "failed") return Effect.succeed(decided)
      const { current, input } = decided.value
      if (input === undefined) return Effect.succeed(done(current))
      const ifMatch = current.meta.etag
      if (ifMatch === undefined) return settled(refuse(missingEntityTag))
      return catchAll(
        Effect.map(update.withResponse(...ids, input, { ...shared, ifMatch }), done),
        (error) =>
          isConflict(error) ? Effect.fail(error) : Effect.succeed({ _tag: "failed", error } as const)
      )
    })
    return Effect.flatMap(
      retryWhile(round, retry, () => true),
      (ended): Effect.Effect<ApiResponse<Current>, SendmuxError | E> =>
        ended._tag === "failed" ? Effect.fail(ended.error) : Effect.succeed(ended.value)
    )
  }

  return Object.assign(
    <E = never, R = never>(...args: ModifyArguments<Ids, Current, Input, E, R>) =>
      Effect.map(withResponse<E, R>(...args), ({ data }) => data),
    { withResponse }
  )
}

const missingEntityTag =
  "the server gave no ETag with the current value, so a write could undo someone else's unseen: use the update itself"

type ModifyArguments<Ids extends ReadonlyArray<string>, Current, Input, E, R> = [
  ...ids: Ids,
  change: ModifyChange<Current, Input, E, R>,
  options?: ModifyOptions | undefined
]

/** How a part of a round ended, as a value. */
type Settled<A, E> =
  | { readonly _tag: "done"; readonly value: A }
  | { readonly _tag: "failed"; readonly error: E }

type Round<A, E> = Effect.Effect<Settled<ApiResponse<A>, E>, APIError>

const done = <A>(value: A) => ({ _tag: "done", value }) as const

const settled = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<Settled<A, E>, never, R> =>
  catchAll(Effect.map(self, done), (error) => Effect.succeed({ _tag: "failed", error } as const))

interface Split<Ids, Change> {
  readonly ids: Ids
  readonly change: Change
  readonly options: ModifyOptions | undefined
}

/**
 * Tells the arguments apart: as many ids as the path takes, the change, the options. TypeScript cannot cut a tuple
 * whose length is generic, hence the assertion.
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
