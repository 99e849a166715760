import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { toHandler } from "effect-sendmux/Webhooks"

const receive = toHandler({ secrets: Redacted.make(process.env["SENDMUX_WEBHOOK_SECRET"] ?? "") }, (event) =>
  Effect.log(event.type)
)

const requestOf = (headers: IncomingHttpHeaders, body: Uint8Array<ArrayBuffer>): Request => {
  const signed = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith("x-sendmux-") && value !== undefined) signed.set(name, String(value))
  }
  return new Request("http://localhost/webhooks/sendmux", { method: "POST", headers: signed, body })
}

// app.post("/webhooks/sendmux", express.raw({ type: "*/*", limit: "1mb" }), express route)
export const expressRoute = async (
  request: IncomingMessage & { readonly body: Uint8Array<ArrayBuffer> },
  response: ServerResponse
) => {
  const answer = await receive(requestOf(request.headers, request.body))
  response.writeHead(answer.status).end(await answer.text())
}

interface FastifyScope {
  readonly addContentTypeParser: (
    type: string,
    options: { readonly parseAs: "buffer" },
    parse: (request: unknown, body: Uint8Array<ArrayBuffer>, done: (error: null, body: unknown) => void) => void
  ) => unknown
  readonly post: (
    path: string,
    handler: (
      request: { readonly headers: IncomingHttpHeaders; readonly body: Uint8Array<ArrayBuffer> },
      reply: { readonly code: (status: number) => { readonly send: (body: string) => unknown } }
    ) => Promise<unknown>
  ) => unknown
}

// fastify.register(fastifyPlugin): the parser holds for this scope only.
export const fastifyPlugin = async (scope: FastifyScope) => {
  scope.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body))
  scope.post("/webhooks/sendmux", async (request, reply) => {
    const answer = await receive(requestOf(request.headers, request.body))
    return reply.code(answer.status).send(await answer.text())
  })
}

export {}
