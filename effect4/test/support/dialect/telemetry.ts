/** Tracers, loggers and metrics, for Effect 4. */
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"

/** What a tracer is told of a new span. */
export interface StartedSpan extends Pick<Tracer.Span, "name" | "parent" | "kind"> {
  /** The services that the span carries, under the name that this version of Effect gives them. */
  readonly services: Pick<Tracer.Span, "annotations">
  readonly startTime: bigint
}

/** A layer with a tracer whose spans are made by a function. */
export const tracerLayer = (makeSpan: (started: StartedSpan) => Tracer.Span): Layer.Layer<never> =>
  Layer.succeed(
    Tracer.Tracer,
    Tracer.make({
      span: ({ annotations, kind, name, parent, startTime }) =>
        makeSpan({ name, parent, services: { annotations }, startTime, kind })
    })
  )

export interface LogEntry {
  readonly level: string
  readonly message: unknown
  readonly cause: unknown
  /** The entry in each of Effect's formats. */
  readonly formatted: () => ReadonlyArray<string>
}

const formats = [Logger.formatSimple, Logger.formatJson, Logger.formatLogFmt]

const minimumLevel = (level: "All" | "Debug" | "Info" | "None"): Layer.Layer<never> =>
  Layer.succeed(References.MinimumLogLevel, level)

/** A layer that gives the entries of the log to a function instead of printing them. */
export const logLayer = (
  onEntry: (entry: LogEntry) => void,
  minimum: "All" | "Debug" | "Info" | "None" | undefined = "Info"
): Layer.Layer<never> =>
  Layer.merge(
    Logger.layer([
      Logger.make<unknown, void>((options) =>
        onEntry({
          level: options.logLevel.toUpperCase(),
          message: options.message,
          cause: options.cause,
          formatted: () => formats.map((format) => format.log(options))
        })
      )
    ]),
    minimumLevel(minimum)
  )

/** The object through which Effect prints. */
export const liveConsole = Context.get(Context.empty(), Console.Console)

/** A layer in which nothing is logged. */
export const quiet: Layer.Layer<never> = minimumLevel("None")

export interface MetricSnapshot {
  readonly name: string
  readonly description: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly state: object
}

/** The metrics of all calls until now. */
export const metrics: Effect.Effect<ReadonlyArray<MetricSnapshot>> = Effect.map(Metric.snapshot, (all) =>
  all.map(({ attributes, description, id, state }) => ({
    name: id,
    description,
    tags: { ...attributes },
    state
  }))
)
