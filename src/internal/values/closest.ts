/**
 * Suggestions for names that were misspelled.
 */

/** The number of insertions, deletions and replacements that turn one text into another. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The name that is most similar to a misspelled one, or `undefined` if none is similar. */
export const closestName = (given: string, names: Iterable<string>): string | undefined => {
  let best: string | undefined
  let least = Math.max(3, Math.floor(given.length / 2)) + 1
  for (const name of names) {
    const edits =
      Math.abs(name.length - given.length) >= least
        ? least
        : distance(given.toLowerCase(), name.toLowerCase())
    if (edits < least) {
      least = edits
      best = name
    }
  }
  return best
}
