/**
 * How many bytes the SDK copies for each byte that it sends or receives.
 */
import type { CopiesResult } from "../children/copies.js"
import { runChild } from "../harness/child.js"
import type { Section } from "./section.js"

const perByte = (value: number | undefined): string => (value === undefined ? "" : value.toFixed(2))

export const copies: Section = {
  name: "copies",
  title: "Bytes copied",
  guide: `For each byte of a file of 16 MB: how many bytes the SDK copies between the caller and the HTTP client, and how many
bytes of buffers exist beside the caller's own when the request is sent. A stream is collected before it is uploaded,
because the API requires the length and a retry needs the same bytes.`,
  run: async () => {
    const results = await runChild<ReadonlyArray<CopiesResult>>(
      "test/bench/children/copies.ts",
      null,
      "copies"
    )
    const rows = results.map(({ allocated, copied, label }) => [label, perByte(copied), perByte(allocated)])
    return { tables: [{ header: ["", "copied per byte", "allocated per byte"], rows }], facts: {} }
  }
}
