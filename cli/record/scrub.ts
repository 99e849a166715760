/**
 * Writes a request or a response without what a recording must not contain.
 */
import type { OperationFacts } from "../../src/internal/operation/operation.js"
import { isRecord } from "../../src/internal/values/json.js"
import { mask, maskFile, type Names } from "./names.js"
import { inputShape } from "./operations.js"
import { type Place, roleOf } from "./roles.js"
import { type Shape, unknownShape } from "./shape.js"

export interface ScrubOptions {
  readonly names: Names
  /** Whether texts, addresses and files are written as they are. */
  readonly keepContent: boolean
}

/** Names of fields and parameters of the API. Others may have been made by a caller. */
const fieldPattern = /^[A-Za-z][\w-]{0,60}$/

/** Keys of records that are names of headers, and not data. */
const headerNames = new Set(["content-type", "content-length", "x-sendmux-upload-token"])

const scrubText = ({ keepContent, names }: ScrubOptions, place: Place, value: string): string => {
  switch (roleOf(place, value)) {
    case "kept":
      return value
    case "id":
      return value === "" ? value : names.id(value)
    case "revision":
      return value === "" ? value : names.revision(value)
    case "secret":
      return names.secret(value)
    case "url":
      return names.url(value)
    case "address":
      return keepContent ? value : names.address(value)
    case "domain":
      return keepContent ? value : names.domain(value)
    case "file":
      return keepContent ? value : maskFile(value)
    case "digest":
      return keepContent ? value : mask(value)
    case "text":
      if (keepContent) return value
      return place.key === "content" ? maskFile(value) : mask(value)
  }
}

/** A JSON value without what a recording must not contain. */
export const scrubJson = (
  options: ScrubOptions,
  value: unknown,
  shape: Shape,
  key = "",
  parent = ""
): unknown => {
  if (typeof value === "string") return scrubText(options, { key, parent, shape }, value)
  if (Array.isArray(value)) {
    const item = itemShape(shape)
    return value.map((one) => scrubJson(options, one, item, key, parent))
  }
  if (!isRecord(value)) return value
  // An object of any shape is the data of the caller, such as the payload of an event.
  if (shape.kind === "unknown" && key === "payload") return {}
  const fits = objectShape(shape, value)
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const field = fits.kind === "object" ? fits.fields.get(name)?.shape : undefined
      const isData = fits.kind === "record" && !headerNames.has(name.toLowerCase())
      const shownName = isData || !fieldPattern.test(name) ? options.names.key(name) : name
      const oneShape = field ?? (fits.kind === "record" ? fits.value : unknownShape)
      return [shownName, scrubJson(options, one, oneShape, name, key)]
    })
  )
}

/** The shape of the items of a list. */
export const itemShape = (shape: Shape): Shape => {
  if (shape.kind === "list") return shape.item
  if (shape.kind !== "choice") return unknownShape
  return shape.members.map(itemShape).find((item) => item !== unknownShape) ?? unknownShape
}

/** The member of a choice that has most of the fields of an object. */
export const objectShape = (shape: Shape, value: Readonly<Record<string, unknown>>): Shape => {
  if (shape.kind !== "choice") return shape
  let best: Shape = unknownShape
  let most = -1
  for (const member of shape.members) {
    const fits = objectShape(member, value)
    const { length } = fits.kind === "object" ? Object.keys(value).filter((key) => fits.fields.has(key)) : []
    if (length > most && (fits.kind === "object" || fits.kind === "record")) {
      best = fits
      most = length
    }
  }
  return best
}

/** The path of a request below the base URL, with names instead of ids. */
export const scrubPath = (
  { keepContent, names }: ScrubOptions,
  operation: OperationFacts | undefined,
  path: string
): string => {
  const template = operation?.path.split("/") ?? []
  return path
    .split("/")
    .map((segment, index) => {
      const place = template[index]
      if (operation !== undefined && place === segment) return segment
      if (place?.startsWith("{scope}")) return segment
      if (operation === undefined && fieldPattern.test(segment) && !/\d/.test(segment)) return segment
      return segment === "" || (operation === undefined && keepContent)
        ? segment
        : encodeURIComponent(names.id(decoded(segment)))
    })
    .join("/")
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The parameters of a query, as a list of names and values. */
export const scrubQuery = (
  options: ScrubOptions,
  operation: OperationFacts | undefined,
  query: string
): ReadonlyArray<readonly [name: string, value: string]> => {
  const input = inputShape(operation)
  const fields = input.kind === "object" ? input.fields : new Map()
  return [...new URLSearchParams(query)].map(([name, value]) => {
    const shape: Shape = fields.get(name)?.shape ?? unknownShape
    const shown = fieldPattern.test(name) ? name : options.names.key(name)
    return [shown, scrubParameter(options, { key: name, parent: "", shape }, value)]
  })
}

const scrubParameter = (options: ScrubOptions, place: Place, value: string): string => {
  // The id of an event may be a number, of which 0 stands before all events.
  const isNumber = /^\d{1,9}$/.test(value) && (value === "0" || place.key !== "last_event_id")
  if (isNumber || value === "true" || value === "false") return value
  // A list of ids or of types in one parameter.
  return /^[\w.-]+(?:,[\w.-]+)+$/.test(value)
    ? value
        .split(",")
        .map((one) => scrubText(options, place, one))
        .join(",")
    : scrubText(options, place, value)
}
