/** The limits of an operation, from its description, its docstring and the docstrings of its fields. */
import type { Field } from "./fields.js"
import type { Method } from "./source.js"

const mebibyte = 1_048_576

const sizeOf = (bytes: number): string =>
  bytes % mebibyte === 0
    ? `${bytes / mebibyte} MiB`
    : bytes % 1_000_000 === 0
      ? `${bytes / 1_000_000} MB`
      : `${bytes.toLocaleString("en")} bytes`

/** A sentence that states a limit. */
const states = /\b(?:at most|at least|up to|maximum|no more than)\b|\b\d[\d,._]* (?:to|or) \d/i

const sentences = (text: string): ReadonlyArray<string> =>
  text
    .replace(/\s+/g, " ")
    .split(/(?<=[.!?])\s+(?=[A-Z`])/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "")

/** The description without the API path, which its first sentence ends with. */
const withoutPath = (text: string): string => text.replace(/:\s+`(?:GET|POST|PUT|PATCH|DELETE) [^`]+`/g, "")

export const limitsOf = (
  { description, operation }: Method,
  fields: ReadonlyArray<Field>
): ReadonlyArray<string> => [
  ...(operation.maxBytes === undefined ? [] : [`The content has at most ${sizeOf(operation.maxBytes)}.`]),
  ...sentences(withoutPath(description)).filter((sentence) => states.test(sentence)),
  ...fields.flatMap(({ name, description: text }) =>
    sentences(text)
      .filter((sentence) => states.test(sentence))
      .map((sentence) => `\`${name}\`: ${sentence}`)
  ),
  ...("paginated" in operation.flags && !fields.some(({ name }) => name === "limit")
    ? ["A page has at most 100 elements."]
    : []),
  ...("idempotencyKey" in operation.flags
    ? ["An idempotency key has 1 to 255 printable ASCII characters, and is valid for 24 hours."]
    : [])
]
