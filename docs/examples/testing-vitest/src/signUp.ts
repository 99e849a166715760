import { Sending } from "effect-sendmux"
import * as Effect from "effect/Effect"

/** A person who has signed up and has to confirm the address. */
export interface Person {
  readonly email: string
  readonly token: string
}

/** Sends the mail with the link that confirms an address. It is sent once, also if the sign-up is repeated. */
export const sendConfirmation = ({ email, token }: Person) =>
  Effect.gen(function* () {
    const { emails } = yield* Sending
    yield* emails.send(
      {
        from: { email: "hello@example.com", name: "Example" },
        to: { email },
        subject: "Confirm your address",
        html_body: `<p><a href="https://example.com/confirm?token=${token}">Confirm your address</a></p>`
      },
      { idempotencyKey: `confirm-${token}` }
    )
  })

/** Signs a person up. The mail is sent in the background, so that the person does not wait for it. */
export const signUp = (person: Person) =>
  Effect.as(Effect.forkDaemon(sendConfirmation(person)), "Check your mail")
