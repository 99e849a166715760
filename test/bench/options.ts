/**
 * The command line of `npm run bench`.
 */
import { parseArgs } from "node:util"
import type { Section } from "./sections/section.js"

export interface Options {
  readonly quick: boolean
  readonly rounds: number | undefined
  readonly sections: ReadonlyArray<Section>
  /** The file to write the page to. */
  readonly write: string | undefined
  /** Whether to write the page from the last complete run instead of running. */
  readonly render: boolean
}

const page = "docs/benchmarks.md"

const roundsOf = (text: string): number => {
  const rounds = Number(text)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds must be an integer of at least 1")
  return rounds
}

const select = (
  sections: ReadonlyArray<Section>,
  only: string | undefined,
  quick: boolean
): ReadonlyArray<Section> => {
  if (only === undefined) return sections.filter(({ slow }) => !(quick && slow === true))
  const names = only.split(",")
  const unknown = names.find((name) => !sections.some((section) => section.name === name))
  if (unknown !== undefined) {
    const known = sections.map(({ name }) => name).join(", ")
    throw new Error(`--only has no section ${unknown}. The sections are: ${known}`)
  }
  return sections.filter(({ name }) => names.includes(name))
}

/** Reads the arguments. Throws an error with a message for the user. */
export const parse = (args: ReadonlyArray<string>, sections: ReadonlyArray<Section>): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      write: { type: "boolean", default: false },
      render: { type: "boolean", default: false },
      output: { type: "string" }
    }
  })
  const { only, output = page, quick, render, rounds, write } = values
  if (write && quick && output === page) throw new Error("--write with --quick needs an --output of its own")
  return {
    quick,
    rounds: rounds === undefined ? undefined : roundsOf(rounds),
    sections: select(sections, only, quick),
    write: write || render ? output : undefined,
    render
  }
}
