/** The median of some values. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** A measured value: the median over the rounds, with the lowest and the highest. */
export interface Value {
  readonly median: number
  readonly min: number
  readonly max: number
}

export const valueOf = (values: ReadonlyArray<number>): Value => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values)
})

/** The ratios of two series, each taken inside a round. */
export const ratioOf = (values: ReadonlyArray<number>, to: ReadonlyArray<number>): Value =>
  valueOf(values.map((value, round) => value / (to[round] ?? Number.NaN)))
