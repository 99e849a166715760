/**
 * How a client proves to the server who it is.
 */
import * as Redacted from "effect/Redacted"
import { encodeBase64 } from "../internal/dialect/schema.js"
import type { Form } from "./request.js"

/**
 * How the client authenticates at the token endpoint. `none` is for apps that cannot keep a secret.
 *
 * @since 0.2.0
 * @category models
 */
export type ClientAuthentication = "none" | "client_secret_basic" | "client_secret_post"

export interface ClientIdentity {
  readonly clientId: string
  readonly clientSecret: Redacted.Redacted | undefined
  readonly authentication: ClientAuthentication
}

/** The form encoding of a text, as the header needs it (RFC 6749, 2.3.1). */
const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1)

interface Authenticated {
  readonly headers: Readonly<Record<string, string>>
  readonly form: Form
  readonly secrets: ReadonlyArray<string>
}

/** Adds the identity of the client to a form. */
export const authenticated = (
  { authentication, clientId, clientSecret }: ClientIdentity,
  form: Form
): Authenticated => {
  const secret = clientSecret === undefined ? "" : Redacted.value(clientSecret)
  switch (authentication) {
    case "none":
      return { headers: {}, form: { ...form, client_id: clientId }, secrets: [] }
    case "client_secret_post":
      return {
        headers: {},
        form: { ...form, client_id: clientId, client_secret: secret },
        secrets: [secret]
      }
    case "client_secret_basic": {
      const pair = encodeBase64(`${formEncoded(clientId)}:${formEncoded(secret)}`)
      return { headers: { authorization: `Basic ${pair}` }, form, secrets: [secret, pair] }
    }
  }
}
