/**
 * The control of logins and agents over HTTP.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { requestDecoder } from "../../internal/dialect/schema.js"
import { type ControlRoute, failWith, okResponse, readJson, wrong } from "../control/dispatch.js"
import { openLogin } from "./control.js"
import type { Decision } from "./endpoints.js"

const readLogin = requestDecoder(Schema.Struct({ url: Schema.String }))

const readClaim = requestDecoder(Schema.Struct({ registration_id: Schema.String }))

const decide = (decision: Decision): ControlRoute => ({
  method: "POST",
  pattern: `/oauth/${decision}`,
  handle: ({ request, sandbox }) =>
    Effect.gen(function* () {
      const { url } = yield* readJson(request, readLogin)
      const opened = yield* openLogin(sandbox, url, decision)
      return "problem" in opened
        ? yield* wrong("url", `cannot be opened: ${opened.problem}`)
        : okResponse({ callback: opened.callback })
    })
})

export const oauthRoutes: ReadonlyArray<ControlRoute> = [
  decide("approve"),
  decide("deny"),
  {
    method: "POST",
    pattern: "/oauth/revoke-grants",
    handle: ({ control }) => Effect.map(control.oauth.revokeGrants, (revoked) => okResponse({ revoked }))
  },
  {
    method: "POST",
    pattern: "/oauth/claim-agent",
    handle: ({ control, request }) =>
      Effect.gen(function* () {
        const { registration_id } = yield* readJson(request, readClaim)
        if (yield* control.oauth.claimAgent(registration_id)) return okResponse()
        return yield* failWith("not_found", `There is no agent ${registration_id}`)
      })
  }
]
