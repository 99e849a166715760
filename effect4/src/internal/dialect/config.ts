/**
 * The part of the dialect for reading one of several variables with `Config`.
 */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** A variable that has a value, and the value. */
export interface FoundVariable {
  readonly name: string
  readonly value: Redacted.Redacted
}

const failing = (message: string) => Config.fail(new ConfigProvider.SourceError({ message }))

/**
 * Reads the first of several variables that is set and not empty. `missing` is the message if none is. `problem` says what
 * is wrong with the value that was found, or `undefined` when nothing is.
 */
export const firstVariable = (
  names: ReadonlyArray<string>,
  missing: string,
  problem: (found: FoundVariable) => string | undefined
): Config.Config<Redacted.Redacted> =>
  Config.flatMap(Config.all(names.map((name) => Config.option(Config.Redacted(name)))), (values) => {
    for (const [index, name] of names.entries()) {
      const value = Option.getOrUndefined(values[index] ?? Option.none())
      if (value === undefined || Redacted.value(value).trim() === "") continue
      const found = problem({ name, value })
      return found === undefined ? Config.succeed(value) : failing(`${name}: ${found}`)
    }
    return failing(missing)
  })

/** Reads a variable that need not be set. An empty one counts as not set. */
export const optionalVariable = (name: string): Config.Config<string | undefined> =>
  Config.map(Config.option(Config.String(name)), (value) => {
    const text = Option.getOrUndefined(value)?.trim()
    return text === "" ? undefined : text
  })
