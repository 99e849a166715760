/** Draws the spans of a trace as an SVG that is readable on a light and on a dark page. */
import * as Option from "effect/Option"
import type { RecordedSpan } from "../../support/telemetry.js"

const rowHeight = 30
const nameWidth = 310
const chartWidth = 480
const labelWidth = 190
const top = 44
const indent = 18

const style = `text{font:13px system-ui,sans-serif;fill:#1f2328}
.dim{fill:#59636e}.axis{font-size:11px}.title{font-weight:600}
.grid{stroke:#d1d9e0}.tree{stroke:#818b98;fill:none}
.own{fill:#8250df}.call{fill:#0969da}.attempt{fill:#54aeff}.failed{fill:#cf222e}
.page{fill:#ffffff;stroke:#d1d9e0}.label{paint-order:stroke;stroke:#ffffff;stroke-width:5px}
@media (prefers-color-scheme:dark){text{fill:#f0f6fc}.dim{fill:#9198a1}.grid{stroke:#3d444d}.tree{stroke:#656c76}
.own{fill:#ab7df8}.call{fill:#4493f8}.attempt{fill:#79c0ff}.failed{fill:#f85149}.page{fill:#0d1117;stroke:#3d444d}
.label{stroke:#0d1117}}`

interface Row {
  readonly name: string
  readonly depth: number
  readonly start: number
  readonly end: number
  readonly kind: "own" | "call" | "attempt" | "failed"
  readonly note: string
}

const millis = (nanos: bigint): number => Number(nanos / 1_000_000n)

const timesOf = ({ name, status }: RecordedSpan): readonly [start: number, end: number] => {
  if (status._tag === "Started") throw new Error(`The span ${name} has not ended`)
  return [millis(status.startTime), millis(status.endTime)]
}

const kindOf = ({ name, status }: RecordedSpan): Row["kind"] => {
  if (status._tag === "Ended" && status.exit._tag === "Failure") return "failed"
  if (name === "Sendmux.attempt") return "attempt"
  return name.startsWith("Sendmux.") ? "call" : "own"
}

/** The attributes that matter at a glance. */
const noteOf = ({ attributes, name }: RecordedSpan): string => {
  const status = attributes.get("http.response.status_code")
  const attempts = attributes.get("sendmux.attempts")
  if (name === "Sendmux.attempt")
    return `attempt ${String(attributes.get("sendmux.attempt"))}, ${String(status)}`
  return typeof attempts === "number" && attempts > 1 ? `${attempts} attempts, ${String(status)}` : ""
}

const parentOf = (span: RecordedSpan): string | undefined => Option.getOrUndefined(span.parent)?.spanId

const rowsOf = (spans: ReadonlyArray<RecordedSpan>): ReadonlyArray<Row> => {
  const below = (parent: string | undefined, depth: number): ReadonlyArray<Row> =>
    spans
      .filter((span) => parentOf(span) === parent)
      .flatMap((span) => {
        const [start, end] = timesOf(span)
        const row: Row = { name: span.name, depth, start, end, kind: kindOf(span), note: noteOf(span) }
        return [row, ...below(span.spanId, depth + 1)]
      })
  return below(undefined, 0)
}

const inTime = (value: number): string =>
  value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${Math.round(value)} ms`

/** A step of the axis that gives about five lines. */
const stepOf = (duration: number): number => {
  const power = 10 ** Math.floor(Math.log10(duration / 4))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => duration / step <= 6) ?? power
}

/** Returns the picture of a trace. */
export const timeline = (title: string, spans: ReadonlyArray<RecordedSpan>): string => {
  const rows = rowsOf(spans)
  const begin = Math.min(...rows.map(({ start }) => start))
  const duration = Math.max(...rows.map(({ end }) => end)) - begin
  const width = nameWidth + chartWidth + labelWidth
  const height = top + rows.length * rowHeight + 14
  const x = (time: number): number =>
    Math.round((nameWidth + ((time - begin) / duration) * chartWidth) * 10) / 10
  const lines: Array<string> = []
  const step = stepOf(duration)
  for (let time = 0; time <= duration; time += step) {
    const at = x(begin + time)
    lines.push(
      `<line class="grid" x1="${at}" x2="${at}" y1="${top - 6}" y2="${height - 10}"/>`,
      `<text class="dim axis" x="${at}" y="${top - 12}" text-anchor="middle">${inTime(time)}</text>`
    )
  }
  rows.forEach(({ depth, end, kind, name, note, start }, index) => {
    const y = top + index * rowHeight
    const left = 14 + depth * indent
    if (depth > 0) lines.push(`<path class="tree" d="M${left - 11} ${y}v14h7"/>`)
    const bar = Math.max(2, Math.round((x(end) - x(start)) * 10) / 10)
    const label = [inTime(end - start), note].filter((part) => part !== "").join(" · ")
    lines.push(
      `<text x="${left}" y="${y + 19}">${name}</text>`,
      `<rect class="${kind}" x="${x(start)}" y="${y + 7}" width="${bar}" height="15" rx="2"/>`,
      `<text class="dim label" x="${Math.round((x(end) + 7) * 10) / 10}" y="${y + 19}">${label}</text>`
    )
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">
<title>${title}</title>
<style>${style}</style>
<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>
<text class="title" x="14" y="${top - 14}">${title}</text>
${lines.join("\n")}
</svg>
`
}
