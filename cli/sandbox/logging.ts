/**
 * The log of the command: one line for each entry, on standard error.
 */
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"

const two = (value: number): string => String(value).padStart(2, "0")

/** The time of day on this machine, such as `14:05:09.012`. */
const timeOf = (date: Date): string =>
  `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`

const prefixOf = (level: LogLevel.LogLevel): string => {
  if (LogLevel.lessThan(level, LogLevel.Warning)) return ""
  return LogLevel.lessThan(level, LogLevel.Error) ? "warning: " : "error: "
}

const lines = Logger.make(({ date, logLevel, message }) => {
  const parts = Array.isArray(message) ? message.map(String) : [String(message)]
  console.error(`${timeOf(date)} ${prefixOf(logLevel)}${parts.join(" ")}`)
})

/** Logs what has to be known, and each request unless `quiet` is set. */
export const logging = (quiet: boolean): Layer.Layer<never> =>
  Layer.merge(
    Logger.replace(Logger.defaultLogger, lines),
    Logger.minimumLogLevel(quiet ? LogLevel.Info : LogLevel.Debug)
  )
