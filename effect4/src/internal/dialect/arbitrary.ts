/**
 * The part of the dialect that derives arbitrary values from schemas, for Effect 4.
 */
import * as Arbitrary from "effect/Arbitrary"
import type { Codec } from "./schema.js"

/** Generates values of a type: an `Arbitrary` of Effect. */
export type ArbitraryOf<A> = Arbitrary.Arbitrary<A>

const isPresent = <A>(value: A | undefined): value is A => value !== undefined

/**
 * Generates values of the decoded side of a schema. `settle` replaces each generated value, or drops it by returning
 * `undefined`.
 */
export const arbitraryOf = <A>(schema: Codec<A>, settle: (value: A) => A | undefined): ArbitraryOf<A> =>
  Arbitrary.filter(Arbitrary.map(Arbitrary.schema(schema), settle), isPresent)
