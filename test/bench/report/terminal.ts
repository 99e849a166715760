/**
 * Tables for a terminal.
 */
import type { SectionResult, Table } from "../sections/section.js"

/** The first column is aligned to the left, the others to the right. */
export const tableText = ({ header, rows, title }: Table): string => {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length))
  )
  const line = (cells: ReadonlyArray<string>) =>
    widths
      .map((width, column) =>
        column === 0 ? (cells[column] ?? "").padEnd(width) : (cells[column] ?? "").padStart(width)
      )
      .join("  ")
      .trimEnd()
  const lines = [line(header), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)]
  const text = lines.map((cells) => `  ${cells}`).join("\n")
  return title === undefined ? text : `  ${title}\n\n${text}`
}

export const sectionText = (title: string, { note, tables }: SectionResult): string =>
  [title, ...tables.map(tableText), ...(note === undefined ? [] : [`  ${note}`])].join("\n\n")
