/**
 * Malformed requests of every kind, written to a socket by hand. Each receives an envelope with a status of 400 to 499, and
 * the sandbox serves further requests.
 */
import * as Net from "node:net"
import { describe, expect, it } from "vitest"
import { keys, onSandbox, type Plain } from "./plain.js"

interface Response {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Writes parts to a socket, and reads the first response. The connection ends by itself or after that response. */
const exchange = (url: string, parts: ReadonlyArray<string | Uint8Array>): Promise<Response> =>
  new Promise((resolve, reject) => {
    let received = ""
    const socket = Net.connect(Number(new URL(url).port), "127.0.0.1", () => {
      for (const part of parts) socket.write(part)
    })
    const settle = () => {
      const [head = "", body = ""] = received.split(/\r\n\r\n([\s\S]*)/)
      resolve({ status: Number(head.split(" ")[1]), head: head.toLowerCase(), body })
    }
    socket.setEncoding("utf8")
    socket.on("data", (part) => {
      received += part
      const length = /^content-length: (\d+)/im.exec(received)?.[1]
      const start = received.indexOf("\r\n\r\n")
      if (length !== undefined && start >= 0 && received.length - start - 4 >= Number(length)) {
        socket.destroy()
      }
    })
    socket.on("error", () => undefined)
    socket.on("close", () => (received === "" ? reject(new Error("there was no response")) : settle()))
  })

const send = "POST /sending/api/v1/emails/send HTTP/1.1"
const me = "GET /sending/api/v1/me HTTP/1.1"
const host = "Host: 127.0.0.1"
const authorization = `Authorization: Bearer ${keys.mailbox}`
const json = "Content-Type: application/json"

const lines = (...all: ReadonlyArray<string>): string => `${all.join("\r\n")}\r\n`

/** A request with a body and its length. */
const withBody = (
  body: string | Uint8Array,
  ...headers: ReadonlyArray<string>
): ReadonlyArray<string | Uint8Array> => [
  lines(send, host, authorization, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, ""),
  body
]

type Parts = ReadonlyArray<string | Uint8Array>

const message = JSON.stringify({
  from: { email: "hello@example.com" },
  to: { email: "ada@example.com" },
  subject: "Hi",
  html_body: "<p>Hi</p>"
})

const get = (target: string, ...headers: ReadonlyArray<string>): Parts => [
  lines(`GET ${target} HTTP/1.1`, host, authorization, ...headers, "")
]

const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`

const bodies: Readonly<Record<string, Parts>> = {
  "text that is not JSON": withBody("from=ada", json),
  "JSON that ends early": withBody(message.slice(0, -5), json),
  "JSON with a comma too many": withBody(message.replace("}", ",}"), json),
  "JSON with a comment": withBody(`/* */ ${message}`, json),
  "JSON with a byte order mark in the middle": withBody(message.replace(":", "\ufeff:"), json),
  "two JSON values": withBody(`${message}${message}`, json),
  "a list": withBody("[]", json),
  null: withBody("null", json),
  "a number": withBody("1e400", json),
  "JSON that is nested 100,000 times": withBody(deep, json),
  "an object nested 100,000 times in a field": withBody(`{"from":${deep}}`, json),
  "bytes that are not UTF-8": withBody(Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d), json),
  "UTF-16": withBody(new Uint8Array(Buffer.from(message, "utf16le")), json),
  "overlong UTF-8": withBody(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22), json),
  "a field with the name __proto__": withBody(message.replace("{", '{"__proto__":{"a":1},'), json),
  "a field with the name constructor": withBody(message.replace("{", '{"constructor":1,'), json),
  "a null byte in an address": withBody(message.replace("ada@", "a\\u0000da@"), json),
  "a lone surrogate as a key": withBody(message.replace("{", '{"\\ud800":1,'), json),
  "no body": [lines(send, host, authorization, json, "Content-Length: 0", "")],
  "no content type": withBody(message),
  "the content type text/plain": withBody(message, "Content-Type: text/plain"),
  "a form": withBody("from=ada", "Content-Type: application/x-www-form-urlencoded"),
  "an invalid content type": withBody(message, "Content-Type: ;;;"),
  "gzip without the header": withBody(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0), json),
  "gzip with the header Content-Encoding": withBody(
    Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0),
    json,
    "Content-Encoding: gzip"
  )
}

const framing: Readonly<Record<string, Parts>> = {
  "no HTTP at all": ["\u0016\u0003\u0001 hello\r\n\r\n"],
  "a request line without a target": [lines("GET", host, "")],
  "a version of HTTP that does not exist": [lines("GET / HTTP/9.9", host, "")],
  "an unknown method": [lines("BREW /sending/api/v1/me HTTP/1.1", host, "")],
  "a method in lower case": [lines("get /sending/api/v1/me HTTP/1.1", host, "")],
  "a known method that no operation has": [lines("PROPFIND /sending/api/v1/me HTTP/1.1", host, "")],
  CONNECT: [lines("CONNECT example.com:443 HTTP/1.1", host, "")],
  "a space in the target": [lines("GET /sending/api v1/me HTTP/1.1", host, "")],
  "a control character in the target": [lines("GET /sending/\u0001 HTTP/1.1", host, "")],
  "a header without a colon": [lines(me, host, "Authorization", "")],
  "a header with a space before its colon": [lines(me, host, "X-Thing : 1", "")],
  "a header that is folded over two lines": [lines(me, host, "X-Thing: a", " b", "")],
  "a header name with a control character": [lines(me, host, "X\u0001: 1", "")],
  "a header value with a null byte": [lines(me, host, "X-Thing: a\u0000b", "")],
  "line ends without a carriage return": [`${me}\n${host}\n\n`],
  "a header of 100 KB": [lines(me, host, authorization, `X-Thing: ${"x".repeat(100_000)}`, "")],
  "10,000 headers": [
    lines(me, host, authorization, ...Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1`), "")
  ],
  "a target of 100 KB": [lines(`GET /${"x".repeat(100_000)} HTTP/1.1`, host, "")],
  "two different lengths": [lines(send, host, json, "Content-Length: 5", "Content-Length: 6", ""), "{}"],
  "a length that is no number": [lines(send, host, json, "Content-Length: five", ""), "{}"],
  "a negative length": [lines(send, host, json, "Content-Length: -1", ""), "{}"],
  "a length beyond every number": [lines(send, host, json, `Content-Length: ${"9".repeat(40)}`, ""), "{}"],
  "a length and chunks": [
    lines(send, host, json, "Content-Length: 5", "Transfer-Encoding: chunked", ""),
    "0\r\n\r\n"
  ],
  "an unknown transfer coding": [lines(send, host, authorization, json, "Transfer-Encoding: rot13", ""), "x"],
  "a chunk whose size is no number": [
    lines(send, host, authorization, json, "Transfer-Encoding: chunked", ""),
    "xyz\r\n{}\r\n0\r\n\r\n"
  ],
  "a chunk whose size is too large": [
    lines(send, host, authorization, json, "Transfer-Encoding: chunked", ""),
    `${"f".repeat(20)}\r\n{}\r\n`
  ],
  "a chunk that is longer than its size": [
    lines(send, host, authorization, json, "Transfer-Encoding: chunked", ""),
    "1\r\n{}{}{}\r\n0\r\n\r\n"
  ],
  "chunk extensions of 100 KB": [
    lines(send, host, authorization, json, "Transfer-Encoding: chunked", ""),
    `2;${"x".repeat(100_000)}\r\n{}\r\n0\r\n\r\n`
  ],
  "an expectation that is not supported": [
    lines(send, host, authorization, json, "Expect: the-unexpected", "Content-Length: 2", ""),
    "{}"
  ],
  "no host": [lines(me, authorization, "")],
  "two hosts": [lines(me, "Host: 127.0.0.1", "Host: evil.test", authorization, "")]
}

