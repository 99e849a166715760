/**
 * A service at which people sign up with their address, and confirm it with the link of a mail.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { createServer } from "node:http"
import { APIError, Sending } from "effect-sendmux"
import * as Credentials from "effect-sendmux/Credentials"
import * as HttpRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

const port = Number(process.env["PORT"] ?? 3000)
const origin = process.env["ORIGIN"] ?? `http://127.0.0.1:${port}`
/** With a secret of your own, links stay valid when the service restarts. */
const secret = process.env["SIGNUP_SECRET"] ?? randomBytes(32)

/** The token of a link proves that the service has sent it to this address, so nothing has to be stored. */
const tokenOf = (email: string) => createHmac("sha256", secret).update(email).digest("base64url")
const isTokenOf = (email: string, token: string) => {
  const [expected, given] = [Buffer.from(tokenOf(email)), Buffer.from(token)]
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/** Sends the link. Under the same idempotency key, the mail is sent once, however often the person or the SDK tries. */
const sendLink = (email: string) =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    const token = tokenOf(email)
    const link = `${origin}/confirm?${new URLSearchParams({ email, token })}`
    yield* emails.send(
      {
        from: { email: "hello@sandbox.test", name: "Example" },
        to: { email },
        subject: "Confirm your address",
        html_body: `<p><a href="${link.replaceAll("&", "&amp;")}">Confirm your address</a></p>`
      },
      { idempotencyKey: `confirm-${token}` }
    )
  })

const text = (status: number, message: string) => HttpServerResponse.text(`${message}\n`, { status })
const invalid = () => Effect.succeed(text(422, "Please enter a valid email address"))

const signUp = Effect.gen(function* () {
  const form = yield* HttpServerRequest.schemaBodyUrlParams(Schema.Struct({ email: Schema.String }))
  yield* sendLink(form.email.trim().toLowerCase())
  return text(202, "Check your mail")
}).pipe(
  Effect.catchTags({ ParseError: invalid, InvalidRequestError: invalid }),
  Effect.catchIf(APIError.is("validation_error"), invalid),
  Effect.catchAll((error) => Effect.as(Effect.logError(error), text(503, "Please try again in a minute")))
)

const confirm = Effect.gen(function* () {
  const Link = Schema.Struct({ email: Schema.String, token: Schema.String })
  const { email, token } = yield* HttpServerRequest.schemaSearchParams(Link)
  if (!isTokenOf(email, token)) return text(404, "This link is not valid")
  yield* Effect.log(`${email} is confirmed`) // Here your database would learn it.
  return text(200, "Welcome")
}).pipe(Effect.catchTag("ParseError", () => Effect.succeed(text(404, "This link is not complete"))))

const routes = Layer.mergeAll(
  HttpRouter.add("POST", "/sign-up", signUp),
  HttpRouter.add("GET", "/confirm", confirm)
)

const sending = Layer.provide(Sending.layerConfig(Credentials.env("sending")), NodeHttpClient.layerUndici)

console.log(`Sign up:  curl -d email=ada@example.org ${origin}/sign-up`)
console.log(`Read the mail:  ${process.env["SENDMUX_SANDBOX_URL"] ?? "in the mailbox"}`)

HttpRouter.serve(routes).pipe(
  Layer.provide([NodeHttpServer.layer(createServer, { port, host: "127.0.0.1" }), sending]),
  Layer.launch,
  NodeRuntime.runMain
)
