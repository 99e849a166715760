import { Management, Sending } from "effect-sendmux"
import * as Effect from "effect/Effect"

const notify = (email: string, subject: string) =>
  Effect.flatMap(Sending, ({ emails }) =>
    emails.send({
      from: { email: "hello@example.com" },
      to: { email },
      subject,
      html_body: "<p>Hello</p>"
    })
  )

/** A domain that a customer has added. */
export interface Added {
  readonly domainId: string
  readonly email: string
}

/** Waits until the DNS records of the domain are found, for an hour at most, and tells the customer. */
export const announce = ({ domainId, email }: Added) =>
  Effect.gen(function* () {
    const { domains } = yield* Management
    yield* domains.waitUntilVerified(domainId, { timeout: "1 hour" })
    yield* notify(email, "Your domain works")
  })

/** Reminds the customer on the next day. */
export const remindTomorrow = ({ email }: Added) =>
  Effect.delay(notify(email, "Have you published the records?"), "1 day")
