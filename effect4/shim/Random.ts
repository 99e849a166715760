import type * as Random from "effect/Random"

export * from "effect/Random"

/** Gives the values one after another, again and again. */
export const fixed = (values: ReadonlyArray<number>): typeof Random.Random.Service => {
  let index = 0
  const next = () => values[index++ % values.length] ?? 0
  return { nextIntUnsafe: next, nextDoubleUnsafe: next }
}
