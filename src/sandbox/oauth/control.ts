/**
 * The part of the control for logins and agents.
 */
import * as Effect from "effect/Effect"
import type { InstanceRef } from "../instance.js"
import { authorize, type Decision } from "./endpoints.js"
import { OAuthFailure } from "./failure.js"

/** Plays the people who log in and who own agents. */
export interface OAuthControl {
  /**
   * Opens the URL of a login as a browser would, and approves it. Succeeds with the URL to which the server sends the browser.
   * Dies with an `Error` if the server would show an error instead, as for an unknown client.
   */
  readonly approve: (url: string) => Effect.Effect<string>
  /** Opens the URL of a login, and denies it. */
  readonly deny: (url: string) => Effect.Effect<string>
  /** Revokes every grant, as their owners can. Succeeds with the number of grants that were valid before. */
  readonly revokeGrants: Effect.Effect<number>
  /** Claims an agent, as its owner. Succeeds with `false` if there is none with this id. */
  readonly claimAgent: (registrationId: string) => Effect.Effect<boolean>
}

export const makeOAuthControl = (sandbox: InstanceRef): OAuthControl => {
  const open = (text: string, decision: Decision) =>
    Effect.suspend(() => {
      const { world } = sandbox.current
      return Effect.map(world.clock.now, (now): string => {
        const url = new URL(text)
        const request = { method: "GET", url, headers: {}, body: new Uint8Array(0) }
        try {
          const { authority } = world
          const { headers } = authorize({ authority, request, issuer: url.origin, now }, decision)
          return headers["location"] ?? ""
        } catch (thrown) {
          if (!(thrown instanceof OAuthFailure)) throw thrown
          throw new Error(`The login cannot be opened: ${thrown.description}`)
        }
      })
    })
  return {
    approve: (url) => open(url, "approve"),
    deny: (url) => open(url, "deny"),
    revokeGrants: Effect.sync(() => sandbox.current.world.authority.revokeGrants()),
    claimAgent: (registrationId) =>
      Effect.sync(() => {
        const agent = sandbox.current.world.authority.agents.get(registrationId)
        if (agent !== undefined) agent.claimed = true
        return agent !== undefined
      })
  }
}
