/** Compares raw responses with the contract of the API. Each problem continues a sentence about the response. */
import type { Contract, DocumentedOperation } from "../contract/contract.js"
import { isTimestamp, money } from "../contract/intended.js"
import { isObject, type Shape } from "../contract/shapes.js"

/** A response as it was sent over the wire. */
export interface RawResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

// -----------------------------------------------------------------------------
// shapes
// -----------------------------------------------------------------------------

/** Objects that may have more fields than the contract lists. */
const open = new Set(["WebhookDeliveryPayload.payload", "sendingGetOpenApiSpec.answer"])

/** Addresses of fields that must be absent, although the shape has them; see the items of `providers.list`. */
export interface Rules {
  readonly leftOut?: ReadonlySet<string>
}

/** Returns where a value differs from a shape: fields that are missing, unknown or of another type. */
export const differences = (
  shape: Shape,
  value: unknown,
  path: string,
  rules: Rules = {}
): ReadonlyArray<string> => {
  const wrong = (what: string) => [`${path} (${shape.address}): ${what}`]
  if (value === null) return shape.nullable ? [] : wrong("is null")
  switch (shape.kind) {
    case "text":
      return typeof value === "string"
        ? textProblems(shape, value).flatMap(wrong)
        : wrong(`is ${typeof value}`)
    case "number": {
      const good =
        typeof value === "number" &&
        (!shape.whole || Number.isInteger(value)) &&
        (shape.values === undefined || shape.values.includes(value)) &&
        (shape.min === undefined || value >= shape.min) &&
        (shape.max === undefined || value <= shape.max)
      return good ? [] : wrong(`is ${String(value)}`)
    }
    case "boolean":
      return typeof value === "boolean" && (shape.values === undefined || shape.values.includes(value))
        ? []
        : wrong(`is ${String(value)}`)
    case "list":
      return Array.isArray(value)
        ? value.flatMap((item, index) => differences(shape.item, item, `${path}[${index}]`, rules))
        : wrong("is not a list")
    case "object": {
      if (!isObject(value)) return wrong("is not an object")
      const known = [...shape.fields].flatMap(([name, { newer, required, shape: field }]) => {
        const leftOut = rules.leftOut?.has(`${shape.address}.${name}`) === true
        if (name in value) {
          return leftOut ? wrong(`has ${name}`) : differences(field, value[name], `${path}.${name}`, rules)
        }
        return (required || newer) && !leftOut ? wrong(`lacks ${name}`) : []
      })
      const { others } = shape
      const further = Object.keys(value).filter((name) => !shape.fields.has(name))
      return [
        ...known,
        ...further.flatMap((name) =>
          others !== undefined
            ? differences(others, value[name], `${path}.${name}`, rules)
            : open.has(shape.address)
              ? []
              : wrong(`has the unknown field ${name}`)
        )
      ]
    }
    case "choice": {
      const attempts = shape.members.map((member) => differences(member, value, path, rules))
      return attempts.reduce((best, problems) => (problems.length < best.length ? problems : best))
    }
    case "unknown":
      return []
  }
}

const textProblems = (shape: Extract<Shape, { kind: "text" }>, value: string): ReadonlyArray<string> => {
  const shown = JSON.stringify(value.slice(0, 60))
  const problems: Array<string> = []
  if (shape.values !== undefined && !shape.values.includes(value))
    problems.push(`is ${shown}, which is not listed`)
  if (shape.min !== undefined && value.length < shape.min) problems.push(`is shorter than ${shape.min}`)
  if (shape.max !== undefined && value.length > shape.max) problems.push(`is longer than ${shape.max}`)
  if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(value)) problems.push(`is ${shown}`)
  if (isTimestamp(shape.address, shape.format) && !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) {
    problems.push(`is ${shown}, which is not an instant`)
  }
  if (money.has(shape.address) && shape.pattern === undefined && !/^-?\d+\.\d{6}$/.test(value))
    problems.push(`is ${shown}, which is not an amount`)
  if (shape.format === "uri" && !URL.canParse(value)) problems.push(`is ${shown}, which is not a URI`)
  return problems
}

// -----------------------------------------------------------------------------
// responses
// -----------------------------------------------------------------------------

/** The fields of the `meta` of a list in addition to the request id. */
const metas: Readonly<Record<string, ReadonlyArray<string>>> = {
  "mailbox.threads.list": ["query_state"],
  "mailbox.quotas.list": ["query_state"],
  "mailbox.submissions.list": ["query_state"],
  "mailbox.messages.list": ["sync_state"],
  "mailbox.identities.list": ["identity_state"],
  "mailbox.threads.listMessages": ["thread_id", "sync_state"]
}

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const requestIdOf = (body: unknown): unknown =>
  isObject(body) && isObject(body["meta"]) ? body["meta"]["request_id"] : undefined

