/** Makes valid and invalid inputs for a shape, from the smallest to the largest. */
import { alone, companions, samples as good, type Rule } from "./intended.js"
import { generator, largest, likelyText, sample, smallest, textOfLength } from "./samples.js"
import { fits, isObject, type ObjectShape, type Shape } from "./shapes.js"

export interface Variant {
  readonly title: string
  readonly address: string
  readonly rule: Rule
  readonly value: unknown
  readonly valid: boolean
}

/** An input completed with the fields that a value requires, without those that it excludes. */
export const along = (address: string, value: unknown, input: object): Readonly<Record<string, unknown>> =>
  companions
    .filter((rule) => rule.at === address && (rule.value === undefined || holds(value, rule.value)))
    .reduce<Readonly<Record<string, unknown>>>(
      (whole, rule) => ({
        ...Object.fromEntries(Object.entries(whole).filter(([name]) => !rule.without?.includes(name))),
        ...rule.with
      }),
      { ...input }
    )

/** Whether a value contains the given part. */
const holds = (value: unknown, part: unknown): boolean => {
  if (Array.isArray(part)) {
    return Array.isArray(value) && part.every((item, index) => holds(value[index], item))
  }
  return isObject(part)
    ? isObject(value) && Object.keys(part).every((name) => holds(value[name], part[name]))
    : value === part
}

/** The smallest valid object of a shape, to which tests add one field at a time. */
export const least = (shape: ObjectShape): Readonly<Record<string, unknown>> =>
  along(
    shape.address,
    undefined,
    Object.fromEntries(
      [...shape.fields].flatMap(([name, field]) =>
        field.required ? [[name, likely(field.shape)] as const] : []
      )
    )
  )

const likely = (shape: Shape): unknown => {
  if (shape.kind === "object" && shape.others === undefined) return least(shape)
  if (shape.kind === "choice") {
    const first = shape.members[0]
    return first === undefined ? undefined : likely(first)
  }
  if (shape.kind === "list") {
    return Array.from({ length: Math.max(1, shape.min ?? 0) }, () => likely(shape.item))
  }
  return sample(shape, { ...largest, optional: () => false, oneOf: smallest.oneOf, value: smallest.value })
}

/** Which optional fields and which values a generated object has. */
interface Filling {
  readonly has: () => boolean
  readonly isNull: () => boolean
  readonly pick: <A>(values: ReadonlyArray<A>) => A | undefined
}

const everything: Filling = { has: () => true, isNull: () => false, pick: (values) => values[0] }

const atRandom = (seed: number): Filling => {
  const next = generator(seed)
  return {
    has: () => next() < 0.5,
    isNull: () => next() < 0.2,
    pick: (values) => values[Math.floor(next() * values.length)]
  }
}

const filled = (shape: Shape, filling: Filling): unknown => {
  if (shape.nullable && shape.kind !== "unknown" && filling.isNull()) return null
  switch (shape.kind) {
    case "list":
      return Array.from({ length: Math.max(1, shape.min ?? 0) }, () => filled(shape.item, filling))
    case "choice": {
      const member = filling.pick(shape.members)
      return member === undefined ? undefined : filled(member, filling)
    }
    case "boolean":
      return filling.pick([true, false].filter((value) => fits(shape, value)))
    case "text":
    case "number":
      return shape.values === undefined
        ? likely({ ...shape, nullable: false })
        : filling.pick<unknown>(shape.values)
    case "object":
      return shape.others === undefined ? filledObject(shape, filling) : likely({ ...shape, nullable: false })
    case "unknown":
      return {}
  }
}

const filledObject = (shape: ObjectShape, filling: Filling): object => {
  const chosen = [...shape.fields].filter(
    ([, field]) => field.required || (!alone.has(field.shape.address) && filling.has())
  )
  return chosen.reduce<Readonly<Record<string, unknown>>>(
    (whole, [name, field]) => {
      const value = filled(field.shape, filling)
      return { ...along(field.shape.address, value, whole), [name]: value }
    },
    along(shape.address, undefined, {})
  )
}

const seeds = Array.from({ length: 10 }, (_, index) => (index + 1) * 104_729)

