import { randomUUID } from "node:crypto"
import { createServer, type Server } from "node:http"
import { Sending } from "effect-sendmux"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Redacted from "effect/Redacted"

/** Where the app sends its mail. */
export interface MailSettings {
  readonly apiKey: Redacted.Redacted
  readonly baseUrl: string
}

const page = (content: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Example</title><body>${content}</body></html>`

const form = `<form method="post" action="/sign-up">
  <label>Email <input name="email" type="email" required></label>
  <button>Sign up</button>
</form>`

/** A web app in which people sign up with their address, and confirm it with the link of a mail. */
export const makeApp = (settings: MailSettings): Server => {
  const runtime = ManagedRuntime.make(Sending.layer(settings).pipe(Layer.provide(FetchHttpClient.layer)))
  const unconfirmed = new Map<string, string>()

  const sendConfirmation = (email: string, origin: string) =>
    Effect.gen(function* () {
      const { emails } = yield* Sending
      const token = randomUUID()
      unconfirmed.set(token, email)
      yield* emails.send(
        {
          from: { email: "hello@example.com" },
          to: { email },
          subject: "Confirm your address",
          html_body: `<p><a href="${origin}/confirm?token=${token}">Confirm your address</a></p>`
        },
        { idempotencyKey: `confirm-${token}` }
      )
    })

  const server = createServer((request, response) => {
    const origin = `http://${request.headers.host}`
    const { pathname, searchParams } = new URL(request.url ?? "/", origin)
    const respond = (status: number, content: string) => {
      response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(page(content))
    }
    const signUp = (body: string) => {
      // The mail is sent in the background, so the page does not wait for it.
      runtime.runFork(sendConfirmation(new URLSearchParams(body).get("email") ?? "", origin))
      respond(200, "<h1>Check your mail</h1>")
    }
    const confirm = () => {
      const token = searchParams.get("token") ?? ""
      const isKnown = unconfirmed.delete(token)
      respond(isKnown ? 200 : 404, isKnown ? "<h1>Welcome</h1>" : "<h1>The link is not valid any more</h1>")
    }
    if (pathname === "/sign-up" && request.method === "POST") {
      let body = ""
      request.setEncoding("utf8")
      request.on("data", (part: string) => {
        body += part
      })
      request.on("end", () => signUp(body))
    } else if (pathname === "/confirm") confirm()
    else respond(200, form)
  })
  server.on("close", () => void runtime.dispose())
  return server
}
