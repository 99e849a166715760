/**
 * Recording of everything that an application can observe of a call: spans, logs and metrics.
 */
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/** A span that records what happens to it. */
export class RecordedSpan implements Tracer.Span {
  readonly _tag = "Span"
  readonly sampled = true
  readonly traceId = "0123456789abcdef0123456789abcdef"
  readonly attributes = new Map<string, unknown>()
  readonly events: Array<readonly [string, bigint, Record<string, unknown> | undefined]> = []
  readonly links: Array<Tracer.SpanLink> = []
  status: Tracer.SpanStatus
  /** How often the span was ended. */
  ends = 0
  constructor(
    readonly spanId: string,
    readonly name: string,
    readonly parent: Option.Option<Tracer.AnySpan>,
    readonly context: Tracer.Span["context"],
    readonly kind: Tracer.SpanKind,
    startTime: bigint
  ) {
    this.status = { _tag: "Started", startTime }
  }
  end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    this.ends++
    this.status = { _tag: "Ended", startTime: this.status.startTime, endTime, exit }
  }
  attribute(key: string, value: unknown): void {
    this.attributes.set(key, value)
  }
  event(name: string, startTime: bigint, attributes?: Record<string, unknown>): void {
    this.events.push([name, startTime, attributes])
  }
  addLinks(links: ReadonlyArray<Tracer.SpanLink>): void {
    this.links.push(...links)
  }
}

/** Records all spans and all log messages: formatted by each of Effect's loggers, and inspected. */
export const record = () => {
  const spans: Array<RecordedSpan> = []
  const logs: Array<string> = []
  const inspected: Array<string> = []
  const tracer = Tracer.make({
    span: (name, parent, context, _links, startTime, kind) => {
      const id = String(spans.length + 1).padStart(16, "0")
      const span = new RecordedSpan(id, name, parent, context, kind, startTime)
      spans.push(span)
      return span
    },
    context: (run) => run()
  })
  const formats = [Logger.stringLogger, Logger.jsonLogger, Logger.logfmtLogger]
  const logger = Logger.make<unknown, void>((options) => {
    inspected.push(inspect(options.message, { depth: 20 }), inspect(options.cause, { depth: 20 }))
    for (const format of formats) logs.push(format.log(options))
  })
  const layer = Layer.mergeAll(
    Layer.setTracer(tracer),
    Logger.replace(Logger.defaultLogger, logger),
    Logger.minimumLogLevel(LogLevel.All)
  )
  return { spans, logs, inspected, layer }
}

/** The complete content of a span as text. */
export const spanText = (span: RecordedSpan): string =>
  inspect([span.name, span.attributes, span.events, span.links, span.status], { depth: 20, showHidden: true })

/** Returns the value of a counter with these tags, or 0 if there is none. */
export const counterValue = (name: string, tags: Record<string, string>): Effect.Effect<number> =>
  Effect.map(Metric.snapshot, (pairs) => {
    for (const { metricKey, metricState } of pairs) {
      const own = Object.fromEntries(metricKey.tags.map(({ key, value }) => [key, value]))
      const same = Object.entries(tags).every(([key, value]) => own[key] === value)
      if (metricKey.name === name && same) {
        const count: unknown = Reflect.get(metricState, "count")
        return typeof count === "number" ? count : 0
      }
    }
    return 0
  })

/** Returns the name of the parent of a span. */
export const parentName = (span: RecordedSpan): string | undefined => {
  const parent = Option.getOrUndefined(span.parent)
  return parent instanceof RecordedSpan ? parent.name : undefined
}
