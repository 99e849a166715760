/**
 * Everything an application could have written down of a call: spans, logs, metrics.
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

/** A span as it was recorded. */
export class RecordedSpan implements Tracer.Span {
  readonly _tag = "Span"
  readonly sampled = true
  readonly traceId = "0123456789abcdef0123456789abcdef"
  readonly attributes = new Map<string, unknown>()
  readonly events: Array<readonly [string, bigint, Record<string, unknown> | undefined]> = []
  readonly links: Array<Tracer.SpanLink> = []
  status: Tracer.SpanStatus
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

/** Records spans and every log line from Trace on, as Effect formats it and as a logger that inspects would. */
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

/** A span and how it ended, written out as far as it goes. */
export const spanText = (span: RecordedSpan): string =>
  inspect([span.name, span.attributes, span.events, span.links, span.status], { depth: 20, showHidden: true })

/** The value of a counter with these tags, or 0. */
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

export const parentName = (span: RecordedSpan): string | undefined => {
  const parent = Option.getOrUndefined(span.parent)
  return parent instanceof RecordedSpan ? parent.name : undefined
}
