/**
 * The `User-Agent` of requests.
 */
import { version } from "../values/version.js"

/**
 * Whether the runtime is a browser, a worker of one included. A request of a browser has a `User-Agent` of its own, and a
 * header of that name makes a request to another origin fail, because the API does not list it for CORS.
 */
const isBrowser = (): boolean => {
  const navigator: unknown = Reflect.get(globalThis, "navigator")
  const agent: unknown =
    typeof navigator === "object" && navigator !== null ? Reflect.get(navigator, "userAgent") : undefined
  return typeof agent === "string" && agent.startsWith("Mozilla/")
}

const visible = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/** Whether an option `userAgent` can be sent. */
export const isUserAgentOption = (given: unknown): given is string | false | undefined =>
  given === undefined || given === false || (typeof given === "string" && visible.test(given))

/** The value of `User-Agent`, or `undefined` where none is sent. */
export const userAgentOf = (given: string | false | undefined): string | undefined => {
  if (given === false || isBrowser()) return undefined
  const own = `effect-sendmux/${version}`
  return typeof given === "string" ? `${own} ${given}` : own
}