const parameters: Readonly<Record<string, Parts>> = {
  "a percent sign alone in the path": get("/app/api/v1/domains/%"),
  "a percent-encoding that is no number": get("/app/api/v1/domains/%zz"),
  "a percent-encoding that is not UTF-8": get("/app/api/v1/domains/%ff%fe"),
  "an encoded null byte in the path": get("/app/api/v1/mailbox/messages/%00"),
  "an encoded slash in the path": get("/app/api/v1/mailbox/messages/..%2f..%2fme"),
  "dots in the path": get("/sending/api/v1/../../../../etc/passwd"),
  "an id of 10 KB": get(`/app/api/v1/mailbox/messages/${"x".repeat(10_000)}`),
  "a path that no operation has": get("/sending/api/v1/nothing"),
  "a path outside the API": get("/etc/passwd"),
  "a path that begins with two slashes": get("//evil.test/"),
  "a parameter with a bad percent-encoding": get("/app/api/v1/mailbox/messages?limit=%zz"),
  "a parameter that is repeated": get("/app/api/v1/mailbox/messages?limit=1&limit=2"),
  "an unknown parameter": get("/app/api/v1/mailbox/messages?color=red"),
  "a parameter with the name __proto__": get("/app/api/v1/mailbox/messages?__proto__=1"),
  "a parameter without a value": get("/app/api/v1/mailbox/messages?limit"),
  "a key in the query instead of a header": [
    lines(`GET /sending/api/v1/me?api_key=${keys.mailbox} HTTP/1.1`, host, "")
  ],
  "two keys, of which the first is unknown": [
    lines(me, host, "Authorization: Bearer unknown", authorization, "")
  ],
  "a key of another scheme": [lines(me, host, `Authorization: Basic ${keys.mailbox}`, "")],
  "an empty key": [lines(me, host, "Authorization: Bearer ", "")],
  "a key with a line of text after it": [lines(me, host, `${authorization} and more`, "")],
  "an Idempotency-Key of 256 characters": withBody(message, json, `Idempotency-Key: ${"x".repeat(256)}`),
  "an upload without a length": [
    lines(
      "POST /sending/api/v1/emails/attachments?filename=a HTTP/1.1",
      host,
      authorization,
      "Transfer-Encoding: chunked",
      ""
    ),
    "0\r\n\r\n"
  ],
  "an invalid range": get("/app/api/v1/mailbox/messages/x/attachments/y", "Range: bytes=z-"),
  "an event id that is not a number with an invalid ping": get(
    "/app/api/v1/mailbox/events?ping=1",
    "Last-Event-ID: \u00e9"
  )
}

