/**
 * The part of the dialect for reading one of several variables with `Config`.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** A variable that has a value, and the value. */
export interface FoundVariable {
  readonly name: string
  readonly value: Redacted.Redacted
}

/**
 * Reads the first of several variables that is set and not empty. `missing` is the message if none is. `problem` says what
 * is wrong with the value that was found, or `undefined` when nothing is.
 */
export const firstVariable = (
  names: ReadonlyArray<string>,
  missing: string,
  problem: (found: FoundVariable) => string | undefined
): Config.Config<Redacted.Redacted> =>
  Config.mapOrFail(Config.all(names.map((name) => Config.option(Config.redacted(name)))), (values) => {
    for (const [index, name] of names.entries()) {
      const value = Option.getOrUndefined(values[index] ?? Option.none())
      if (value === undefined || Redacted.value(value).trim() === "") continue
      const found = problem({ name, value })
      return found === undefined ? Either.right(value) : Either.left(ConfigError.InvalidData([name], found))
    }
    return Either.left(ConfigError.MissingData([...names.slice(0, 1)], missing))
  })

/** Reads a variable that need not be set. An empty one counts as not set. */
export const optionalVariable = (name: string): Config.Config<string | undefined> =>
  Config.map(Config.option(Config.string(name)), (value) => {
    const text = Option.getOrUndefined(value)?.trim()
    return text === "" ? undefined : text
  })
