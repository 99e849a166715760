/**
 * The result of a codec, and codecs that are made at their first use.
 */
import { type Convert, misfit } from "../../values/codecValues.js"
import type { Issue } from "../schemaIssues.js"

export type Coded<A> =
  | { readonly ok: true; readonly value: A }
  | { readonly ok: false; readonly issues: ReadonlyArray<Issue> }

/** A codec that Schema's interpreter runs. It is made at the first use. */
export const interpreting = <A>(make: () => (input: unknown) => Coded<A>): ((input: unknown) => Coded<A>) => {
  let parse: ((input: unknown) => Coded<A>) | undefined
  return (input) => {
    parse ??= make()
    return parse(input)
  }
}

/** A codec that is compiled at its first use, and leaves a value that does not fit to the interpreter. */
export const compiled = <A>(
  compile: () => Convert,
  interpret: (input: unknown) => Coded<A>
): ((input: unknown) => Coded<A>) => {
  let convert: Convert | undefined
  return (input) => {
    convert ??= compile()
    const value = convert(input)
    // The compiler works without types. That it converts as the schema says is tested for every operation.
    return value === misfit ? interpret(input) : { ok: true, value: value as A }
  }
}
