/** What the documents say of answers on the wire, and where a raw answer differs from it. */
import type { Contract, DocumentedOperation } from "../contract/contract.js"
import { isTimestamp, money } from "../contract/intended.js"
import { isObject, type Shape } from "../contract/shapes.js"

/** An answer as it went over the wire. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

// -----------------------------------------------------------------------------
// shapes
// -----------------------------------------------------------------------------

/** Objects that say more than their document lists. */
const open = new Set(["WebhookDeliveryPayload.payload", "sendingGetOpenApiSpec.answer"])

/** Fields that newer servers leave out where the shape is used; see the rows of `providers.list`. */
export interface Rules {
  readonly leftOut?: ReadonlySet<string>
}

/** Where a value differs from a shape: no field may be missing, unknown, or of another type. */
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
      return typeof value === "string" ? textFaults(shape, value).flatMap(wrong) : wrong(`is ${typeof value}`)
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
        : wrong("is no list")
    case "object": {
      if (!isObject(value)) return wrong("is no object")
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

const textFaults = (shape: Extract<Shape, { kind: "text" }>, value: string): ReadonlyArray<string> => {
  const shown = JSON.stringify(value.slice(0, 60))
  const faults: Array<string> = []
  if (shape.values !== undefined && !shape.values.includes(value)) faults.push(`is ${shown}, not listed`)
  if (shape.min !== undefined && value.length < shape.min) faults.push(`is shorter than ${shape.min}`)
  if (shape.max !== undefined && value.length > shape.max) faults.push(`is longer than ${shape.max}`)
  if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(value)) faults.push(`is ${shown}`)
  if (isTimestamp(shape.address, shape.format) && !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) {
    faults.push(`is ${shown}, no instant`)
  }
  if (money.has(shape.address) && shape.pattern === undefined && !/^-?\d+\.\d{6}$/.test(value))
    faults.push(`is ${shown}, no amount`)
  if (shape.format === "uri" && !URL.canParse(value)) faults.push(`is ${shown}, no URI`)
  return faults
}

// -----------------------------------------------------------------------------
// answers
// -----------------------------------------------------------------------------

/** What the `meta` of a list holds beside the request id. */
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

/** What is wrong with the answer to a call that succeeded. */
export const successProblems = (document: DocumentedOperation, answer: RawAnswer): ReadonlyArray<string> => {
  const { headers, status } = answer
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
  if (document.authenticated) problems.push(...rateProblems(answer))
  check(/^(\/\w+)?\/api\/v1\//.test(headers["location"] ?? "/api/v1/"), `lies at ${headers["location"]}`)

  const type = headers["content-type"] ?? ""
  switch (document.response) {
    case "envelope":
    case "document": {
      check(type.startsWith("application/json"), `is ${type}`)
      const body = parsed(answer.body)
      if (document.response === "envelope") {
        check(requestIdOf(body) === headers["x-request-id"], "has two request ids")
        problems.push(...envelopeProblems(document, body))
      } else if (document.data !== undefined && document.name !== "sending.meta.getOpenApiSpec") {
        problems.push(...differences(document.data, body, "body"))
      }
      break
    }
    case "text":
      check(type.startsWith("text/plain") && answer.body !== "", `is ${type}`)
      break
    case "events":
      check(type.startsWith("text/event-stream"), `is ${type}`)
      problems.push(...eventProblems(document, answer.body))
      break
    case "bytes":
      check(type !== "" && !type.startsWith("application/json"), `is ${type}`)
  }
  return problems
}

const rateProblems = ({ headers }: RawAnswer): ReadonlyArray<string> =>
  ["limit", "remaining", "reset"]
    .map((name) => `x-ratelimit-${name}`)
    .filter((name) => !/^\d+$/.test(headers[name] ?? ""))
    .map((name) => `has no ${name}`)

const envelopeProblems = (document: DocumentedOperation, body: unknown): ReadonlyArray<string> => {
  if (!isObject(body)) return ["is no envelope"]
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

/** What is wrong with the events of a stream. */
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
      ...(named ? [] : ["names an event otherwise than its data does"]),
      ...(document.data === undefined ? [] : differences(document.data, data, "event"))
    ]
  })

/** Codes with their status and whether they may be tried again. */
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

/** What is wrong with the answer to a call that failed; it is to have one of these codes. */
export const errorProblems = (
  { errors }: Contract,
  host: "sending" | "app",
  answer: RawAnswer,
  ...expected: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const body = parsed(answer.body)
  const error = isObject(body) && isObject(body["error"]) ? body["error"] : undefined
  if (error === undefined) return [`is ${answer.status}, and no error: ${expected.join(" or ")}`]
  const problems = [...differences(errors[host], body, "body")]
  const code = String(error["code"])
  if (!expected.includes(code)) problems.push(`is ${answer.status} ${code}, and not ${expected.join(" or ")}`)
  const [status, retryable] = codes[code] ?? []
  if (status !== answer.status) problems.push(`is ${answer.status} ${code}`)
  if (retryable !== error["retryable"]) problems.push(`${code} is retryable: ${String(error["retryable"])}`)
  if (requestIdOf(body) !== answer.headers["x-request-id"]) problems.push("has two request ids")
  if ("errors" in error && answer.status !== 400 && answer.status !== 422) problems.push("has errors")
  if (!answer.headers["content-type"]?.startsWith("application/json")) problems.push("is no JSON")
  if (answer.status === 429 && !/^[1-9]\d*$/.test(answer.headers["retry-after"] ?? "")) {
    problems.push("has no retry-after")
  }
  if (answer.status !== 401 && answer.status !== 403) problems.push(...rateProblems(answer))
  return problems
}
