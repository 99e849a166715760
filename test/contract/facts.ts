/** The committed facts of the contract, from which every contract test runs. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Contract } from "./contract.js"
import { type CommonFacts, type Facts, fromFacts, type SurfaceFacts } from "./factsFormat.js"
import { isObject } from "./shapes.js"

export const factFiles = ["sending", "management", "mailbox", "common"] as const satisfies ReadonlyArray<
  keyof Facts
>

/** The path of a file of facts. */
export const factsPath = (name: keyof Facts): string =>
  fileURLToPath(new URL(`facts/${name}.json`, import.meta.url))

export const readFactsText = (name: keyof Facts): string => readFileSync(factsPath(name), "utf8")

const readSurface = (name: "sending" | "management" | "mailbox"): SurfaceFacts =>
  JSON.parse(readFactsText(name))

const readCommon = (): CommonFacts => JSON.parse(readFactsText("common"))

export const readFacts = (): Contract =>
  fromFacts({
    sending: readSurface("sending"),
    management: readSurface("management"),
    mailbox: readSurface("mailbox"),
    common: readCommon()
  })

const width = 110

/** JSON as Biome formats it: a value stands on one line where it fits. */
export const formatFacts = (facts: unknown): string => `${format(facts, "", 0, 0)}\n`

const format = (value: unknown, indent: string, before: number, after: number): string => {
  const line = inline(value)
  const canBreak = Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0
  if (!canBreak || indent.length + before + line.length + after <= width) return line
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const items = value.map((item, index) => inner + format(item, inner, 0, index < value.length - 1 ? 1 : 0))
    return `[\n${items.join(",\n")}\n${indent}]`
  }
  const entries = Object.entries(Object(value))
  const members = entries.map(([key, member], index) => {
    const name = `${JSON.stringify(key)}: `
    return `${inner}${name}${format(member, inner, name.length, index < entries.length - 1 ? 1 : 0)}`
  })
  return `{\n${members.join(",\n")}\n${indent}}`
}

const inline = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${inline(member)}`)
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`
}
