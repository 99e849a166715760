/**
 * The additional headers of a message.
 */
import { Checked, RecordOf, Text } from "../schema/schema.js"
import { headerName } from "./headers.js"

/** The header with which the API itself selects delivery groups. */
const reserved = "x-sendmux-delivery-group"

interface CustomHeaderRules {
  /** Whether the API accepts only names that start with `X-`. */
  readonly onlyExtensions: boolean
  /** What a caller uses instead of the reserved header. */
  readonly instead: string
  /** The maximum number of characters of a value. */
  readonly max?: number
}

/** Additional headers in an input. Messages about them quote names, never values. */
export const CustomHeaders = ({ instead, max, onlyExtensions }: CustomHeaderRules) =>
  Checked(RecordOf(Text({ singleLine: true, ...(max === undefined ? {} : { max }) })), (headers) => {
    const names = Object.keys(headers)
    if (names.some((name) => name.trim().toLowerCase() === reserved)) {
      return `must not contain X-Sendmux-Delivery-Group, which is reserved: ${instead}`
    }
    const invalid = names.find((name) => !headerName.test(name))
    if (invalid !== undefined) {
      return `must contain only valid header names, which ${JSON.stringify(invalid)} is not`
    }
    const other = onlyExtensions ? names.find((name) => !/^x-./i.test(name)) : undefined
    return other === undefined
      ? undefined
      : `must contain only headers whose names start with X-, which ${JSON.stringify(other)} does not`
  })
