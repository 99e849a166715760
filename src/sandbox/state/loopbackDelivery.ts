/**
 * Deliveries to loopback addresses only.
 */
import * as Effect from "effect/Effect"
import { catchAll } from "../../internal/dialect/core.js"
import type { PostFailure, PostResponse } from "../../internal/dialect/shared/localClient.js"
import { isLoopback } from "../../internal/values/loopback.js"

/** Resolves a host name to its addresses. */
export type Resolve = (name: string) => Promise<ReadonlyArray<string>>

/** Posts to a URL. */
export type Post = (url: string) => Effect.Effect<PostResponse, PostFailure>

const hostOf = (address: string): string => (address.includes(":") ? `[${address}]` : address)

const refused: PostFailure = {
  reason: "The sandbox delivers webhooks to loopback URLs only. Set webhookClient to deliver to other URLs",
  notConnected: false
}

/**
 * Posts to a URL of the local machine, and fails for any other URL. The name `localhost` is resolved first, and the
 * request goes to the resolved address, so that it cannot leave the machine if the name resolves differently later.
 * Without a resolver, as in a browser, the runtime has to resolve the name to a loopback address.
 */
export const postToLoopback = (
  url: string,
  resolve: Resolve | undefined,
  post: Post
): Effect.Effect<PostResponse, PostFailure> =>
  Effect.gen(function* () {
    if (!isLoopback(url)) return yield* Effect.fail(refused)
    const { hostname } = new URL(url)
    if (hostname !== "localhost" || resolve === undefined) return yield* post(url)
    const addresses = yield* Effect.tryPromise({
      try: () => resolve(hostname),
      catch: (): PostFailure => ({
        reason: `The host name ${hostname} cannot be resolved`,
        notConnected: true
      })
    })
    const urls = addresses.map((address) => {
      const resolved = new URL(url)
      resolved.hostname = hostOf(address)
      return resolved.href
    })
    if (urls.length === 0 || !urls.every(isLoopback)) return yield* Effect.fail(refused)
    return yield* firstThatConnects(urls, post)
  })

/** Posts to the first address that accepts a connection. */
const firstThatConnects = (
  [url = "", ...others]: ReadonlyArray<string>,
  post: Post
): Effect.Effect<PostResponse, PostFailure> =>
  catchAll(post(url), (failure) =>
    failure.notConnected && others.length > 0 ? firstThatConnects(others, post) : Effect.fail(failure)
  )

const methodOf = (holder: unknown, name: string): ((...args: Array<unknown>) => unknown) | undefined => {
  const method: unknown =
    typeof holder === "object" && holder !== null ? Reflect.get(holder, name) : undefined
  return typeof method === "function" ? (...args) => Reflect.apply(method, holder, args) : undefined
}

/** The resolver of the runtime, or `undefined` if it has none. It is not imported, because browsers do not have it. */
export const runtimeResolver = (): Resolve | undefined => {
  const dns = methodOf(Reflect.get(globalThis, "process"), "getBuiltinModule")?.("node:dns/promises")
  const lookup = methodOf(dns, "lookup")
  return (
    lookup &&
    (async (name) => {
      const found: unknown = await lookup(name, { all: true })
      return Array.isArray(found)
        ? found.flatMap((entry: unknown) => {
            const address: unknown =
              typeof entry === "object" && entry !== null ? Reflect.get(entry, "address") : undefined
            return typeof address === "string" ? [address] : []
          })
        : []
    })
  )
}
