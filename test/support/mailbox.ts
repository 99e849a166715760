import * as HttpClient from "@effect/platform/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Mailbox } from "../../src/Mailbox.js"
import { apiKey } from "./http.js"

/** The Mailbox layer over a mocked client. */
export const mailboxOver = (client: HttpClient.HttpClient, mailbox_id?: string) =>
  Layer.provide(
    Mailbox.layer({ apiKey: Redacted.make(apiKey), mailbox_id }),
    Layer.succeed(HttpClient.HttpClient, client)
  )

/** A page of a list in the envelope of the API. */
export const pageOf = (
  data: ReadonlyArray<unknown>,
  next_cursor?: string,
  meta: Record<string, unknown> = {}
): Response =>
  new Response(
    JSON.stringify({
      ok: true,
      data,
      meta: { request_id: "req_page", ...meta },
      pagination: next_cursor === undefined ? { has_more: false } : { has_more: true, next_cursor }
    }),
    { headers: { "content-type": "application/json", etag: 'W/"page"' } }
  )
