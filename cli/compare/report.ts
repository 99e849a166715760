/**
 * The result of a comparison as text.
 */
import type { Comparison, FoundDifference } from "./compare.js"

const describe = ({ kind, recorded, sandbox }: FoundDifference): string => {
  switch (kind) {
    case "unknown-field":
      return "the sandbox does not have this field"
    case "missing-field":
      return "the recording does not have this field, which the sandbox always has"
    case "unknown-value":
      return `the sandbox does not know the value ${recorded}; it knows ${sandbox}`
    case "operation":
      return "the sandbox does not have this operation"
    default:
      return `recorded ${recorded}, sandbox ${sandbox}`
  }
}

const times = (count: number): string => (count === 1 ? "" : `, ${count} times`)

/** The lines of a comparison: the differences by operation, what was not replayed, and the totals. */
export const reportText = ({ compared, differences, skipped }: Comparison): string => {
  const lines: Array<string> = []
  let operation: string | undefined
  for (const difference of differences) {
    if (difference.operation !== operation) {
      operation = difference.operation
      lines.push(operation)
    }
    const { count, file, path } = difference
    lines.push(`  ${path}: ${describe(difference)} (${file}${times(count)})`)
  }
  if (skipped.length > 0) {
    lines.push("Not replayed:")
    for (const { file, reason } of skipped) lines.push(`  ${file}: ${reason}`)
  }
  const found = differences.length === 1 ? "1 difference" : `${differences.length} differences`
  lines.push(`${compared} exchanges compared, ${skipped.length} not replayed, ${found}`)
  return lines.join("\n")
}
