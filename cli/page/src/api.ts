/**
 * Requests to the control of the sandbox that serves this page.
 */

export const base = "/__sandbox"

/** A failure of the control, or of the connection to it. */
export class ControlError extends Error {
  constructor(
    message: string,
    readonly status: number
  ) {
    super(message)
  }
}

/** The message of a failure in the envelope of the API. */
const messageOf = (body: unknown): string | undefined => {
  if (typeof body !== "object" || body === null) return undefined
  const error: unknown = Reflect.get(body, "error")
  if (typeof error !== "object" || error === null) return undefined
  const message: unknown = Reflect.get(error, "message")
  const errors: unknown = Reflect.get(error, "errors")
  const fields = Array.isArray(errors)
    ? errors.flatMap((problem: unknown) =>
        typeof problem === "object" && problem !== null
          ? [`${String(Reflect.get(problem, "field"))} ${String(Reflect.get(problem, "message"))}`]
          : []
      )
    : []
  return fields.length > 0 ? `${String(message)}: ${fields.join(", ")}` : String(message)
}

const request = async (path: string, init: RequestInit): Promise<Response> => {
  const response = await fetch(base + path, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error
    throw new ControlError("The sandbox does not respond. Is it still running?", 0)
  })
  if (response.ok) return response
  const body: unknown = await response.json().catch(() => undefined)
  throw new ControlError(
    messageOf(body) ?? `The sandbox responded with status ${response.status}`,
    response.status
  )
}

/** Reads JSON. The shapes are those of `src/sandbox/control/inspection/shapes.ts`, which the sandbox is typed by too. */
export const readJson = async <A>(path: string, signal?: AbortSignal): Promise<A> => {
  const response = await request(path, signal === undefined ? {} : { signal })
  return (await response.json()) as A
}

/** A text, and the number of its bytes if only a part of it was read. */
export interface PartOfText {
  readonly text: string
  readonly size: number
  readonly isTruncated: boolean
}

/** The number of bytes of a body or source that is shown. */
export const maxShownBytes = 262_144

export const readText = async (path: string, signal?: AbortSignal): Promise<PartOfText> => {
  const response = await request(`${path}?max_bytes=${maxShownBytes}`, signal === undefined ? {} : { signal })
  const size = Number(response.headers.get("x-sandbox-size") ?? 0)
  return { text: await response.text(), size, isTruncated: size > maxShownBytes }
}

/** Changes something. */
export const send = async (
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body?: unknown
): Promise<Readonly<Record<string, unknown>>> => {
  const response = await request(
    path,
    body === undefined
      ? { method }
      : { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
  )
  return (await response.json()) as Readonly<Record<string, unknown>>
}

/** Delivers the source of a message. */
export const sendSource = async (to: string, source: string): Promise<void> => {
  await request(`/inbound?to=${encodeURIComponent(to)}`, {
    method: "POST",
    headers: { "content-type": "message/rfc822" },
    // A source has CRLF line ends, but a text field has LF.
    body: source.replace(/\r?\n/g, "\r\n")
  })
}

export const query = (parameters: Readonly<Record<string, string | number | undefined>>): string => {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]]
  )
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`
}