const notThis = "a value of no enumeration"

/** The values to test for a shape, and whether the API allows each. */
export function* variants(shape: Shape): Generator<Variant> {
  const { address } = shape
  const at = (rule: Rule, title: string, value: unknown, valid = fits(shape, value)): Variant => ({
    title,
    address,
    rule,
    value,
    valid
  })
  if (shape.kind === "unknown") return
  yield at("null", "null", null)
  switch (shape.kind) {
    case "text": {
      const { min, max, pattern } = shape
      yield at("type", "a list", [], false)
      if (good[address] !== undefined) return yield at("type", "a good value", good[address])
      if (shape.values !== undefined) {
        for (const value of shape.values) yield at("enum", `the value ${value}`, value)
        return yield at("enum", "an unknown value", notThis)
      }
      yield at("type", "a good value", likelyText(shape))
      if (pattern !== undefined) {
        for (const text of ["A B", "a\r\nb", "ÿ"])
          yield at("pattern", `the text ${JSON.stringify(text)}`, text)
        if (likelyText(shape) !== "a") return
      }
      const ofLength = (length: number) =>
        at("length", `a text of ${length} characters`, textOfLength(shape, length))
      if (min !== undefined) yield ofLength(min)
      if (min !== undefined && min > 0) yield ofLength(min - 1)
      if (max !== undefined) yield ofLength(max)
      if (max !== undefined) yield ofLength(max + 1)
      return
    }
    case "number": {
      const { min, max } = shape
      const number = (value: number) => at("range", `the number ${value}`, value)
      yield at("type", "a list", [], false)
      yield at("type", "NaN", Number.NaN, false)
      for (const value of shape.values ?? []) yield at("enum", `the value ${value}`, value)
      if (shape.values !== undefined) return yield at("enum", "an unknown value", 2)
      yield at("type", "a good value", likely(shape))
      if (shape.whole) yield at("type", "a fraction", (min ?? 0) + 0.5)
      if (min !== undefined) yield number(min)
      if (min !== undefined) yield number(min - 1)
      if (max !== undefined) yield number(max)
      if (max !== undefined) yield number(max + 1)
      return
    }
    case "boolean":
      yield at("type", "true", true)
      yield at("type", "false", false)
      return yield at("type", "a list", [], false)
    case "list": {
      const { min = 0, max } = shape
      const of = (length: number) =>
        at(
          "length",
          `a list of ${length}`,
          Array.from({ length }, () => likely(shape.item))
        )
      yield at("type", "a number", 17, false)
      yield of(Math.max(min, 1))
      if (min > 0) yield of(min - 1)
      if (max !== undefined) yield of(max)
      if (max !== undefined) yield of(max + 1)
      for (const item of variants(shape.item)) yield { ...item, value: [item.value] }
      return
    }
    case "choice": {
      yield at("type", "a number that fits no member", -1.5, false)
      for (const member of shape.members) {
        for (const variant of variants(member)) {
          const valid = fits(shape, variant.value)
          if (valid === variant.valid || !valid) yield { ...variant, valid }
        }
      }
      return
    }
    case "object": {
      yield at("type", "a number", 17, false)
      if (shape.others !== undefined) {
        yield at("type", "no keys", {})
        return yield at("type", "a good value", likely(shape))
      }
      const base = least(shape)
      yield at("presence", "only the required fields", base, true)
      yield at("presence", "every field", filledObject(shape, everything), true)
      for (const seed of seeds) {
        yield at("presence", `random fields ${seed}`, filledObject(shape, atRandom(seed)), true)
      }
      yield at("names", "an unknown field", { ...base, undocumented_field: 1 }, false)
      for (const [name, field] of shape.fields) {
        const { [name]: _, ...rest } = base
        if (field.required) {
          yield {
            title: "absence",
            address: `${address}.${name}`,
            rule: "presence",
            value: rest,
            valid: false
          }
        }
        for (const variant of variants(field.shape)) {
          const others = along(field.shape.address, variant.value, base)
          yield { ...variant, value: { ...others, [name]: variant.value } }
        }
      }
      return
    }
  }
}
