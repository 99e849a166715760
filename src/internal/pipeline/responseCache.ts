/**
 * The interface between the pipeline and a cache of responses. The implementation is loaded only when a program
 * provides one of the layers of `EntityTagCache`.
 */
import type * as Effect from "effect/Effect"
import { type Reference, reference } from "../dialect/core.js"
import type { Operation } from "../operation/operation.js"
import type { PreparedRequest } from "../request/prepare.js"
import type { Fetched } from "../response/envelope.js"
import type { Read } from "../response/read.js"

/** Prepares the read of one attempt. What the cache holds depends on the credential that the attempt uses. */
export type ReadAs<A> = (token: string | undefined) => Effect.Effect<ConditionalRead<A>>

/** The ETag to send with a request, and how to read the response to it. */
export interface ConditionalRead<A> {
  readonly ifNoneMatch: string | undefined
  readonly read: Read<A>
}

/** Serves a read from a cached value, after the server has confirmed that the value is current. */
export interface ResponseCache {
  /** Returns `undefined` for a request that the cache does not apply to. */
  readonly reading: <A>(
    operation: Operation<ReadonlyArray<string>, never, A>,
    request: PreparedRequest
  ) => ReadAs<Fetched<A>> | undefined
}

/** The cache of a layer, resolved when the layer is built. */
export const CurrentCache: Reference<ResponseCache | undefined> = reference<ResponseCache | undefined>(
  "effect-sendmux/EntityTagCache/CurrentCache",
  () => undefined
)
