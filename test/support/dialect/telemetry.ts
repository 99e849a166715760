/** Tracers, loggers and metrics. */
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Tracer from "effect/Tracer"

/** What a tracer is told of a new span. */
export interface StartedSpan extends Pick<Tracer.Span, "name" | "parent" | "kind"> {
  /** The services that the span carries, under the name that this version of Effect gives them. */
  readonly services: Pick<Tracer.Span, "context">
  readonly startTime: bigint
}

/** A layer with a tracer whose spans are made by a function. */
export const tracerLayer = (makeSpan: (started: StartedSpan) => Tracer.Span): Layer.Layer<never> =>
  Layer.setTracer(
    Tracer.make({
      span: (name, parent, context, _links, startTime, kind) =>
        makeSpan({ name, parent, services: { context }, startTime, kind }),
      context: (run) => run()
    })
  )

export interface LogEntry {
  readonly level: string
  readonly message: unknown
  readonly cause: unknown
  /** The entry in each of Effect's formats. */
  readonly formatted: () => ReadonlyArray<string>
}

const levels = {
  All: LogLevel.All,
  Debug: LogLevel.Debug,
  Info: LogLevel.Info,
  None: LogLevel.None
}

const formats = [Logger.stringLogger, Logger.jsonLogger, Logger.logfmtLogger]

/** A layer that gives the entries of the log to a function instead of printing them. */
export const logLayer = (
  onEntry: (entry: LogEntry) => void,
  minimum: keyof typeof levels | undefined = "Info"
): Layer.Layer<never> =>
  Layer.merge(
    Logger.replace(
      Logger.defaultLogger,
      Logger.make<unknown, void>((options) =>
        onEntry({
          level: options.logLevel.label,
          message: options.message,
          cause: options.cause,
          formatted: () => formats.map((format) => format.log(options))
        })
      )
    ),
    Logger.minimumLogLevel(levels[minimum])
  )

/** The object through which Effect prints. */
export const liveConsole = Context.get(DefaultServices.liveServices, Console.Console).unsafe

/** A layer in which nothing is logged. */
export const quiet: Layer.Layer<never> = Logger.minimumLogLevel(LogLevel.None)

export interface MetricSnapshot {
  readonly name: string
  readonly description: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly state: object
}

/** The metrics of all calls until now. */
export const metrics: Effect.Effect<ReadonlyArray<MetricSnapshot>> = Effect.map(Metric.snapshot, (pairs) =>
  pairs.map(({ metricKey, metricState }) => ({
    name: metricKey.name,
    description: metricKey.description._tag === "Some" ? metricKey.description.value : undefined,
    tags: Object.fromEntries(metricKey.tags.map(({ key, value }) => [key, value])),
    state: metricState
  }))
)
