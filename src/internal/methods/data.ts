/**
 * Methods that give data: calls and conditional reads.
 */
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { ApiResponse } from "../model/call.js"
import type { SendmuxError } from "../model/errors.js"
import { type CallSite, callSiteOf } from "../operation/callSite.js"
import type { AnyOperation, Operation } from "../operation/operation.js"
import type { Pipeline } from "../pipeline/pipeline.js"
import { type Prepare, run, runConditional } from "../pipeline/run.js"
import { splitArguments } from "../request/arguments.js"
import { prepare } from "../request/prepare.js"
import type { Fetched } from "../response/envelope.js"
import type { AnyIds, DataMethods } from "./types.js"

export const makeDataMethods = (pipeline: Pipeline): DataMethods => ({
  call: (operation) => callOf(pipeline, operation),
  encoded: (operation) => respondWith(pipeline, operation, dataOf),
  conditional: (operation) =>
    Object.assign(callOf(pipeline, operation), {
      ifNoneMatch: ifNoneMatchOf(pipeline, operation, toResponse)
    })
})

const callOf = <A>(pipeline: Pipeline, operation: Operation<AnyIds, never, A>) =>
  Object.assign(respondWith(pipeline, operation, dataOf), {
    withResponse: respondWith(pipeline, operation, toResponse)
  })

const respondWith = <A, B>(
  pipeline: Pipeline,
  operation: Operation<AnyIds, never, A>,
  pick: (fetched: Fetched<A>) => B
) => {
  const method = (...args: ReadonlyArray<unknown>): Effect.Effect<B, SendmuxError> =>
    run(pipeline, operation, prepareWith(operation, pipeline, args, callSiteOf(method)), pick)
  return method
}

/** The conditional form of a read: a 304 is `Option.none`. */
export const ifNoneMatchOf = <A, B>(
  pipeline: Pipeline,
  operation: Operation<AnyIds, never, A>,
  pick: (fetched: Fetched<A>) => B
) => {
  const method = (
    etag: string,
    ...args: ReadonlyArray<unknown>
  ): Effect.Effect<Option.Option<B>, SendmuxError> =>
    runConditional(
      pipeline,
      operation,
      prepareWith(operation, pipeline, args, callSiteOf(method), etag),
      pick
    )
  return method
}

/** Prepares the request of a call from its arguments, once for each time that the call runs. */
export const prepareWith = (
  operation: AnyOperation,
  pipeline: Pipeline,
  args: ReadonlyArray<unknown>,
  callSite: CallSite | undefined,
  ifNoneMatch?: string
): Prepare => {
  const split = splitArguments(operation, args)
  return calledAt(callSite, (mailboxId) => prepare(operation, pipeline, mailboxId, split, ifNoneMatch))
}

/** Adds the line of a call to its request, if it is known. */
export const calledAt = (callSite: CallSite | undefined, prepare: Prepare): Prepare =>
  callSite === undefined
    ? prepare
    : (mailboxId) => {
        const request = prepare(mailboxId)
        return "_tag" in request ? request : { ...request, callSite }
      }

export const dataOf = <A>({ data }: Fetched<A>): A => data

const toResponse = <A>({ data, meta }: Fetched<A>): ApiResponse<A> => ({ data, meta })
