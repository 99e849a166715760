/**
 * Makes a pipeline from the options of a layer, which are checked once.
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { type ConfigError, toMillis } from "../dialect/core.js"
import { type HttpClient, HttpClientTag, scopedClient } from "../dialect/http.js"
import { ConfigurationError } from "../model/errors.js"
import { CurrentLimiter } from "../model/limiter.js"
import type { LayerConfigOptions, TransportOptions } from "../model/options.js"
import type { Surface } from "../operation/operation.js"
import { CurrentDrift } from "../response/drift.js"
import { policy } from "../timing/retry.js"
import { isLoopback } from "../values/loopback.js"
import { authorizeWith, type Credential } from "./credentials.js"
import type { Pipeline } from "./pipeline.js"
import { CurrentCache } from "./responseCache.js"
import { isUserAgentOption, userAgentOf } from "./userAgent.js"

/** The options of any surface's layer. */
export type PipelineOptions = Credential &
  TransportOptions & {
    readonly mailbox_id?: string | undefined
    readonly requireMailbox?: boolean | undefined
  }

const defaultTimeout = 60_000

const defaultMaxResponseBytes = 32 * 1024 * 1024

const defaultPolicy = policy()

export const makePipeline = (
  surface: Surface,
  defaultBaseUrl: string,
  options: PipelineOptions
): Effect.Effect<Pipeline, ConfigurationError, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const refuse = (option: string, issue: string) => new ConfigurationError({ surface, option, issue })
    const authorize = yield* authorizeWith(surface, options)
    const baseUrl = checkBaseUrl(options.baseUrl ?? defaultBaseUrl)
    if (baseUrl === undefined) {
      return yield* refuse(
        "baseUrl",
        "must be an absolute http or https URL without credentials, query or fragment"
      )
    }
    const allowInsecure = options.allowInsecure === true
    if (baseUrl.startsWith("http:") && !isLoopback(baseUrl) && !allowInsecure) {
      return yield* refuse(
        "baseUrl",
        "would send the credential unencrypted: use https, or set allowInsecure to accept that"
      )
    }
    if (options.mailbox_id === "") {
      return yield* refuse("mailbox_id", "is empty: use the public id of a mailbox, or omit the option")
    }
    const timeout = options.timeout === undefined ? defaultTimeout : toMillis(options.timeout)
    if (timeout === undefined || timeout <= 0)
      return yield* refuse("timeout", "must be a duration greater than zero")
    const maxResponseBytes = options.maxResponseBytes ?? defaultMaxResponseBytes
    if (!(maxResponseBytes > 0)) {
      return yield* refuse("maxResponseBytes", "must be a number of bytes greater than zero")
    }
    const { userAgent } = options
    if (!isUserAgentOption(userAgent)) {
      return yield* refuse("userAgent", "must be false, or printable ASCII characters such as my-app/1.2")
    }
    const given = yield* HttpClientTag
    const own = options.transformClient?.(given) ?? given
    const limiter = yield* CurrentLimiter
    const token = "token" in authorize ? authorize.token : undefined
    return {
      baseUrl,
      timeout,
      authorize,
      mailboxId: options.mailbox_id,
      requiresMailbox: options.requireMailbox === true,
      maxResponseBytes,
      allowInsecure,
      client: own,
      scopedClient: scopedClient(own),
      retry: options.retry ?? defaultPolicy,
      propagateTrace: options.propagateTrace ?? false,
      userAgent: userAgentOf(userAgent),
      cache: yield* CurrentCache,
      drift: yield* CurrentDrift,
      gate: limiter === undefined ? undefined : yield* limiter.gateOf({ surface, baseUrl, token })
    }
  })

const checkBaseUrl = (baseUrl: string): string | undefined => {
  if (!URL.canParse(baseUrl)) return undefined
  const url = new URL(baseUrl)
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return undefined
  return url.href.replace(/\/+$/, "")
}

/** Reads the options that were given as `Config`. */
export const resolveConfig = (
  options: LayerConfigOptions & {
    readonly mailbox_id?: Config.Config<string | undefined> | undefined
    readonly requireMailbox?: boolean | undefined
  }
): Effect.Effect<PipelineOptions, ConfigError> =>
  Effect.gen(function* () {
    const { apiKey, accessToken, baseUrl, timeout, mailbox_id, ...rest } = options
    return {
      ...rest,
      apiKey: apiKey === undefined ? undefined : yield* apiKey,
      accessToken: accessToken === undefined ? undefined : yield* accessToken,
      baseUrl: baseUrl === undefined ? undefined : yield* baseUrl,
      timeout: timeout === undefined ? undefined : yield* timeout,
      mailbox_id: mailbox_id === undefined ? undefined : yield* mailbox_id
    }
  })
