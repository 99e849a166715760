/**
 * Recording of everything that an application can observe of a call: spans, logs and metrics.
 */
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import { logLayer, metrics, type StartedSpan, tracerLayer } from "./dialect/telemetry.js"

/** A span that records what happens to it. */
export interface RecordedSpan extends Tracer.Span {
  readonly attributes: Map<string, unknown>
  readonly events: Array<readonly [string, bigint, Record<string, unknown> | undefined]>
  readonly links: Array<Tracer.SpanLink>
  /** How often the span was ended. */
  readonly ends: number
}

const recordedSpans = new WeakSet<object>()

const isRecorded = (span: Tracer.AnySpan): span is RecordedSpan => recordedSpans.has(span)

const makeSpan = (spanId: string, { kind, name, parent, services, startTime }: StartedSpan): RecordedSpan => {
  let status: Tracer.SpanStatus = { _tag: "Started", startTime }
  let ends = 0
  const attributes = new Map<string, unknown>()
  const events: Array<readonly [string, bigint, Record<string, unknown> | undefined]> = []
  const links: Array<Tracer.SpanLink> = []
  const span: RecordedSpan = {
    ...services,
    _tag: "Span",
    sampled: true,
    traceId: "0123456789abcdef0123456789abcdef",
    spanId,
    name,
    parent,
    kind,
    attributes,
    events,
    links,
    get status() {
      return status
    },
    get ends() {
      return ends
    },
    end: (endTime, exit) => {
      ends++
      status = { _tag: "Ended", startTime: status.startTime, endTime, exit }
    },
    attribute: (key, value) => {
      attributes.set(key, value)
    },
    event: (event, at, details) => {
      events.push([event, at, details])
    },
    addLinks: (more) => {
      links.push(...more)
    }
  }
  recordedSpans.add(span)
  return span
}

/**
 * Records all spans and all log messages: as lines with their level, formatted by each of Effect's loggers, and inspected.
 */
export const record = () => {
  const spans: Array<RecordedSpan> = []
  const logs: Array<string> = []
  const inspected: Array<string> = []
  const lines: Array<string> = []
  const tracing = tracerLayer((started) => {
    const span = makeSpan(String(spans.length + 1).padStart(16, "0"), started)
    spans.push(span)
    return span
  })
  const logging = logLayer(({ cause, formatted, level, message }) => {
    lines.push(`${level} ${String(message)}`)
    inspected.push(inspect(message, { depth: 20 }), inspect(cause, { depth: 20 }))
    logs.push(...formatted())
  }, "All")
  return { spans, logs, lines, inspected, layer: Layer.merge(tracing, logging) }
}

/** The complete content of a span as text. */
export const spanText = (span: RecordedSpan): string =>
  inspect([span.name, span.attributes, span.events, span.links, span.status], { depth: 20, showHidden: true })

/** Returns the value of a counter with these tags, or 0 if there is none. */
export const counterValue = (name: string, tags: Record<string, string>): Effect.Effect<number> =>
  Effect.map(metrics, (all) => {
    for (const { name: own, state, tags: given } of all) {
      if (own === name && Object.entries(tags).every(([key, value]) => given[key] === value)) {
        const count: unknown = Reflect.get(state, "count")
        return typeof count === "number" ? count : 0
      }
    }
    return 0
  })

/** Returns the name of the parent of a span. */
export const parentName = (span: RecordedSpan): string | undefined => {
  const parent = Option.getOrUndefined(span.parent)
  return parent !== undefined && isRecorded(parent) ? parent.name : undefined
}
