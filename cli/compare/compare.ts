/**
 * Replays a recording against a sandbox, and collects the differences of the responses.
 */
import { isRecord } from "../../src/internal/values/json.js"
import { revisionPattern } from "../record/names.js"
import type { Exchange, RecordedExchange } from "../record/recording.js"
import { type Difference, differencesOf, isCircumstance, jsonOf } from "./differences.js"
import { Mapping } from "./mapping.js"
import { type SandboxResponse, sendRequest, type Translation, translateRequest } from "./request.js"

/** A difference, and the exchanges that have it. */
export interface FoundDifference extends Difference {
  readonly operation: string
  readonly count: number
  /** The first exchange with the difference. */
  readonly file: string
}

/** An exchange that could not be replayed. */
export interface SkippedExchange {
  readonly file: string
  readonly operation: string
  readonly reason: string
}

export interface Comparison {
  /** The number of exchanges that were replayed. */
  readonly compared: number
  readonly skipped: ReadonlyArray<SkippedExchange>
  readonly differences: ReadonlyArray<FoundDifference>
}

/** How often a response that may still change is read again, and how long the comparison waits before. */
const maxReads = 40
const readMillis = 25

/** Replays exchanges in their order against a sandbox. */
export const compare = async (
  origin: string,
  exchanges: ReadonlyArray<RecordedExchange>
): Promise<Comparison> => {
  const mapping = new Mapping()
  // Operations whose responses did not change when they were read again.
  const final = new Set<string>()
  const settled = async (
    exchange: Exchange,
    translation: Translation,
    operation: string
  ): Promise<SandboxResponse> => {
    const events = exchange.response.body?.kind === "events" ? exchange.response.body.events.length : 0
    const send = () => sendRequest(origin, translation, events)
    let answer = await send()
    if (final.has(operation)) return answer
    for (let reads = 1; mayChange(exchange, answer); reads++) {
      if (reads === maxReads) {
        final.add(operation)
        return answer
      }
      await new Promise((resolve) => setTimeout(resolve, readMillis))
      answer = await send()
    }
    return answer
  }
  const skipped: Array<SkippedExchange> = []
  const found = new Map<string, FoundDifference>()
  const note = (file: string, operation: string, difference: Difference) => {
    const { kind, path, recorded, sandbox } = difference
    const key = JSON.stringify([operation, kind, path, recorded, sandbox])
    const known = found.get(key)
    found.set(key, { operation, ...difference, file: known?.file ?? file, count: (known?.count ?? 0) + 1 })
  }
  const clock = replayClock(origin, exchanges)
  for (const { exchange, file } of exchanges) {
    const { request, response } = exchange
    const operation = exchange.operation ?? `${request.method} ${request.path}`
    const translation = translateRequest(exchange, mapping, await clock(exchange.at))
    const unknown = translation.unknown.find((name) => isNeeded(name, response.status))
    if (unknown !== undefined) {
      const reason = `its request contains ${unknown}, which no earlier response of the sandbox contained`
      skipped.push({ file, operation, reason })
      continue
    }
    if (exchange.operation === null && response.status < 400) {
      note(file, operation, {
        kind: "operation",
        path: "operation",
        recorded: String(response.status),
        sandbox: "there is no such operation"
      })
      continue
    }
    const answer = await settled(exchange, translation, operation)
    if (answer.status < 300 && response.status < 300) learn(mapping, exchange, answer)
    for (const difference of differencesOf(exchange, answer)) note(file, operation, difference)
  }
  const differences = [...found.values()].sort((a, b) => a.operation.localeCompare(b.operation))
  return { compared: exchanges.length - skipped.length, skipped, differences }
}

/**
 * Moves the time of the sandbox on as it went on while the recording was made, and returns the time of the sandbox. What
 * takes time, such as the preparation of a draft, is then as far as it was.
 */
const replayClock = (origin: string, exchanges: ReadonlyArray<RecordedExchange>) => {
  const first = Date.parse(exchanges[0]?.exchange.at ?? "")
  const start = Date.now()
  let advanced = 0
  return async (at: string): Promise<Date> => {
    const now = Date.now() + advanced
    const missing = start + Date.parse(at) - first - now
    if (missing <= 0) return new Date(now)
    const response = await fetch(`${origin}/__sandbox/clock`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ advance_ms: missing })
    })
    if (!response.ok) throw new Error(`the sandbox did not advance its time: ${await response.text()}`)
    advanced += missing
    return new Date(now + missing)
  }
}

/** Failures that do not depend on whether an id is known. */
const independent = new Set([400, 401, 404])

/**
 * Whether the sandbox has to know the counterpart of a name, so that its response can be expected to have the status. A
 * state token or an ETag that it does not know is as wrong as an earlier one.
 */
const isNeeded = (name: string, status: number): boolean =>
  revisionPattern.test(name) ? status < 400 : !independent.has(status)

const learn = (mapping: Mapping, { response }: Exchange, answer: SandboxResponse): void => {
  mapping.learn(response.headers, answer.headers)
  if (response.body?.kind === "json") mapping.learn(response.body.value, jsonOf(answer))
  if (response.body?.kind === "events") mapping.learn(response.body.events, eventsIn(answer))
}

const eventsIn = ({ body }: SandboxResponse): ReadonlyArray<unknown> =>
  body
    .toString()
    .split("\n\n")
    .flatMap((frame) => {
      const id = /^id: (.*)$/m.exec(frame)?.[1]
      return /^data: /m.test(frame) ? [{ id }] : []
    })

/** Whether the sandbox still does what the recorded response shows, such as the delivery of a webhook. */
const mayChange = ({ request, response }: Exchange, answer: SandboxResponse): boolean => {
  if (request.method !== "GET" || isCircumstance(response.status)) return false
  if (response.status === 200 && answer.status === 202) return true
  if (answer.status >= 300 || response.body?.kind !== "json") return false
  return itemsOf(response.body.value) > itemsOf(jsonOf(answer))
}

const itemsOf = (body: unknown): number => {
  const data: unknown = isRecord(body) ? body["data"] : undefined
  return Array.isArray(data) ? data.length : 0
}
