/**
 * A section of the benchmark: what it measures, how to read it, and its results as data.
 */
import type { Rounds } from "../harness/rounds.js"
import type { Value } from "../harness/stats.js"

export interface RunOptions {
  /** Few rounds and small numbers, to see that everything works. */
  readonly quick: boolean
  /** The number of rounds, instead of the section's own. */
  readonly rounds: number | undefined
  readonly origin: string
}

export interface Table {
  readonly title?: string | undefined
  readonly header: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

export interface SectionResult {
  readonly tables: ReadonlyArray<Table>
  /** Measured values by name, for the table of goals. */
  readonly facts: Readonly<Record<string, Value>>
  /** One sentence about the run, such as the number of rounds. */
  readonly note?: string | undefined
}

/** The result of a section, and how long it took. */
export interface TimedResult extends SectionResult {
  readonly seconds: number
}

export interface Section {
  /** The name for `--only`. */
  readonly name: string
  readonly title: string
  /** How to read the section, as Markdown. */
  readonly guide: string
  /** Whether a quick run includes the section only when it is named. */
  readonly slow?: boolean | undefined
  readonly run: (options: RunOptions) => Promise<SectionResult>
}

/** The rounds of a section: as many as the user asked for, one in a quick run, or the section's own number. */
export const roundsFor = ({ quick, rounds }: RunOptions, own: number): Rounds => ({
  rounds: rounds ?? (quick ? 1 : own),
  inPairs: quick && rounds === undefined
})
