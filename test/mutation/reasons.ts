/**
 * Why a mutant survives.
 */
export const categories = {
  equivalent: {
    title: "No difference in behavior",
    explanation: "The changed code does the same as the original for every input that can occur."
  },
  performance: {
    title: "Difference in speed or memory only",
    explanation: "The changed code gives the same results, but works more or keeps more."
  },
  text: {
    title: "Texts for people",
    explanation: "The change concerns the wording of a description that no program reads."
  },
  unreachable: {
    title: "Code for runtimes that the tests do not run in",
    explanation: "The code guards against a condition that the test environment cannot produce."
  }
} as const

export interface Reason {
  /** The end of the path of the file. */
  readonly file: string
  /** The code that was changed, in one line. */
  readonly code: string
  /** What replaced it. By default, every replacement of the code. */
  readonly replacement?: string
  readonly category: keyof typeof categories
  readonly why: string
}

export const reasons: ReadonlyArray<Reason> = []
