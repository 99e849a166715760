/**
 * The part of the dialect that derives arbitrary values from schemas.
 */
import * as Arbitrary from "effect/Arbitrary"
import type * as FastCheck from "effect/FastCheck"
import type { Codec } from "./schema.js"

/** Generates values of a type: an arbitrary of `fast-check`. */
export type ArbitraryOf<A> = FastCheck.Arbitrary<A>

const isPresent = <A>(value: A | undefined): value is A => value !== undefined

/**
 * Generates values of the decoded side of a schema. `settle` replaces each generated value, or drops it by returning
 * `undefined`.
 */
export const arbitraryOf = <A>(schema: Codec<A>, settle: (value: A) => A | undefined): ArbitraryOf<A> =>
  Arbitrary.make(schema).map(settle).filter(isPresent)
