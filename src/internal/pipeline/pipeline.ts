/**
 * A surface, ready to run operations.
 */
import type { HttpClient, ScopedClient } from "../dialect/http.js"
import type { Gate } from "../model/limiter.js"
import type { RetryPolicy } from "../model/options.js"
import type { RequestSettings } from "../request/prepare.js"
import type { DriftObserver } from "../response/drift.js"
import type { Authorize } from "./credentials.js"
import type { ResponseCache } from "./responseCache.js"

export interface Pipeline extends RequestSettings {
  /** Keeps the socket of a response open until its body ends. */
  readonly client: HttpClient.HttpClient
  /** Closes the socket of a response when the surrounding scope closes. */
  readonly scopedClient: ScopedClient
  readonly authorize: Authorize
  readonly retry: RetryPolicy
  readonly propagateTrace: boolean
  /** The `User-Agent` of requests that carry the credential, unless the call sets its own. */
  readonly userAgent: string | undefined
  readonly cache: ResponseCache | undefined
  /** Set if an observer is told of the responses. */
  readonly drift: DriftObserver | undefined
  /** Set if a limiter paces the requests of the credential. */
  readonly gate: Gate | undefined
}