/** Returns the problems of the response to a successful call. */
export const successProblems = (
  document: DocumentedOperation,
  response: RawResponse
): ReadonlyArray<string> => {
  const { headers, status } = response
  const problems: Array<string> = []
  const check = (good: boolean, what: string) => {
    if (!good) problems.push(what)
  }
  check(
    document.success.includes(status) || (status === 206 && document.response === "bytes"),
    `is ${status}`
  )
  for (const header of document.responses.get(status) ?? []) {
    check(headers[header] !== undefined, `has no ${header}`)
  }
  check(/^req_\w+$/.test(headers["x-request-id"] ?? ""), "has no x-request-id")
  check(!document.notModified || /^(W\/)?"[^"]+"$/.test(headers["etag"] ?? ""), "has no ETag")
  if (document.authenticated) problems.push(...rateProblems(response))
  check(
    /^(\/\w+)?\/api\/v1\//.test(headers["location"] ?? "/api/v1/"),
    `has the location ${headers["location"]}`
  )

  const type = headers["content-type"] ?? ""
  switch (document.response) {
    case "envelope":
    case "document": {
      check(type.startsWith("application/json"), `is ${type}`)
      const body = parsed(response.body)
      if (document.response === "envelope") {
        check(
          requestIdOf(body) === headers["x-request-id"],
          "has a request id in its body that differs from its header"
        )
        problems.push(...envelopeProblems(document, body))
      } else if (document.data !== undefined && document.name !== "sending.meta.getOpenApiSpec") {
        problems.push(...differences(document.data, body, "body"))
      }
      break
    }
    case "text":
      check(type.startsWith("text/plain") && response.body !== "", `is ${type}`)
      break
    case "events":
      check(type.startsWith("text/event-stream"), `is ${type}`)
      problems.push(...eventProblems(document, response.body))
      break
    case "bytes":
      check(type !== "" && !type.startsWith("application/json"), `is ${type}`)
  }
  return problems
}

const rateProblems = ({ headers }: RawResponse): ReadonlyArray<string> =>
  ["limit", "remaining", "reset"]
    .map((name) => `x-ratelimit-${name}`)
    .filter((name) => !/^\d+$/.test(headers[name] ?? ""))
    .map((name) => `has no ${name}`)

const envelopeProblems = (document: DocumentedOperation, body: unknown): ReadonlyArray<string> => {
  if (!isObject(body)) return ["is not an envelope"]
  const { data, meta, ok, pagination, ...others } = body
  const problems = Object.keys(others).map((name) => `the envelope has ${name}`)
  if (ok !== true) problems.push("is not ok")
  const leftOut = new Set(document.name === "management.providers.list" ? ["ProviderItem.variables"] : [])
  if (document.data !== undefined) problems.push(...differences(document.data, data, "data", { leftOut }))
  const isPage = isObject(pagination)
  if (isPage !== document.paginated) problems.push(`has ${isPage ? "a" : "no"} pagination`)
  if (isPage) {
    const { has_more, next_cursor, ...rest } = pagination
    const fits = has_more === true ? typeof next_cursor === "string" : !("next_cursor" in pagination)
    if (typeof has_more !== "boolean" || !fits || Object.keys(rest).length > 0) {
      problems.push(`has the pagination ${JSON.stringify(pagination)}`)
    }
  }
  if (!isObject(meta)) return [...problems, "has no meta"]
  if (document.meta !== undefined) return [...problems, ...differences(document.meta, meta, "meta")]
  const expected = ["request_id", ...(metas[document.name] ?? [])]
  const found = Object.keys(meta)
  if ([...expected].sort().join() !== [...found].sort().join()) problems.push(`its meta has ${found.join()}`)
  return problems
}

/** Returns the problems of the events in the body of a stream. */
const eventProblems = (document: DocumentedOperation, body: string): ReadonlyArray<string> =>
  body.split("\n\n").flatMap((frame) => {
    const fields = new Map(
      frame
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith(":"))
        .map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)] as const)
    )
    if (fields.size === 0) return []
    const keys = [...fields.keys()].sort().join()
    if (keys !== "data,event,id") return [`has a frame of ${keys}`]
    const data = parsed(fields.get("data") ?? "")
    const named = isObject(data) && data["event_type"] === fields.get("event")
    return [
      ...(named ? [] : ["has an event name that differs from its data"]),
      ...(document.data === undefined ? [] : differences(document.data, data, "event"))
    ]
  })

/** The status of each code, and whether it is retryable. */
const codes: Readonly<Record<string, readonly [status: number, retryable: boolean]>> = {
  invalid_parameter: [400, false],
  missing_parameter: [400, false],
  authentication_required: [401, false],
  insufficient_credits: [402, false],
  insufficient_permissions: [403, false],
  billing_restricted: [403, false],
  not_found: [404, false],
  conflict: [409, false],
  limit_exceeded: [409, false],
  idempotency_conflict: [409, false],
  payload_too_large: [413, false],
  validation_error: [422, false],
  rate_limit_exceeded: [429, true],
  internal_error: [500, true],
  service_unavailable: [503, true],
  no_active_providers: [503, true]
}

/** Returns the problems of the response to a failed call, which must have one of the expected codes. */
export const errorProblems = (
  { errors }: Contract,
  host: "sending" | "app",
  response: RawResponse,
  ...expected: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const body = parsed(response.body)
  const error = isObject(body) && isObject(body["error"]) ? body["error"] : undefined
  if (error === undefined)
    return [`is ${response.status} without an error, expected ${expected.join(" or ")}`]
  const problems = [...differences(errors[host], body, "body")]
  const code = String(error["code"])
  if (!expected.includes(code))
    problems.push(`is ${response.status} ${code}, expected ${expected.join(" or ")}`)
  const [status, retryable] = codes[code] ?? []
  if (status !== response.status) problems.push(`is ${response.status}, which is not the status of ${code}`)
  if (retryable !== error["retryable"]) problems.push(`${code} is retryable: ${String(error["retryable"])}`)
  if (requestIdOf(body) !== response.headers["x-request-id"])
    problems.push("has a request id in its body that differs from its header")
  if ("errors" in error && response.status !== 400 && response.status !== 422)
    problems.push("has field errors")
  if (!response.headers["content-type"]?.startsWith("application/json")) problems.push("is not JSON")
  if (response.status === 429 && !/^[1-9]\d*$/.test(response.headers["retry-after"] ?? "")) {
    problems.push("has no retry-after")
  }
  if (response.status !== 401 && response.status !== 403) problems.push(...rateProblems(response))
  return problems
}
