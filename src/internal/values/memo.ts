/**
 * Values that are made at their first use and kept.
 */

/** Makes the value of each key once. */
export const memoized = <A>(make: (key: string) => A): ((key: string) => A) => {
  const made = new Map<string, A>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    made.set(key, value)
    return value
  }
}

/** Makes the value of each object once, and keeps it as long as the object. */
export const memoizedFor = <K extends object, A>(make: (key: K) => A): ((key: K) => A) => {
  const made = new WeakMap<K, A>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    made.set(key, value)
    return value
  }
}

/** Builds a function on its first call. */
export const lazily = <A, B>(make: () => (a: A) => B): ((a: A) => B) => {
  let made: ((a: A) => B) | undefined
  return (a) => {
    made ??= make()
    return made(a)
  }
}