const control: Readonly<Record<string, Parts>> = {
  "text that is not JSON to the control": [
    lines("POST /__sandbox/faults HTTP/1.1", host, json, "Content-Length: 1", ""),
    "{"
  ],
  "bytes that are not UTF-8 to the control": [
    lines("POST /__sandbox/inbound HTTP/1.1", host, json, "Content-Length: 2", ""),
    Uint8Array.of(0xff, 0xfe)
  ],
  "an unknown path of the control": [lines("GET /__sandbox/nothing HTTP/1.1", host, "")],
  "a bad percent-encoding to the control": [lines("GET /__sandbox/outbox/%zz HTTP/1.1", host, "")]
}

const expectEnvelope = ({ body, head, status }: Response): void => {
  expect(status, body).toBeGreaterThanOrEqual(400)
  expect(status, body).toBeLessThan(500)
  expect(head).toContain("content-type: application/json")
  const { error, meta, ok } = JSON.parse(body)
  expect(ok).toBe(false)
  expect(error).toMatchObject({ code: expect.any(String), message: expect.any(String) })
  expect(error.message).not.toBe("")
  expect(error.retryable).toBe(status === 408)
  expect(head).toContain(`x-request-id: ${meta.request_id}`)
}

const serves = async (api: Plain): Promise<void> => expect((await api.sending("GET /me")).status).toBe(200)

for (const [subject, requests] of Object.entries({ bodies, framing, parameters, control })) {
  describe(`malformed requests: ${subject}`, () => {
    for (const [name, parts] of Object.entries(requests)) {
      it(
        `the served sandbox responds to ${name} with an envelope and a status of 400 to 499`,
        onSandbox(async (api) => {
          expectEnvelope(await exchange(api.url, parts))
          await serves(api)
        })
      )
    }
  })
}
