/**
 * The control of logins and agents over HTTP.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { requestDecoder } from "../../internal/dialect/schema.js"
import { type ControlRoute, failWith, okResponse, readJson } from "../control/dispatch.js"

const readClaim = requestDecoder(Schema.Struct({ registration_id: Schema.String }))

export const oauthRoutes: ReadonlyArray<ControlRoute> = [
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
