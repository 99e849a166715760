/**
 * The values of options.
 */
import { InvalidArgumentError } from "@commander-js/extra-typings"

/** Reads an integer within a range. */
export const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be an integer from ${least} to ${most}.`)
  }

/** Adds a value to those of the same option. */
export const listOf = (text: string, before: ReadonlyArray<string> | undefined): ReadonlyArray<string> => [
  ...(before ?? []),
  text
]

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

const parseMillis = (text: string): number | undefined => {
  const [, amount, unit = "ms"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim()) ?? []
  const factor = units[unit]
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor
}

/** Reads a duration of at least one second, such as `2s` or `1m`. A number without a unit is milliseconds. */
export const secondOrMore = (text: string): number => {
  const millis = parseMillis(text)
  if (millis !== undefined && millis >= 1_000) return millis
  throw new InvalidArgumentError("It must be a duration of at least one second, such as 2s or 1m.")
}

/** Reads a duration, or a range of durations such as `100ms-2s`. */
export const durationRange = (text: string): { readonly min: number; readonly max: number } => {
  const [first = "", last = first, ...others] = text.split("-")
  const min = parseMillis(first)
  const max = parseMillis(last)
  if (min !== undefined && max !== undefined && min <= max && others.length === 0) return { min, max }
  throw new InvalidArgumentError("It must be a duration such as 200ms, or a range such as 100ms-2s.")
}

const surfaces = ["sending", "mailbox", "management"] as const

type Limits = { readonly [Surface in (typeof surfaces)[number]]?: number }

const isSurface = (text: string): text is (typeof surfaces)[number] =>
  surfaces.some((surface) => surface === text)

/** Reads a limit for all surfaces such as `100`, or limits by surface such as `sending=100,mailbox=50`. */
export const rateLimits = (text: string): Limits => {
  const wrong = () =>
    new InvalidArgumentError(
      `It must be a positive integer, or a list such as sending=100,mailbox=50 of ${surfaces.join(", ")}.`
    )
  const limitOf = (digits: string): number => {
    const limit = /^\d+$/.test(digits.trim()) ? Number(digits) : 0
    if (limit < 1 || !Number.isSafeInteger(limit)) throw wrong()
    return limit
  }
  if (!text.includes("=")) {
    const limit = limitOf(text)
    return { sending: limit, mailbox: limit, management: limit }
  }
  return Object.fromEntries(
    text.split(",").map((part) => {
      const [surface = "", digits = "", ...others] = part.split("=")
      if (!isSurface(surface.trim()) || others.length > 0) throw wrong()
      return [surface.trim(), limitOf(digits)]
    })
  )
}
