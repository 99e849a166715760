/** `Stream.runCollect` returns an array in Effect 4, so a chunk is an array here. */
export type Chunk<A> = ReadonlyArray<A>
export const toReadonlyArray = <A>(self: Iterable<A>): ReadonlyArray<A> => Array.from(self)
export const size = <A>(self: Iterable<A>): number => Array.from(self).length
export const isEmpty = <A>(self: Iterable<A>): boolean => size(self) === 0
export const map = <A, B>(self: Iterable<A>, f: (a: A) => B): ReadonlyArray<B> => Array.from(self, f)
export const of = <A>(value: A): ReadonlyArray<A> => [value]
export const make = <A>(...values: ReadonlyArray<A>): ReadonlyArray<A> => values
export const empty = <A = never>(): ReadonlyArray<A> => []
export const join = (self: Iterable<string>, separator: string): string => Array.from(self).join(separator)
