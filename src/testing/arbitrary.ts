/**
 * Arbitrary values of responses.
 */
import * as BigDecimal from "effect/BigDecimal"
import { type ArbitraryOf, arbitraryOf } from "../internal/dialect/arbitrary.js"
import { type Codec, decoder, encoder } from "../internal/dialect/schema.js"
import type { ResponseKind } from "../internal/operation/flags.js"
import { isRecord } from "../internal/values/json.js"
import { type DataOf, type OperationName, operationNamed } from "./operations.js"

/** Operations whose responses have no schema. */
const withoutSchema: ReadonlySet<ResponseKind> = new Set(["bytes", "events"])

/**
 * Generates responses of an operation from its schema: what the method of the operation returns, for a list the items of a
 * page. With Effect 3 it is an arbitrary of `fast-check`, and with Effect 4 an `Arbitrary` of Effect.
 *
 * Throws an `Error` for a download and for events, whose responses have no schema.
 *
 * @example
 * import * as Testing from "effect-sendmux/Testing"
 *
 * export const domains = Testing.arbitrary("management.domains.get")
 *
 * @since 0.2.0
 * @category arbitrary values
 */
export const arbitrary = <const Name extends OperationName>(name: Name): ArbitraryOf<DataOf<Name>> => {
  const operation = operationNamed(name)
  if (operation?.data === undefined || withoutSchema.has(operation.response)) {
    throw new Error(`The response of ${name} has no schema`)
  }
  // The schema of the operation decodes to its data.
  return arbitraryDataOf(operation.data as Codec<DataOf<Name>>)
}

/**
 * Generates values that a server can send. A value is encoded and decoded once, so that it is as a server would send it.
 *
 * @internal
 */
export const arbitraryDataOf = <A>(schema: Codec<A>): ArbitraryOf<A> => {
  const encode = encoder(schema)
  const decode = decoder(schema)
  return arbitraryOf(schema, (value) => {
    const wire = encode(withPlainNumbers(value))
    const read = wire.ok ? decode(JSON.parse(JSON.stringify(wire.value) ?? "null")) : wire
    return read.ok ? read.value : undefined
  })
}

/**
 * Replaces the numbers of a value by numbers as the API has them: counts and sizes are whole and not negative, and decimals
 * have at most six places. A generated number can be anything, such as an infinite one.
 */
const withPlainNumbers = (value: unknown): unknown => {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && value >= 0 ? value + 0 : Math.trunc(Math.abs(value) % 1e9) || 0
  }
  if (BigDecimal.isBigDecimal(value)) {
    return BigDecimal.make(value.value % 1_000_000_000_000n, Math.abs(value.scale % 7))
  }
  if (Array.isArray(value)) return value.map(withPlainNumbers)
  const isPlain = isRecord(value) && Object.getPrototypeOf(value) === Object.prototype
  return isPlain
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withPlainNumbers(inner)]))
    : value
}
