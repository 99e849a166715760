/**
 * The smallest program that uses the SDK: it sends one message. Its start is the cold start of a runtime.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Sending } from "effect-sendmux/Sending"

/** Sends a message, and returns the time of the response in milliseconds since 1970. */
export const run = ({ origin }: { readonly origin: string }): Promise<number> =>
  Effect.flatMap(Sending, ({ emails }) =>
    emails.send({
      from: { email: "hello@example.com" },
      to: { email: "ada@example.org" },
      subject: "Hello",
      html_body: "<p>Hello</p>"
    })
  ).pipe(
    Effect.map(() => Date.now()),
    Effect.provide(
      Sending.layer({
        apiKey: Redacted.make("smx_mbx_sandbox"),
        baseUrl: `${origin}/sending/api/v1`
      }).pipe(Layer.provide(FetchHttpClient.layer))
    ),
    Effect.runPromise
  )
