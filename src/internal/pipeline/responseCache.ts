/**
 * What a cache of answers is to the pipeline. A cache itself is loaded only where one is provided.
 */
import type * as Effect from "effect/Effect"
import { type Reference, reference } from "../dialect/core.js"
import type { Operation } from "../operation/operation.js"
import type { PreparedRequest } from "../request/prepare.js"
import type { Fetched } from "../response/envelope.js"
import type { Read } from "../response/read.js"

/** A read that depends on the credential of the attempt, and may ask for less than the request does. */
export type ReadAs<A> = (token: string | undefined) => Effect.Effect<ConditionalRead<A>>

export interface ConditionalRead<A> {
  readonly ifNoneMatch: string | undefined
  readonly read: Read<A>
}

/** Answers reads with what is at hand, once the server has said that it is still true. */
export interface ResponseCache {
  /** `undefined` for a request in which the cache has no part. */
  readonly reading: <A>(
    operation: Operation<ReadonlyArray<string>, never, A>,
    request: PreparedRequest
  ) => ReadAs<Fetched<A>> | undefined
  /** Runs a call, and forgets what it may have changed. */
  readonly writing: <A, E>(request: PreparedRequest, call: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/** The cache that a layer finds where it is built. */
export const CurrentCache: Reference<ResponseCache | undefined> = reference<ResponseCache | undefined>(
  "effect-sendmux/EntityTagCache/CurrentCache",
  () => undefined
)
